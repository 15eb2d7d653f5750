"""What a bank's answer to a bulk request says of each person, and whether it fits what was asked. Pure.

A line with our reference is about that person; one without is matched by ID number among those who wait. Each line
and each person is used once; what fits twice is set aside.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.identity import check_card_number, check_id_number, clean_name, has_wrong_check_digit, names_match
from core.msgid import N_
from core.plain_text import plain, plain_without_spaces
from registry.rules.people import read_day

_YES = frozenset(("是", "已开通", "开通", "有", "y", "yes", "1", "true", "√"))
_NO = frozenset(("否", "未开通", "没有", "无", "n", "no", "0", "false", "×"))
LONGEST_REFUSAL = 100


class AnswerProblem(StrEnum):
    """Why a line of an answer cannot be used, in the order in which the first one is reported."""

    CARD_UNREADABLE = "card_unreadable"
    CARD_CHECK_DIGIT = "card_check_digit"
    NOTHING_SAID = "answer_empty"
    DAY_UNREADABLE = "day_unreadable"
    DAY_IN_FUTURE = "day_in_future"
    UNKNOWN_PERSON = "answer_unknown"
    NAME_DIFFERS = "name_differs"
    ID_DIFFERS = "answer_id_differs"
    REPEATED = "duplicate_in_file"
    CONTRADICTS = "answer_contradicts"
    CARD_OF_OTHERS = "answer_card_twice"
    CARD_ON_RECORD = "answer_card_on_record"


ANSWER_SENTENCES: Mapping[str, str] = {
    AnswerProblem.CARD_UNREADABLE: N_("卡号读不出来：应为 8 到 25 位数字，并在表格里存成文本。"),
    AnswerProblem.CARD_CHECK_DIGIT: N_(
        "卡号的最后一位与前面的数字对不上，多半有一位写错了。请核对；确实没有写错的，加一列“卡号无误”，在这一行填“是”。"
    ),
    AnswerProblem.NOTHING_SAID: N_("既没有卡号，也没有未办成的原因。请补上一项。"),
    AnswerProblem.DAY_UNREADABLE: N_("发卡日期认不出来。请写成 2020-08-30 的样子。"),
    AnswerProblem.DAY_IN_FUTURE: N_("发卡日期在将来。请核对。"),
    AnswerProblem.UNKNOWN_PERSON: N_("没有请银行为这个人办卡，或者业务编号不对。请核对业务编号和证件号码。"),
    AnswerProblem.NAME_DIFFERS: N_("姓名与我们送出的不一致。请核对是不是同一个人。"),
    AnswerProblem.ID_DIFFERS: N_("证件号码与业务编号对应的人不一致。请核对。"),
    AnswerProblem.REPEATED: N_("同一个人在文件里出现了不止一次，内容又不相同。请只保留正确的一行。"),
    AnswerProblem.CONTRADICTS: N_("与以前登记的办卡结果不同。已登记的不会改动；请与银行核实后在受益人页面改正。"),
    AnswerProblem.CARD_OF_OTHERS: N_("文件里另一个人也是这个卡号。一人一卡，请核对。"),
    AnswerProblem.CARD_ON_RECORD: N_("这个卡号已经登记在另一个户名下。请核对卡号和户名。"),
}


@dataclass(frozen=True)
class AnswerLine:
    """A line as the file has it."""

    position: int
    reference: str = ""
    name: str = ""
    id_number: str = ""
    card: str = ""
    card_is_number: bool = False
    holder: str = ""
    bank: str = ""
    issued_on: str = ""
    arrival_sms: str = ""
    refusal: str = ""
    number_confirmed: str = ""


@dataclass(frozen=True)
class Asked:
    """A person for whom a card was asked, as the book has it."""

    line_id: int
    reference: str
    name: str
    id_number: str
    outcome: str
    card: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class CardAnswer:
    """What the bank has done for one person: a card, or a refusal with its reason. ``number_confirmed``: the card's
    last digit does not fit, and the file says that it is so written."""

    line_id: int
    position: int
    card: str
    holder: str
    bank: str
    issued_on: date | None
    arrival_sms: bool | None
    refusal: str
    number_confirmed: bool = False


@dataclass(frozen=True)
class MatchedAnswers:
    """The usable answers, how many lines only say again what the book has, and (position, problem) of the others."""

    answers: list[CardAnswer]
    repeated: int
    problems: list[tuple[int, AnswerProblem]]


def same_holder(ours: str, theirs: str) -> bool:
    """Whether two names of a card's holder are the same but for the way they are written."""
    return names_match(ours, theirs)


def read_yes_or_no(text: str) -> bool | None:
    """是 or 否 in any of the usual spellings; None for anything else."""
    word = plain_without_spaces(text).casefold()
    return True if word in _YES else False if word in _NO else None


def match_answers(lines: Sequence[AnswerLine], asked: Iterable[Asked], today: date) -> MatchedAnswers:
    """Set the lines of an answer file against the people who were asked for."""
    book = list(asked)
    by_reference = {person.reference: person for person in book}
    by_number: dict[str, Asked] = {}
    for person in book:
        # Of several requests about one person the one that still waits is meant, else the newest.
        if (known := by_number.get(person.id_number)) is None or known.outcome != "open":
            by_number[person.id_number] = person
    read = [_read(line, by_reference, by_number, today) for line in lines]
    return _settled(lines, read)


_Read = tuple[Asked, CardAnswer] | AnswerProblem


def _read(line: AnswerLine, by_reference: Mapping[str, Asked], by_number: Mapping[str, Asked], today: date) -> _Read:
    card = _card(line)
    if isinstance(card, AnswerProblem):
        return card
    refusal = " ".join(plain(line.refusal).split())[:LONGEST_REFUSAL]
    if not card and not refusal:
        return AnswerProblem.NOTHING_SAID
    issued_on = read_day(line.issued_on) if line.issued_on.strip() else None
    if line.issued_on.strip() and issued_on is None:
        return AnswerProblem.DAY_UNREADABLE
    if issued_on is not None and issued_on > today:
        return AnswerProblem.DAY_IN_FUTURE
    person = _person(line, by_reference, by_number, today)
    if isinstance(person, AnswerProblem):
        return person
    holder = clean_name(line.holder) or person.name
    return person, CardAnswer(
        person.line_id,
        line.position,
        card,
        holder,
        " ".join(plain(line.bank).split())[:60],
        issued_on,
        read_yes_or_no(line.arrival_sms),
        "" if card else refusal,
        has_wrong_check_digit(card),
    )


def _card(line: AnswerLine) -> str | AnswerProblem:
    card, problem = check_card_number(line.card, from_number=line.card_is_number)
    if problem is not None:
        return AnswerProblem.CARD_UNREADABLE
    if has_wrong_check_digit(card) and not read_yes_or_no(line.number_confirmed):
        return AnswerProblem.CARD_CHECK_DIGIT
    return card


def _person(
    line: AnswerLine, by_reference: Mapping[str, Asked], by_number: Mapping[str, Asked], today: date
) -> Asked | AnswerProblem:
    number, _ = check_id_number(line.id_number, today)
    reference = plain_without_spaces(line.reference).upper()
    person = by_reference.get(reference) if reference else by_number.get(number)
    if person is None:
        return AnswerProblem.UNKNOWN_PERSON
    if number and number != person.id_number:
        return AnswerProblem.ID_DIFFERS
    if line.name.strip() and not names_match(person.name, line.name):
        return AnswerProblem.NAME_DIFFERS
    return person


def _settled(lines: Sequence[AnswerLine], read: Sequence[_Read]) -> MatchedAnswers:
    answers: list[CardAnswer] = []
    problems: list[tuple[int, AnswerProblem]] = []
    repeated = 0
    said = _said_by_person(read)
    owners = _owners_of_cards(read)
    used: set[int] = set()
    for line, found in zip(lines, read, strict=True):
        if isinstance(found, AnswerProblem):
            problems.append((line.position, found))
            continue
        person, answer = found
        if len(said[person.line_id]) > 1:
            problems.append((line.position, AnswerProblem.REPEATED))
        elif answer.card and len(owners[answer.card]) > 1:
            problems.append((line.position, AnswerProblem.CARD_OF_OTHERS))
        elif person.outcome != "open":
            same = (answer.card or answer.refusal) == (person.card or person.refusal)
            if same:
                repeated += 1
            else:
                problems.append((line.position, AnswerProblem.CONTRADICTS))
        elif person.line_id in used:
            repeated += 1
        else:
            used.add(person.line_id)
            answers.append(answer)
    return MatchedAnswers(answers, repeated, problems)


def _said_by_person(read: Sequence[_Read]) -> dict[int, set[str]]:
    said: dict[int, set[str]] = {}
    for found in read:
        if not isinstance(found, AnswerProblem):
            said.setdefault(found[0].line_id, set()).add(found[1].card or found[1].refusal)
    return said


def _owners_of_cards(read: Sequence[_Read]) -> dict[str, set[int]]:
    owners: dict[str, set[int]] = {}
    for found in read:
        if not isinstance(found, AnswerProblem) and found[1].card:
            owners.setdefault(found[1].card, set()).add(found[0].line_id)
    return owners
