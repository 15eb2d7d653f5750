"""Files that list the dead, the moved, households, and cards with arrival messages: each one kind of upload."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from core.clock import local_date
from core.errors import UserError
from core.identity import check_card_number, mask_card, mask_id_number
from core.jobs import Progress
from core.msgid import N_
from core.principal import Principal
from core.tables.records import Form, Record, RecordTable, read_records
from core.uploads import FileProblem, Incoming, Report, UploadKind, register_kind
from registry import operations, queries, rules
from registry.card_forms import ARRIVAL_FORM, HOUSEHOLD_FORM, STATUS_FORM
from registry.operations import ReportedCard
from registry.queries import KnownPerson
from registry.rules import ListedPerson, ListProblem, PersonListLine, PersonStatus

SHOWN = 10
LONGEST_BANK = 60
RESULT = "/staff/registry/beneficiaries"

Reader = Callable[[int, PersonListLine, date], ListedPerson | ListProblem]


@dataclass(frozen=True)
class _ReadList:
    """A list about people as it was read: whom the good lines name, and what is wrong with the others."""

    tables: list[RecordTable]
    good: list[tuple[ListedPerson, KnownPerson]]
    problems: list[FileProblem]


def _read(principal: Principal, content: bytes, form: Form, reader: Reader, today: date) -> _ReadList:
    tables = read_records(content, form)
    records = [record for table in tables for record in table.records]
    problems: list[tuple[int, str]] = []
    lines: list[ListedPerson] = []
    for position, record in enumerate(records):
        found = reader(position, _line(record), today)
        if isinstance(found, ListProblem):
            problems.append((position, found.value))
        else:
            lines.append(found)
    first, again = rules.without_doubles(lines)
    problems += [(position, ListProblem.DUPLICATE.value) for position in again]
    known = queries.known_people(principal, [line.id_number for line in first])
    good = []
    for line in first:
        person = known.get(line.id_number)
        if person is None:
            problems.append((line.position, ListProblem.NOT_IN_REGISTRY.value))
        elif not rules.fits_record(line, person.name):
            problems.append((line.position, ListProblem.NAME_DIFFERS.value))
        else:
            good.append((line, person))
    located = [FileProblem(records[place].sheet, records[place].row, code) for place, code in sorted(problems)]
    return _ReadList(tables, good, located)


def _line(record: Record) -> PersonListLine:
    return PersonListLine(
        name=record.text("name"),
        id_number=record.text("id_number"),
        id_is_number=record.is_number("id_number"),
        day=record.text("day"),
        household=record.text("household"),
        relation=record.text("relation"),
    )


def _columns(tables: list[RecordTable]) -> list[dict[str, Any]]:
    return [column for table in tables for column in table.columns_json()]


# --- The dead and the moved --------------------------------------------------------------------


def _status(parameters: Mapping[str, Any]) -> PersonStatus:
    status = str(parameters.get("status", ""))
    if status not in {PersonStatus.DEAD.value, PersonStatus.MOVED.value}:
        raise UserError("请选择这是死亡名单还是迁出名单。")
    return PersonStatus(status)


def _check_statuses(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> Report:
    status = _status(incoming.parameters)
    found = _read(principal, incoming.content, STATUS_FORM, rules.read_status_line, local_date(at))
    held = queries.statuses_held([person.id for _, person in found.good])
    new = sum(held[person.id].status != status.value for _, person in found.good)
    notes = [gettext("新登记 %(new)s 人，其余 %(known)s 人以前已经登记过。", new=new, known=len(found.good) - new)]
    preview = [
        {
            N_("姓名"): line.name,
            N_("证件号码"): mask_id_number(line.id_number),
            N_("日期"): line.on.isoformat() if line.on else "",
        }
        for line, _ in found.good[:SHOWN]
    ]
    return Report(len(found.good), 0, found.problems, _columns(found.tables), notes, preview)


def _save_statuses(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    status = _status(incoming.parameters)
    found = _read(principal, incoming.content, STATUS_FORM, rules.read_status_line, local_date(at))
    source = str(incoming.parameters.get("source") or "")[:60] or gettext("名单导入")
    operations.import_statuses(principal, status, found.good, source, at=at)
    return f"{RESULT}?state={status.value}"


STATUS_UPLOAD = register_kind(
    UploadKind(
        "registry.statuses",
        N_("死亡、迁出名单"),
        rules.IMPORT_PEOPLE_LISTS,
        _check_statuses,
        _save_statuses,
        rules.LIST_SENTENCES,
    )
)


# --- Households --------------------------------------------------------------------------------


def _check_households(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> Report:
    found = _read(principal, incoming.content, HOUSEHOLD_FORM, rules.read_household_line, local_date(at))
    households = {line.household for line, _ in found.good}
    notes = [gettext("共 %(households)s 户、%(people)s 人。", households=len(households), people=len(found.good))]
    preview = [
        {
            N_("户编号"): line.household,
            N_("姓名"): person.name,
            N_("证件号码"): mask_id_number(line.id_number),
            N_("与户主关系"): line.relation,
        }
        for line, person in found.good[:SHOWN]
    ]
    return Report(len(found.good), 0, found.problems, _columns(found.tables), notes, preview)


def _save_households(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    found = _read(principal, incoming.content, HOUSEHOLD_FORM, rules.read_household_line, local_date(at))
    operations.import_households(principal, found.good, at=at)
    return RESULT


HOUSEHOLD_UPLOAD = register_kind(
    UploadKind(
        "registry.households",
        N_("户籍表"),
        rules.IMPORT_PEOPLE_LISTS,
        _check_households,
        _save_households,
        rules.LIST_SENTENCES,
    )
)


# --- Cards whose bank sends arrival messages ---------------------------------------------------

_ARRIVAL_SENTENCES = {
    "card_unreadable": N_("卡号读不出来：应为 8 到 25 位数字，并在表格里存成文本。"),
    "arrival_unreadable": N_("到账短信一栏认不出来。请填写“是”或“否”。"),
    "duplicate_in_file": N_("这个卡号在文件里前面已经有了。请删去多余的一行。"),
    "card_unknown": N_("没有登记这张卡，不影响其他行。没有领过补贴的卡不用处理。"),
}


def _read_arrivals(content: bytes) -> tuple[list[RecordTable], list[tuple[str, ReportedCard]], list[FileProblem]]:
    """Number and report of the good lines, and the problems of the others."""
    tables = read_records(content, ARRIVAL_FORM)
    records = [record for table in tables for record in table.records]
    read: dict[str, tuple[Record, bool]] = {}
    problems: list[tuple[Record, str]] = []
    for record in records:
        number, problem = check_card_number(record.text("card"), from_number=record.is_number("card"))
        told = rules.read_yes_or_no(record.text("arrival_sms"))
        if problem is not None or not number:
            problems.append((record, "card_unreadable"))
        elif told is None:
            problems.append((record, "arrival_unreadable"))
        elif number in read:
            problems.append((record, "duplicate_in_file"))
        else:
            read[number] = (record, told)
    known = queries.cards_of_numbers(list(read))
    problems += [(record, "card_unknown") for number, (record, _) in read.items() if number not in known]
    good = [
        (number, ReportedCard(known[number], told, "".join(record.text("bank").split())[:LONGEST_BANK]))
        for number, (record, told) in read.items()
        if number in known
    ]
    located = [FileProblem(record.sheet, record.row, code) for record, code in problems]
    return tables, good, sorted(located, key=lambda found: (found.sheet or "", found.row))


def _check_arrivals(_principal: Principal, incoming: Incoming, _at: datetime, _progress: Progress) -> Report:
    tables, good, problems = _read_arrivals(incoming.content)
    enabled = sum(card.arrival_sms for _, card in good)
    notes = [gettext("已开通 %(on)s 张，未开通 %(off)s 张。", on=enabled, off=len(good) - enabled)]
    preview = [
        {N_("卡号"): mask_card(number), N_("到账短信"): gettext("是") if card.arrival_sms else gettext("否")}
        for number, card in good[:SHOWN]
    ]
    return Report(len(good), 0, problems, _columns(tables), notes, preview)


def _save_arrivals(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    _, good, _ = _read_arrivals(incoming.content)
    operations.import_arrival_messages(principal, [card for _, card in good], at=at)
    return "/staff/registry/card-requests"


ARRIVAL_UPLOAD = register_kind(
    UploadKind(
        "registry.arrival_messages",
        N_("到账短信开通清单"),
        rules.ANSWER_CARDS,
        _check_arrivals,
        _save_arrivals,
        _ARRIVAL_SENTENCES,
    )
)
