"""How each bank writes its files. A new bank of this manner is a new entry here, not new code."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import UserError
from core.msgid import N_


@dataclass(frozen=True)
class ResultColumns:
    """Where things stand in a line of the result file, counted from 0. Columns after the last are the bank's own and
    may hold our reference."""

    serial: int = 0
    name: int = 1
    card: int = 2
    fen: int = 3
    code: int = 4
    reason: int = 5
    bank_date: int = 6

    @property
    def needed(self) -> int:
        """How many columns a line must have at least: up to the code."""
        return self.code + 1

    @property
    def known(self) -> int:
        """How many columns have a meaning."""
        return self.bank_date + 1


@dataclass(frozen=True)
class Profile:
    """One bank's manner of writing. Codes are what stands in the code column of a result line."""

    name: str
    title: str
    delimiter: str
    offer_encoding: str
    newline: str
    total_mark: str
    paid_codes: frozenset[str]
    failed_codes: frozenset[str]
    columns: ResultColumns


SAMPLE = Profile(
    name="sample",
    title=N_("竖线分隔文本（GBK，金额以分计）"),
    delimiter="|",
    offer_encoding="gbk",
    newline="\r\n",
    total_mark="TOTAL",
    paid_codes=frozenset({"0000"}),
    failed_codes=frozenset({"9999"}),
    columns=ResultColumns(),
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (SAMPLE,)}


def profile_of(name: str) -> Profile:
    """The profile of that name. Raises UserError naming those there are."""
    profile = PROFILES.get(name)
    if profile is None:
        raise UserError(
            "没有名为“%(name)s”的银行文件格式。可用的格式：%(known)s。", name=name, known="、".join(PROFILES)
        )
    return profile
