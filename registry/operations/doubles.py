"""Two records that are one person: found, proposed by one official, confirmed by another, taken back if need be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from core import audit, workflow
from core.bulk import among, insert_columns
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import Principal, system
from registry import changes, hooks, queries, rules
from registry.models import Beneficiary, CardChange, CardGap, Double, Payee, PhoneChange, StatusChange, WrongNumber
from registry.rules import CARD_GAP_WORKFLOW, DOUBLE_WORKFLOW, Ground, Pair

_HISTORIES = (CardChange, PhoneChange, StatusChange)


def find_doubles(principal: Principal, *, at: datetime) -> int:
    """Look through the registry for records that may be one person, and lay down what was not found before. Returns
    how many pairs are new."""
    principal.require(rules.PROPOSE_MERGE)
    pairs = rules.find_pairs(queries.suspects())
    known = queries.known_pairs()
    new = {pair: grounds for pair, grounds in pairs.items() if pair not in known}
    if new:
        region = queries.region_codes_of({one for pair in new for one in pair})
        columns = {
            "first_id": [pair.first_id for pair in new],
            "second_id": [pair.second_id for pair in new],
            "region_code": [rules.shared_region(region[pair.first_id], region[pair.second_id]) for pair in new],
            "grounds": [",".join(ground.value for ground in grounds) for grounds in new.values()],
            "found_at": at,
        }
        insert_columns(Double, columns, unless=("first_id", "second_id"))
    audit.record(principal, "registry.find_doubles", "doubles", "", at=at, found=len(new))
    db.session.flush()
    return len(new)


def propose_merge(principal: Principal, double_id: int, kept_id: int, reason: str, *, at: datetime) -> Double:
    """Propose that the other record of a pair goes up in ``kept_id``. Raises Conflict where somebody was quicker or
    one of the two went up in another meanwhile, UserError for an id that is not of the pair or without a reason."""
    principal.require(rules.PROPOSE_MERGE)
    reason = rules.checked_explanation(reason)
    double = queries.double(principal, double_id)
    if kept_id not in (double.first_id, double.second_id):
        raise UserError("请选择要保留哪一条登记。")
    _refuse_merged(double)
    double.kept_id = kept_id
    _refuse_by_parts(double)
    workflow.move(DOUBLE_WORKFLOW, double, "propose", principal, at=at, reason=reason)
    audit.record(principal, "registry.propose_merge", "double", double.id, at=at, kept=kept_id)
    db.session.flush()
    return double


def name_double(principal: Principal, beneficiary_id: int, id_number: str, *, at: datetime) -> Double:
    """Set a person beside the record with that ID number, which an official knows to be his. Returns the pair, an
    existing one where the two stand side by side already. Raises UserError where there is no such record in scope."""
    principal.require(rules.PROPOSE_MERGE)
    person = queries.beneficiary(principal, beneficiary_id)
    other_id = queries.record_of_number(principal, id_number)
    if other_id is None or other_id == person.id:
        raise UserError("您的管辖范围内没有另一条这个证件号码的登记。请核对号码。")
    pair = Pair(min(person.id, other_id), max(person.id, other_id))
    known = queries.double_of(pair)
    if known is not None:
        return known
    other = queries.beneficiary(principal, other_id)
    double = Double(
        first_id=pair.first_id,
        second_id=pair.second_id,
        region_code=rules.shared_region(person.region_code, other.region_code),
        grounds=Ground.MANUAL.value,
        found_at=at,
    )
    db.session.add(double)
    db.session.flush()
    audit.record(principal, "registry.name_double", "double", double.id, at=at)
    db.session.flush()
    return double


def decide_double(principal: Principal, double_id: int, action: str, reason: str, *, at: datetime) -> None:
    """The other steps of a pair: ``refuse`` (a proposal goes back), ``dismiss`` (two people after all), ``reopen``.
    Raises Conflict where the step is not possible now, UserError without a reason."""
    if action not in {"refuse", "dismiss", "reopen"}:
        raise NotVisible
    principal.require(rules.PROPOSE_MERGE)
    reason = rules.checked_explanation(reason)
    double = queries.double(principal, double_id)
    workflow.move(DOUBLE_WORKFLOW, double, action, principal, at=at, reason=reason)
    if action == "refuse":
        double.kept_id = None
    audit.record(principal, f"registry.{action}_merge", "double", double.id, at=at)
    db.session.flush()


def confirm_merge(principal: Principal, double_id: int, *, at: datetime) -> Double:
    """Let one record go up in the other, by another official than the one who proposed it. Payments and whatever
    other rooms have of the person go along, by statements over sets.

    Raises UserError where the two cannot be merged (both stand in one roll, both have a payee), Conflict where
    somebody was quicker, PermissionDenied for the same person.
    """
    principal.require(rules.CONFIRM_MERGE)
    double = queries.double(principal, double_id)
    kept, merged = _locked_pair(double)
    _refuse_merged(double)
    _refuse_by_parts(double)
    workflow.move(DOUBLE_WORKFLOW, double, "confirm", principal, at=at)
    moved = {part.name: part.move(kept.id, merged.id) for part in hooks.merge_parts()}
    double.moved = moved | {"registry": _move_own(principal, kept, merged, at)}
    double.merged_at = at
    merged.merged_into_id = kept.id
    counts = {name: sum(len(ids) for ids in what.values() if isinstance(ids, list)) for name, what in moved.items()}
    audit.record(principal, "registry.merge", "double", double.id, at=at, kept=kept.id, merged=merged.id, moved=counts)
    db.session.flush()
    return double


def undo_merge(principal: Principal, double_id: int, reason: str, *, at: datetime) -> None:
    """Make two records of one again, each with what it had. Raises Conflict where something has happened since that
    cannot be divided, UserError without a reason."""
    principal.require(rules.CONFIRM_MERGE)
    reason = rules.checked_explanation(reason)
    double = queries.double(principal, double_id)
    if double.state != "merged" or double.moved is None or double.merged_at is None:
        raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。")
    kept, merged = _locked_pair(double)
    moved, since = double.moved, double.merged_at
    parts = hooks.merge_parts()
    went_on = any(part.went_on(kept.id, moved.get(part.name, {}), since) for part in parts)
    if went_on or kept.merged_into_id is not None or _own_went_on(kept.id, since):
        raise Conflict("合并之后又有了新的发放或登记，不能再撤销。确实合并错了的，请联系县财政局逐笔核实。")
    workflow.move(DOUBLE_WORKFLOW, double, "undo", principal, at=at, reason=reason)
    merged.merged_into_id = None
    for part in parts:
        part.restore(kept.id, merged.id, moved.get(part.name, {}))
    _restore_own(kept, merged, moved["registry"], at)
    double.kept_id = double.moved = double.merged_at = None
    audit.record(principal, "registry.undo_merge", "double", double.id, at=at, kept=kept.id, merged=merged.id)
    db.session.flush()


def _locked_pair(double: Double) -> tuple[Beneficiary, Beneficiary]:
    """The record that stays and the one that goes, both held. Raises Conflict where no merge is proposed."""
    if double.kept_id is None:
        raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。")
    people = db.session.scalars(
        select(Beneficiary)
        .where(Beneficiary.id.in_((double.first_id, double.second_id)))
        .order_by(Beneficiary.id)
        .with_for_update(of=Beneficiary)
        .execution_options(populate_existing=True)
    ).all()
    by_id = {person.id: person for person in people}
    other_id = double.second_id if double.kept_id == double.first_id else double.first_id
    return by_id[double.kept_id], by_id[other_id]


def _refuse_merged(double: Double) -> None:
    if double.first.merged_into_id is not None or double.second.merged_into_id is not None:
        raise Conflict("两条登记中的一条已经合并到别的登记里。请刷新页面后再看。")


def _refuse_by_parts(double: Double) -> None:
    kept_id, merged_id = double.kept_id, double.merged_id
    assert kept_id is not None
    assert merged_id is not None
    for part in hooks.merge_parts():
        refusal = part.refusal(kept_id, merged_id)
        if refusal is not None:
            raise refusal
    if queries.entered_payee(kept_id) is not None and queries.entered_payee(merged_id) is not None:
        raise UserError("两条登记都登记了收款人。请先终止其中一条的收款人登记，再合并。")


def _move_own(principal: Principal, kept: Beneficiary, merged: Beneficiary, at: datetime) -> dict[str, Any]:
    """What the registry itself has of the record that goes. Its histories stay with it: the page of the other shows
    them too. A gap of a programme in which the other stands as well stays behind, and no list shows it."""
    taken = select(CardGap.programme_code).where(CardGap.beneficiary_id == kept.id)
    gaps = db.session.scalars(
        select(CardGap.id).where(CardGap.beneficiary_id == merged.id, CardGap.programme_code.not_in(taken))
    ).all()
    payees = db.session.scalars(select(Payee.id).where(Payee.beneficiary_id == merged.id)).all()
    merged_before = db.session.scalars(select(Beneficiary.id).where(Beneficiary.merged_into_id == merged.id)).all()
    _set(CardGap, CardGap.id, gaps, beneficiary_id=kept.id)
    _set(Payee, Payee.id, payees, beneficiary_id=kept.id)
    _set(Beneficiary, Beneficiary.id, merged_before, merged_into_id=kept.id)
    taken_over: dict[str, Any] = {"gaps": list(gaps), "payees": list(payees), "merged_before": list(merged_before)}
    if kept.card is None and merged.card is not None:
        unfinished = select(CardGap.id).where(CardGap.beneficiary_id == kept.id, CardGap.closed_on.is_(None))
        taken_over |= {"card": True, "closed_gaps": list(db.session.scalars(unfinished).all())}
        changes.take_card(principal, kept, merged.card, source=changes.MERGE, reason="", at=at)
    if not kept.phone and merged.phone:
        taken_over["phone"] = True
        changes.enter_phone(principal, kept, merged.phone, source=changes.MERGE, reason="", at=at)
        # What was said of the number goes along with it.
        reported = (WrongNumber.beneficiary_id == merged.id, WrongNumber.state == "open")
        taken_over["wrong_numbers"] = list(db.session.scalars(select(WrongNumber.id).where(*reported)))
        _set(WrongNumber, WrongNumber.id, taken_over["wrong_numbers"], beneficiary_id=kept.id)
    return taken_over


def _restore_own(kept: Beneficiary, merged: Beneficiary, moved: Mapping[str, Any], at: datetime) -> None:
    _set(CardGap, CardGap.id, moved["gaps"], beneficiary_id=merged.id)
    _set(Payee, Payee.id, moved["payees"], beneficiary_id=merged.id)
    _set(Beneficiary, Beneficiary.id, moved["merged_before"], merged_into_id=merged.id)
    if moved.get("card"):
        kept.card = None
        kept.card_index = None
        db.session.add(
            CardChange(beneficiary_id=kept.id, before_id=merged.card_id, after_id=None, source=changes.MERGE, at=at)
        )
        db.session.flush()
        again = among(CardGap.id, moved["closed_gaps"])
        values = {"closed_on": None, "due_on": CardGap.materials_due_on}
        workflow.move_set(CARD_GAP_WORKFLOW, CardGap, "open_again", system("registry"), again, **values)
    _set(WrongNumber, WrongNumber.id, moved.get("wrong_numbers"), beneficiary_id=merged.id)
    if moved.get("phone"):
        changes.enter_phone(system("registry"), kept, "", source=changes.MERGE, reason="", at=at)


def _own_went_on(kept_id: int, since: datetime) -> bool:
    """Whether the record that stayed has had another card, phone or status since."""
    for model in _HISTORIES:
        later: Any = select(func.count()).select_from(model).where(model.beneficiary_id == kept_id, model.at > since)
        if db.session.scalar(later):
            return True
    opened = select(CardGap.id).where(CardGap.beneficiary_id == kept_id, CardGap.opened_on > local_date(since)).limit(1)
    return db.session.scalar(opened) is not None


def _set(model: Any, column: Any, ids: Any, **values: Any) -> None:
    if ids:
        db.session.execute(
            update(model).where(among(column, ids)).values(**values).execution_options(synchronize_session=False)
        )
        for entity in db.session.identity_map.values():
            if isinstance(entity, model) and entity.id in ids:
                db.session.expire(entity)
