"""A township's roll: taken in, submitted, approved, publicised, approved by the department, or sent back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple

from sqlalchemy import select, update

from core import audit, workflow
from core.bulk import among, insert_columns, update_columns
from core.clock import local_date
from core.collector import no_collection
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.money import Fen
from core.months import check_period
from core.principal import Principal
from disbursement.models import Batch, Payment, Roll
from disbursement.operations.batches import lock_batch
from disbursement.operations.checks import bringer_of, refresh_findings, refuse_findings
from disbursement.operations.lines import retotal
from disbursement.operations.publicity import hold_roll, refuse_publicity
from disbursement.rules import (
    APPROVE_ROLL_DEPARTMENT,
    APPROVE_ROLL_TOWNSHIP,
    PAYMENT_WORKFLOW,
    PREPARE_ROLL,
    ROLL_WORKFLOW,
    SEND_BACK_ROLL,
    sees_roll,
)
from programmes.models import Programme
from programmes.operations import require_filings
from registry.enrolment import Enrolment, PersonLine, ensure_beneficiaries, open_card_gaps, same_person_twice
from registry.models import Card, Region

_BATCHES: Any = Batch.__table__
_ROLLS: Any = Roll.__table__
_PAYMENTS: Any = Payment.__table__


class RollEntry(NamedTuple):
    """One good line of a roll, normalised by core.identity and core.money. ``person.payee_name`` is empty where the
    beneficiary is paid himself; ``quantity`` is text as the township wrote it (persons, mu, months)."""

    sheet: str
    row: int
    person: PersonLine
    quantity: str
    amount_fen: int


def import_roll(
    principal: Principal,
    programme: Programme,
    period: str,
    township: Region,
    entries: Sequence[RollEntry],
    *,
    at: datetime,
    upload_id: int | None = None,
) -> Roll:
    """Take in a township's roll for a programme and period (YYYYMM); a roll that is still a draft is replaced.

    ``entries`` are the good lines, each person once. All or nothing, in a fixed number of statements. Payments that
    the new version no longer has are struck, not deleted; those that a person has struck stay so. The checks before
    approval run at once. Raises UserError for a programme that is not paid by card,
    Conflict where the roll has left the draft or finance has confirmed the batch.
    """
    principal.require(PREPARE_ROLL)
    period = check_period(period)
    _refuse_foreign(principal, township, programme)
    if not entries:
        raise UserError("文件里没有一行可以保存。请改正后重新上传。")
    roll = _draft(programme, period, township, at)
    roll.upload_id = upload_id
    roll.line_count = len(entries)
    roll.total_fen = Fen(sum(entry.amount_fen for entry in entries))
    with no_collection():
        enrolment = ensure_beneficiaries([entry.person for entry in entries], at=at)
        _refuse_merged_twice(entries, enrolment)
        _save_payments(roll, entries, enrolment, principal)
        gaps = _open_gaps(programme, entries, enrolment, at)
        found = refresh_findings(roll, at=at)
    audit.record(
        principal,
        "roll.import",
        "roll",
        roll.id,
        at=at,
        lines=roll.line_count,
        total_fen=roll.total_fen,
        people_added=enrolment.added,
        card_gaps=gaps,
        errors=found.errors,
        warnings=found.warnings,
    )
    db.session.flush()
    return roll


def _refuse_foreign(principal: Principal, township: Region, programme: Programme) -> None:
    if township.level != "township" or not sees_roll(principal, township.code, programme.department_id):
        raise UserError("您只能办理本乡镇（街道）的花名册。请重新选择乡镇。")
    if programme.channel == "undecided":
        raise UserError(
            "“%(name)s”还没有定下发放方式，不能上传花名册。请先由县财政局办理纳入平台。", name=programme.name
        )
    if programme.channel == "offline":
        require_filings(programme)


def _refuse_merged_twice(entries: Sequence[RollEntry], enrolment: Enrolment) -> None:
    """Two ID numbers of one person, whose records have been merged, cannot both be paid."""
    pairs = same_person_twice(enrolment)
    if pairs:
        first, second = (entries[position] for position in pairs[0])
        raise UserError(
            "花名册里有 %(count)s 人用两个证件号码各列了一次（登记已合并为同一个人），"
            "如第 %(first)s 行和第 %(second)s 行。请只保留一行后重新上传。",
            count=len(pairs),
            first=_place(first),
            second=_place(second),
        )


def _place(entry: RollEntry) -> str:
    return f"{entry.sheet} {entry.row}".strip()


def _draft(programme: Programme, period: str, township: Region, at: datetime) -> Roll:
    """The roll to write to, its batch and itself locked, both made where there were none."""
    insert_columns(
        _BATCHES,
        {"programme_id": [programme.id], "period": period, "year": int(period[:4]), "created_at": at},
        unless=("programme_id", "period"),
    )
    batch = db.session.scalars(
        select(Batch).where(Batch.programme_id == programme.id, Batch.period == period).with_for_update()
    ).one()
    insert_columns(
        _ROLLS,
        {"batch_id": [batch.id], "township_code": township.code, "total_fen": 0, "created_at": at},
        unless=("batch_id", "township_code"),
    )
    roll = db.session.scalars(
        select(Roll).where(Roll.batch_id == batch.id, Roll.township_code == township.code).with_for_update()
    ).one()
    db.session.refresh(batch, ["state"])
    db.session.refresh(roll, ["state"])
    if batch.state != "open":
        raise Conflict("这一期的批次已由财政确认，不再接收花名册。请与县财政局联系。")
    if roll.state != ROLL_WORKFLOW.initial:
        raise Conflict("本乡镇这一期的花名册已经提交，不能再替换。如需修改，请先由审核人员退回。")
    return roll


def _save_payments(roll: Roll, entries: Sequence[RollEntry], enrolment: Enrolment, principal: Principal) -> None:
    columns = _columns(roll, entries, enrolment)
    known = dict(db.session.execute(select(Payment.beneficiary_id, Payment.id).where(Payment.roll_id == roll.id)).all())
    if not known:
        insert_columns(_PAYMENTS, columns)
        return
    db.session.execute(
        update(Payment).where(Payment.roll_id == roll.id).values(row=0).execution_options(synchronize_session=False)
    )
    ids = [known.get(beneficiary_id) for beneficiary_id in enrolment.beneficiary_ids]
    new = _picked(columns, [payment_id is None for payment_id in ids])
    kept = _picked(columns | {"id": ids}, [payment_id is not None for payment_id in ids])
    if new["row"]:
        insert_columns(_PAYMENTS, new)
    if kept["row"]:
        update_columns(_PAYMENTS, "id", kept)
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "strike", principal, Payment.roll_id == roll.id, Payment.row == 0)
    # What a person has struck stays struck, whatever the file says.
    back = (Payment.roll_id == roll.id, Payment.row > 0, Payment.struck_at.is_(None))
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "restore", principal, *back)
    retotal(roll)


def _picked(columns: Mapping[str, Any], wanted: Sequence[bool]) -> dict[str, Any]:
    """The rows for which ``wanted`` is true."""
    return {
        name: list(compress(values, wanted)) if isinstance(values, list) else values for name, values in columns.items()
    }


def _columns(roll: Roll, entries: Sequence[RollEntry], enrolment: Enrolment) -> dict[str, Any]:
    return {
        "roll_id": roll.id,
        "batch_id": roll.batch_id,
        "beneficiary_id": enrolment.beneficiary_ids,
        "region_code": [entry.person.region_code for entry in entries],
        "name": [entry.person.name for entry in entries],
        "payee_name": _payee_names(entries, enrolment),
        "card_id": enrolment.card_ids,
        "quantity": [entry.quantity for entry in entries],
        "amount_fen": [entry.amount_fen for entry in entries],
        "sheet": [entry.sheet for entry in entries],
        "row": [entry.row for entry in entries],
    }


def _payee_names(entries: Sequence[RollEntry], enrolment: Enrolment) -> list[str]:
    """The roll's payee; for a line without a card, the holder of the card on record, to whom the money will go."""
    on_record = {
        card_id
        for entry, card_id in zip(entries, enrolment.card_ids, strict=True)
        if card_id is not None and not entry.person.card_number
    }
    holders: dict[int, str] = {}
    if on_record:
        rows = db.session.execute(select(Card.id, Card.holder_name).where(among(Card.id, sorted(on_record))))
        holders = dict(rows.all())
    names = []
    for entry, card_id in zip(entries, enrolment.card_ids, strict=True):
        own = entry.person.payee_name or entry.person.name
        names.append(own if entry.person.card_number or card_id is None else holders[card_id])
    return names


def _open_gaps(programme: Programme, entries: Sequence[RollEntry], enrolment: Enrolment, at: datetime) -> int:
    without = [
        (beneficiary_id, entry.person.region_code)
        for entry, beneficiary_id, card_id in zip(entries, enrolment.beneficiary_ids, enrolment.card_ids, strict=True)
        if card_id is None
    ]
    return open_card_gaps(programme.code, without, on=local_date(at))


def _move(principal: Principal, roll: Roll, action: str, at: datetime, reason: str = "", **details: Any) -> None:
    if not sees_roll(principal, roll.township_code, roll.batch.programme.department_id):
        raise NotVisible
    workflow.move(ROLL_WORKFLOW, roll, action, principal, at=at, reason=reason)
    audit.record(principal, f"roll.{action}", "roll", roll.id, at=at, lines=roll.line_count, **details)
    db.session.flush()


def submit_roll(principal: Principal, roll: Roll, *, at: datetime) -> None:
    """Hand a draft to the township's approver, freshly checked: what the checks find is his to see. Raises Conflict
    where it is no draft."""
    principal.require(PREPARE_ROLL)
    if not roll.line_count:
        raise UserError("花名册里还没有人员。请先上传花名册文件。")
    _move(principal, roll, "submit", at)
    refresh_findings(roll, at=at)


def withdraw_submission(principal: Principal, roll: Roll, reason: str, *, at: datetime) -> None:
    """The township takes its submission back before anybody has approved it."""
    principal.require(PREPARE_ROLL)
    _move(principal, roll, "withdraw_submission", at, reason=_reason_of(reason))


def approve_roll_township(principal: Principal, roll: Roll, *, at: datetime) -> None:
    """The township's approval, by another person than who brought the file or submitted it (four eyes). Raises
    FindingsStand while the checks stand against it."""
    principal.require(APPROVE_ROLL_TOWNSHIP)
    _approve(principal, roll, "approve_township", at)


def withdraw_township_approval(principal: Principal, roll: Roll, reason: str, *, at: datetime) -> None:
    """The township takes its approval back, as long as the roll has not been published."""
    principal.require(APPROVE_ROLL_TOWNSHIP)
    _move(principal, roll, "withdraw_township", at, reason=_reason_of(reason))


def approve_roll_department(principal: Principal, roll: Roll, *, at: datetime) -> None:
    """The department's approval: the roll's payments are owed from now on. Raises UserError while the roll's lists hang
    or an objection to them is unanswered (B8; the programme may say otherwise), and FindingsStand while the checks
    stand against it, such as somebody who is on another township's roll of the same batch too."""
    principal.require(APPROVE_ROLL_DEPARTMENT)
    _approve(principal, roll, "approve_department", at, total_fen=int(roll.total_fen))
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "approve", principal, Payment.roll_id == roll.id)


def withdraw_department_approval(principal: Principal, roll: Roll, reason: str, *, at: datetime) -> None:
    """The department takes its approval back, as long as finance has not confirmed the batch; nothing is owed then.
    Raises Conflict where finance was quicker."""
    principal.require(APPROVE_ROLL_DEPARTMENT)
    lock_batch(roll.batch)
    if roll.batch.state != "open":
        raise Conflict("财政已经确认这个批次，不能撤回审核。请与县财政局联系，由财政先撤回确认。")
    _move(principal, roll, "withdraw_department", at, reason=_reason_of(reason))
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "take_back", principal, Payment.roll_id == roll.id)


def _approve(principal: Principal, roll: Roll, action: str, at: datetime, **details: Any) -> None:
    """Check the roll anew, then move it on. Who may not do the step at all is told that, not what the checks say."""
    if sees_roll(principal, roll.township_code, roll.batch.programme.department_id):
        hold_roll(roll)
        transition = ROLL_WORKFLOW.find(roll.state, action)
        if transition is not None:
            workflow.refuse_same_person(ROLL_WORKFLOW, roll.id, transition, principal)
            _refuse_bringer(principal, roll)
            if transition.source == "publicised":
                refuse_publicity(principal, roll, at=at)
            refuse_findings(roll, at=at)
    _move(principal, roll, action, at, **details)


def _refuse_bringer(principal: Principal, roll: Roll) -> None:
    """Whoever brought the file has prepared the roll, though another has pressed the button that hands it in."""
    if principal.official_id is not None and principal.official_id == bringer_of(roll):
        raise PermissionDenied("花名册是您本人上传的，审核必须由另一位同事办理。")


def _reason_of(text: str) -> str:
    if not text.strip():
        raise UserError("请写明撤回的原因。")
    return text.strip()


def send_back_roll(principal: Principal, roll: Roll, reason: str, *, at: datetime) -> None:
    """Return the roll to the township as a draft; its payments stay drafted. Raises UserError without a reason."""
    principal.require(SEND_BACK_ROLL)
    if not reason.strip():
        raise UserError("请写明退回的原因，让乡镇知道要改什么。")
    _move(principal, roll, "send_back", at, reason=reason.strip())
    roll.publicity_until = None
    db.session.flush()
