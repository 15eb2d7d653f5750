"""What a line about a region must hold, and what a file of regions changes."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.msgid import N_
from core.plain_text import plain, plain_without_spaces
from core.principal import region_prefix


class Level(StrEnum):
    """县、乡、村、社."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GROUP = "group"


class RegionProblem(StrEnum):
    """What can be wrong with a line about a region, in the order in which the first one is reported."""

    CODE_MISSING = "region_code_missing"
    CODE_UNREADABLE = "region_code_unreadable"
    NAME_MISSING = "region_name_missing"
    LEVEL_UNKNOWN = "region_level_unknown"
    LEVEL_DIFFERS = "region_level_differs"
    PARENT_DIFFERS = "region_parent_differs"
    DUPLICATE = "region_duplicate"
    PARENT_MISSING = "region_parent_missing"


REGION_SENTENCES: Mapping[str, str] = {
    RegionProblem.CODE_MISSING: N_("没有区划代码。请补上 12 位代码（社为 15 位）。"),
    RegionProblem.CODE_UNREADABLE: N_("区划代码不对：县、乡、村应为 12 位数字，社为 15 位。请核对。"),
    RegionProblem.NAME_MISSING: N_("没有区划名称。请补上。"),
    RegionProblem.LEVEL_UNKNOWN: N_("级别认不出来。请填写县、乡、村或社。"),
    RegionProblem.LEVEL_DIFFERS: N_("级别与代码不符。请核对代码和级别哪一个写错了。"),
    RegionProblem.PARENT_DIFFERS: N_("上级代码与本级代码不符：本级代码应以上级代码开头。请核对。"),
    RegionProblem.DUPLICATE: N_("这个代码在文件里前面已经有了。请删去多余的一行，或改正代码。"),
    RegionProblem.PARENT_MISSING: N_("上级区划不存在：文件里没有（或有错），系统里也没有。请先补上或改正上级。"),
}

_LEVEL_WORDS = {
    Level.COUNTY: ("county", "县", "县级", "市", "区", "县区", "县市区", "1"),
    Level.TOWNSHIP: ("township", "乡", "镇", "乡镇", "乡级", "街道", "乡镇街道", "街道办事处", "2"),
    Level.VILLAGE: ("village", "村", "村级", "社区", "村社区", "行政村", "居委会", "村委会", "居民委员会", "3"),
    Level.GROUP: ("group", "社", "组", "社级", "组级", "小组", "村民小组", "居民小组", "村组", "4"),
}
_LEVEL_OF_WORD = {word: level for level, words in _LEVEL_WORDS.items() for word in words}
_LONGEST_NAME = 60


@dataclass(frozen=True)
class RegionLine:
    """A line about a region as the file has it; ``level`` and ``parent_code`` may be blank."""

    code: str
    name: str
    level: str = ""
    parent_code: str = ""


@dataclass(frozen=True)
class ReadRegion:
    """A region as a line gives it, its level and parent following from its code."""

    code: str
    name: str
    level: Level
    parent_code: str | None


def full_code(text: str) -> str | None:
    """The code in its full form, or None where it is none. Counties of 6 digits and townships of 9 are filled up with
    noughts; the codes of a prefecture or a province are no region of a county."""
    code = plain_without_spaces(text)
    if not re.fullmatch(r"[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}", code) or code[4:6] == "00" or code[0] == "0":
        return None
    code = code.ljust(12, "0")
    # Below the county each level has a number of its own: a village without a township has no place in the tree.
    parts = [code[6:9], code[9:12]] if len(code) == 12 else [code[6:9], code[9:12], code[12:15]]
    used = [part != "000" for part in parts]
    if used != sorted(used, reverse=True) or (len(code) == 15 and not all(used)):
        return None
    return code


def level_of(code: str) -> Level:
    """The level of a full code."""
    if len(code) == 15:
        return Level.GROUP
    if code.endswith("000000"):
        return Level.COUNTY
    return Level.TOWNSHIP if code.endswith("000") else Level.VILLAGE


def parent_of(code: str) -> str | None:
    """The code of the region above a full code; None for a county."""
    match level_of(code):
        case Level.GROUP:
            return code[:12]
        case Level.VILLAGE:
            return code[:9] + "000"
        case Level.TOWNSHIP:
            return code[:6] + "000000"
        case _:
            return None


def lineage(code: str) -> list[str]:
    """The codes from the county down to this region, itself included."""
    above = parent_of(code)
    return [*(lineage(above) if above else ()), code]


def read_region(line: RegionLine) -> tuple[ReadRegion | None, RegionProblem | None]:
    """The region of a line, or what is wrong with the line first. (Duplicates and parents need the other lines.)"""
    if not plain(line.code):
        return None, RegionProblem.CODE_MISSING
    code = full_code(line.code)
    if code is None:
        return None, RegionProblem.CODE_UNREADABLE
    name = "".join(plain(line.name).split())
    if not name or len(name) > _LONGEST_NAME:
        return None, RegionProblem.NAME_MISSING
    problem = _level_problem(line.level, code) or _parent_problem(line.parent_code, code)
    if problem:
        return None, problem
    return ReadRegion(code, name, level_of(code), parent_of(code)), None


def _level_problem(text: str, code: str) -> RegionProblem | None:
    word = plain_without_spaces(text).lower()
    if not word:
        return None
    level = _LEVEL_OF_WORD.get(word)
    if level is None:
        return RegionProblem.LEVEL_UNKNOWN
    return None if level == level_of(code) else RegionProblem.LEVEL_DIFFERS


def _parent_problem(text: str, code: str) -> RegionProblem | None:
    given, parent = plain_without_spaces(text), parent_of(code)
    if not given:
        return None
    if parent is None:
        # A county's superior is its prefecture, which is not in the registry.
        fits = re.fullmatch(r"[0-9]{4}(00){1,4}", given) is not None and given[:4] == code[:4]
    else:
        fits = full_code(given) == parent
    return None if fits else RegionProblem.PARENT_DIFFERS


def check_regions(
    lines: Iterable[RegionLine], known_codes: Collection[str]
) -> tuple[list[ReadRegion], list[tuple[int, RegionProblem]]]:
    """All lines of a file together: the good ones in the order of their codes (so that parents come first), and
    (position, problem) of the others. ``known_codes`` are on record already."""
    read: list[tuple[int, ReadRegion]] = []
    problems: list[tuple[int, RegionProblem]] = []
    seen: set[str] = set()
    for position, line in enumerate(lines):
        region, problem = read_region(line)
        if region is not None and region.code in seen:
            problem = RegionProblem.DUPLICATE
        if problem is not None:
            problems.append((position, problem))
        elif region is not None:
            seen.add(region.code)
            read.append((position, region))
    good: dict[str, ReadRegion] = {}
    for position, region in sorted(read, key=lambda one: one[1].code):
        if region.parent_code is None or region.parent_code in good or region.parent_code in known_codes:
            good[region.code] = region
        else:
            problems.append((position, RegionProblem.PARENT_MISSING))
    return list(good.values()), sorted(problems)


@dataclass(frozen=True)
class RegionChanges:
    """What an import does: regions to add, codes to rename with their names before and after, and codes on record
    below the regions of the file that the file does not have (they stay)."""

    added: list[ReadRegion]
    renamed: list[tuple[ReadRegion, str]]
    absent: list[str]


def compare_regions(regions: Collection[ReadRegion], on_record: Mapping[str, str]) -> RegionChanges:
    """Set the good lines of a file against the names on record by code."""
    codes = {region.code for region in regions}
    tops = tuple(region_prefix(region.code) for region in regions if region.parent_code not in codes)
    return RegionChanges(
        added=[region for region in regions if region.code not in on_record],
        renamed=[(r, on_record[r.code]) for r in regions if on_record.get(r.code, r.name) != r.name],
        absent=sorted(code for code in on_record if code.startswith(tops) and code not in codes) if tops else [],
    )
