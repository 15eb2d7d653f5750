"""Which village and group a roll means, as a region code: 清水村1社, 会东县野租乡清水村, ２组, 第三村民小组."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from core.plain_text import plain_without_spaces


class Place(NamedTuple):
    """Where a line belongs. ``code`` is None for a place that is not in this township; ``group_unknown`` and
    ``unnamed`` say that only the village, or only the township, could be made out."""

    code: str | None
    group_unknown: bool = False
    unnamed: bool = False


class Mention(NamedTuple):
    """A village or a group that a title, a sheet name or a row between the lines names. ``village`` is None for a
    group alone; UNKNOWN stands for a village that this township does not have."""

    village: str | None
    group: str = ""


UNKNOWN = "?"

_OF_VILLAGE = re.compile(r"(?:(?:村村民|村民|居民|村|居)委员会|(?:村|居)委会|行政村|村|社区|社区居委会)+$")
_NUMBER = "[0-9]{1,3}|[零〇一二两三四五六七八九十]{1,3}"
_OF_GROUP = r"村民小组|居民小组|村民组|居民组|生产队|小组|小队|组|社|队"
_GROUP_AT_END = re.compile(rf"(?:第)?({_NUMBER})(?:{_OF_GROUP})?$")
_GROUP_IN_WORDS = re.compile(rf"(?:第)?(?:{_NUMBER})(?:{_OF_GROUP})$")
_GROUP_IN_WORDS_AHEAD = re.compile(rf"(?:第)?(?:{_NUMBER})(?:{_OF_GROUP})")
_NAMED_GROUP = re.compile(rf"[一-鿿]{{1,6}}(?:{_OF_GROUP})")
_TOWNSHIP_SUFFIX = re.compile(r"(?:镇|乡|民族乡|街道|街道办|街道办事处|办事处)(?:人民政府)?$")
_FOREIGN = re.compile(r"[一-鿿]{1,6}?(?:镇|乡|街道)(?=[一-鿿]{1,8}(?:村|社区))")
_COUNTY = re.compile(r"^(?:[一-鿿]{2,6}省)?(?:[一-鿿]{2,10}州)?[一-鿿]{1,5}县")
_VILLAGE_NAME = re.compile(r"[一-鿿]{1,7}(?:村|社区)")
_LISTING = re.compile(r"^[(（]?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[)）.、,，:：]+")
_COUNT_BEHIND = re.compile(r"[(（].{0,20}[)）]$|[:：].*$")
_NAME_IN_TITLE = re.compile(r"([一-鿿]{1,6}?(?:村|社区))(?=[0-9第(（二]|发放|花名册|名册|名单|$)")
_BEFORE_A_NAME = ("县", "镇", "乡", "街道", "年", "年度", "月", "季度", "单位")
_LONGEST_PLACE = 40
# Words of policy that look like names of villages.
_NO_VILLAGES_LISTED = """
农村 乡村 各村 全村 本村 行政村 新农村 离任村 驻村 贫困村 自然村 建制村 脱贫村 示范村 社区 村社区 城市社区
"""
_NO_VILLAGES = frozenset(_NO_VILLAGES_LISTED.split())
_NO_VILLAGES_END = ("农村", "乡村", "各村", "全村", "本村", "行政村", "自然村", "贫困村", "脱贫村")

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"〇": 0, "两": 2}


def _as_number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if any(char not in _DIGITS for char in tens + ones):
        return None
    if ten:
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return _DIGITS[ones] if len(ones) == 1 else None


def group_key(text: str) -> str:
    """What spellings of one group have in common: 1社, １组, 一社, 第一村民小组 and 1 are all "1"."""
    plain = plain_without_spaces(text)
    match = _GROUP_AT_END.fullmatch(plain)
    number = _as_number(match[1]) if match else None
    if number is not None:
        return str(number)
    return re.sub(rf"(?:{_OF_GROUP})$", "", plain) or plain


def _stem(name: str) -> str:
    return _OF_VILLAGE.sub("", name) or name


@dataclass(frozen=True)
class RegionIndex:
    """The villages and groups of one township, by their names in any spelling."""

    township: str
    township_name: str
    names: Mapping[str, str]  # name of a village → code
    stems: Mapping[str, str]  # the name without 村 or 社区, where only one village has it → code
    groups: Mapping[tuple[str, str], str]  # village code and key of the group → code

    @classmethod
    def build(cls, township: str, township_name: str, regions: Iterable[tuple[str, str]]) -> "RegionIndex":
        """From the township's code and name and the ``(code, name)`` of every region below it: villages have codes
        of 12 digits, groups of 15 that begin with their village's."""
        names: dict[str, str] = {}
        stems: dict[str, list[str]] = {}
        groups: dict[tuple[str, str], str] = {}
        for code, name in regions:
            if len(code) == 15:
                groups[code[:12], group_key(name)] = code
            elif code != township:
                plain = plain_without_spaces(name)
                names[plain] = code
                stems.setdefault(_stem(plain), []).append(code)
        sure = {stem: codes[0] for stem, codes in stems.items() if len(codes) == 1}
        return cls(township, plain_without_spaces(township_name), names, sure, groups)

    def resolve(
        self, township: str, village: str, group: str, otherwise: Mention | None = None, address: str = ""
    ) -> Place:
        """The region of a line from what its columns say; each may be empty, and the village a whole address.
        ``otherwise`` is what the rows above, the title or the sheet name say. A village or township that is not ours
        gives a place without code; a line that names nothing belongs to the township."""
        if township and not self._is_ours(township):
            return Place(None)
        mention = self._mention_of_line(village, address, otherwise)
        if mention is None or mention.village == UNKNOWN:
            return Place(None)
        if mention.village is None:
            return Place(self.township, unnamed=True)
        named = group or mention.group
        if not named:
            return Place(mention.village)
        inside = self.mention(named)
        code = self.groups.get((mention.village, group_key(inside.group if inside and inside.group else named)))
        return Place(code or mention.village, group_unknown=code is None)

    def _mention_of_line(self, village: str, address: str, otherwise: Mention | None) -> Mention | None:
        above = otherwise or Mention(None)
        if not village:
            return (self.in_address(address) if address else None) or above
        mention = self.mention(village) or self.in_address(village)
        if mention and mention.village is None:
            return Mention(above.village, mention.group)
        return mention

    def _is_ours(self, township: str) -> bool:
        name = _COUNTY.sub("", plain_without_spaces(township))
        if name.isdigit():
            return self.township.startswith(name.rstrip("0"))
        # Townships have been merged and renamed: 野租乡 and 野租镇 are one.
        return not name or name.startswith(self.township_name) or _TOWNSHIP_SUFFIX.sub("", name) == self._township_stem

    @property
    def _township_stem(self) -> str:
        return _TOWNSHIP_SUFFIX.sub("", self.township_name) or self.township_name

    def mention(self, text: str) -> Mention | None:
        """The village and group that a text consists of, or None if it is something else. The text is a cell, a row
        or a sheet name: 清水村, 清水, 清水村1社, 1社, 一、清水村（52户）, 会东县野租乡清水村二组."""
        plain = _LISTING.sub("", plain_without_spaces(text))
        return self._mention(plain) or self._mention(_COUNT_BEHIND.sub("", plain))

    def _mention(self, plain: str) -> Mention | None:
        if not plain or len(plain) > _LONGEST_PLACE:
            return None
        for rest in self._without_prefixes(plain):
            if found := self._village_and_group(rest):
                return found
        if _GROUP_IN_WORDS.fullmatch(plain):
            return Mention(None, plain)
        own = _COUNTY.sub("", plain).removeprefix(self.township_name)
        foreign = _FOREIGN.match(own)
        name = _VILLAGE_NAME.match(own[foreign.end() :] if foreign else own)
        if name and _may_be_village(name[0]) and (foreign or _is_group(own[name.end() :])):
            return Mention(UNKNOWN)
        return None

    def _without_prefixes(self, plain: str) -> Iterator[str]:
        yield plain
        own = _COUNTY.sub("", plain)
        for prefix in (self.township_name, self._township_stem):
            if own.startswith(prefix) and len(own) > len(prefix):
                yield own[len(prefix) :]

    def _village(self, name: str) -> str | None:
        return self.names.get(name) or self.stems.get(_stem(name))

    def _village_and_group(self, text: str) -> Mention | None:
        if code := self._village(text):
            return Mention(code)
        for pattern in (_GROUP_IN_WORDS, _GROUP_AT_END):
            match = pattern.search(text)
            if match and match.start() and (code := self._village(text[: match.start()])):
                return Mention(code, match[0])
        name = self._longest_name(text)
        if name and _NAMED_GROUP.fullmatch(text[len(name) :]):
            return Mention(self.names[name], text[len(name) :])
        return None

    def _longest_name(self, text: str) -> str | None:
        return max((name for name in self.names if text.startswith(name)), key=len, default=None)

    def in_address(self, text: str) -> Mention | None:
        """The village and group with which an address begins, whatever follows: 会东县野租乡清水村1社12号."""
        plain = plain_without_spaces(text)
        for rest in self._without_prefixes(plain):
            if name := self._longest_name(rest):
                group = _GROUP_IN_WORDS_AHEAD.match(rest[len(name) :])
                return Mention(self.names[name], group[0] if group else "")
        return Mention(UNKNOWN) if _FOREIGN.match(_COUNTY.sub("", plain)) else None

    def in_title(self, text: str) -> Mention | None:
        """The one village that a title speaks of, or None: 会东县鲹鱼河镇石门坎村2020年…花名册. A village that this
        township does not have counts only where it stands right behind the township's name."""
        plain = plain_without_spaces(text)
        if whole := self.mention(plain):
            return whole
        found = {name for name in self.names if self._speaks_of(plain, name)}
        longest = {name for name in found if not any(name != other and name in other for other in found)}
        if len(longest) == 1:
            name = longest.pop()
            group = _GROUP_IN_WORDS_AHEAD.match(plain[plain.index(name) + len(name) :])
            return Mention(self.names[name], group[0] if group else "")
        behind = _NAME_IN_TITLE.match(plain.partition(self.township_name)[2])
        if not longest and behind and _may_be_village(behind[1]):
            return Mention(UNKNOWN)
        return None

    def _speaks_of(self, title: str, name: str) -> bool:
        """Whether a name stands in a title by itself, not as the end of a longer one (大清水村 is not 清水村)."""
        before = title[: title.index(name)] if name in title else None
        if before is None:
            return False
        return not before or not _is_han(before[-1]) or before.endswith((self._township_stem, *_BEFORE_A_NAME))


def _may_be_village(name: str) -> bool:
    return name not in _NO_VILLAGES and not name.endswith(_NO_VILLAGES_END)


def _is_group(rest: str) -> bool:
    return not rest or bool(_GROUP_AT_END.fullmatch(rest)) or bool(_NAMED_GROUP.fullmatch(rest))


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"
