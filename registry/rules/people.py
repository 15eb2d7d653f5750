"""What can be so about a person: living, dead, moved; who receives for him; what lists about people must hold."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.errors import UserError
from core.identity import IdNumberProblem, birth_date_of, check_id_number, clean_name, names_match
from core.msgid import N_
from core.plain_text import plain, plain_without_spaces


class PersonStatus(StrEnum):
    """在世、已故、迁出."""

    LIVING = "living"
    DEAD = "dead"
    MOVED = "moved"


class PayeeRelation(StrEnum):
    """What somebody who receives for a beneficiary is to him."""

    GUARDIAN = "guardian"
    HOUSEHOLD_HEAD = "household_head"
    RELATIVE = "relative"
    INSTITUTION = "institution"


class ListProblem(StrEnum):
    """What can be wrong with a line of a list about people, in the order in which the first one is reported."""

    NAME_MISSING = "name_missing"
    ID_MISSING = "id_missing"
    ID_PRECISION_LOST = "id_precision_lost"
    ID_15_DIGITS = "id_15_digits"
    ID_LENGTH = "id_length"
    ID_BIRTHDATE = "id_birthdate"
    ID_CHECKSUM = "id_checksum"
    DAY_UNREADABLE = "day_unreadable"
    DAY_IN_FUTURE = "day_in_future"
    DAY_BEFORE_BIRTH = "day_before_birth"
    HOUSEHOLD_MISSING = "household_missing"
    DUPLICATE = "duplicate_in_file"
    NOT_IN_REGISTRY = "not_in_registry"
    NAME_DIFFERS = "name_differs"


LIST_SENTENCES: Mapping[str, str] = {
    ListProblem.NAME_MISSING: N_("没有姓名。请补上。"),
    ListProblem.ID_MISSING: N_("没有证件号码。请补上。"),
    ListProblem.ID_PRECISION_LOST: N_("证件号码在表格里存成了数字，末几位已经丢失。请把这一列改成文本后重新填写。"),
    ListProblem.ID_15_DIGITS: N_("证件号码是 15 位的旧号码。请换成 18 位。"),
    ListProblem.ID_LENGTH: N_("证件号码的位数或字符不对。请核对。"),
    ListProblem.ID_BIRTHDATE: N_("证件号码里的出生日期不存在或在将来。请核对。"),
    ListProblem.ID_CHECKSUM: N_("证件号码的校验位不对，多半写错了一位。请核对。"),
    ListProblem.DAY_UNREADABLE: N_("日期认不出来。请写成 2020-06-30 的样子。"),
    ListProblem.DAY_IN_FUTURE: N_("日期在将来。请核对。"),
    ListProblem.DAY_BEFORE_BIRTH: N_("日期早于出生日期。请核对。"),
    ListProblem.HOUSEHOLD_MISSING: N_("没有户编号。请补上。"),
    ListProblem.DUPLICATE: N_("这个证件号码在文件里前面已经有了。请删去多余的一行。"),
    ListProblem.NOT_IN_REGISTRY: N_("您的管辖范围内没有登记这个人，不影响其他行。没有领过补贴的人不用处理。"),
    ListProblem.NAME_DIFFERS: N_("姓名与登记的不一致。请核对是不是同一个人。"),
}

_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})(?:日|号)?(?:[T ].*)?")
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
LONGEST_HOUSEHOLD, LONGEST_RELATION, LONGEST_NAME = 40, 20, 60


def read_day(text: str) -> date | None:
    """A day as people write it: 2020-6-1, 2020/06/01, 2020.6.1, 20200601, 2020年6月1日. None cannot be read."""
    written = plain(text)
    found = _DAY.fullmatch(written) or _COMPACT_DAY.fullmatch(plain_without_spaces(written))
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def checked_status_day(on: date | None, born_on: date, today: date) -> date:
    """The day since which somebody is dead or has moved. Raises UserError for none, the future, or before his birth."""
    if on is None:
        raise UserError("请填写日期，例如 2020-06-30。")
    if on > today:
        raise UserError("日期在将来，不能登记。请核对。")
    if on < born_on:
        raise UserError("日期早于出生日期。请核对日期或这个人的证件号码。")
    return on


def checked_household(number: str) -> str:
    """A household number as it is kept: without blanks. Raises UserError for one that is too long."""
    kept = plain_without_spaces(number)
    if len(kept) > LONGEST_HOUSEHOLD:
        raise UserError("户编号太长，最多 %(most)s 个字。请核对。", most=LONGEST_HOUSEHOLD)
    return kept


def checked_payee_name(name: str) -> str:
    """A payee's name in its normal form. Raises UserError for none, or one that is too long."""
    kept = clean_name(name)
    if not kept or len(kept) > LONGEST_NAME:
        raise UserError("请填写收款人的姓名（最多 %(most)s 个字）。", most=LONGEST_NAME)
    return kept


def checked_payee_number(id_number: str, today: date) -> str:
    """A payee's ID number in its normal form, "" for none. Raises UserError for one that cannot be."""
    number, problem = check_id_number(id_number, today)
    if problem not in (None, IdNumberProblem.MISSING):
        raise UserError("收款人的证件号码写错了。请对照证件核对，也可以不填。")
    return number


@dataclass(frozen=True)
class PersonListLine:
    """A line of a list about people as the file has it. ``day`` stands in lists of the dead and the moved,
    ``household`` and ``relation`` in tables of households."""

    name: str
    id_number: str
    id_is_number: bool = False
    day: str = ""
    household: str = ""
    relation: str = ""


@dataclass(frozen=True)
class ListedPerson:
    """A good line: whom it names and what it says of him."""

    position: int
    name: str
    id_number: str
    on: date | None = None
    household: str = ""
    relation: str = ""


def read_status_line(position: int, line: PersonListLine, today: date) -> ListedPerson | ListProblem:
    """A line of a list of the dead or the moved, or what is wrong with it first."""
    found = _identified(line, today)
    if isinstance(found, ListProblem):
        return found
    name, number = found
    on = read_day(line.day)
    if on is None:
        return ListProblem.DAY_UNREADABLE
    if on > today:
        return ListProblem.DAY_IN_FUTURE
    if on < birth_date_of(number):
        return ListProblem.DAY_BEFORE_BIRTH
    return ListedPerson(position, name, number, on)


def read_household_line(position: int, line: PersonListLine, today: date) -> ListedPerson | ListProblem:
    """A line of a table of households, or what is wrong with it first. The name may be blank there."""
    found = _identified(line, today, name_needed=False)
    if isinstance(found, ListProblem):
        return found
    name, number = found
    household = plain_without_spaces(line.household)
    if not household or len(household) > LONGEST_HOUSEHOLD:
        return ListProblem.HOUSEHOLD_MISSING
    return ListedPerson(position, name, number, None, household, plain_without_spaces(line.relation)[:LONGEST_RELATION])


def _identified(line: PersonListLine, today: date, *, name_needed: bool = True) -> tuple[str, str] | ListProblem:
    name = clean_name(line.name)
    if name_needed and not name:
        return ListProblem.NAME_MISSING
    number, problem = check_id_number(line.id_number, today, from_number=line.id_is_number)
    return ListProblem(problem.value) if problem else (name, number)


def without_doubles(lines: Iterable[ListedPerson]) -> tuple[list[ListedPerson], list[int]]:
    """Each ID number's first line, and the positions of the others."""
    first: dict[str, ListedPerson] = {}
    again = []
    for line in lines:
        if line.id_number in first:
            again.append(line.position)
        else:
            first[line.id_number] = line
    return list(first.values()), again


def fits_record(line: ListedPerson, name_on_record: str) -> bool:
    """Whether the name of a line, where it has one, is the one on record."""
    return not line.name or names_match(line.name, name_on_record)
