"""The checks before approval (B10): run, kept, explained; and what the finance bureau has chosen about them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from core import audit
from core.bulk import among, insert_columns
from core.bulk_actions import BulkOutcome
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.msgid import N_
from core.principal import Principal
from core.uploads import Upload
from core.workflow import WorkflowStep
from disbursement.findings import Found, findings_of
from disbursement.models import CheckSeverity, Payment, Roll, RollFinding
from disbursement.queries.findings import chosen_severities, facts_of
from disbursement.rules import CHECK_ROLL, CHOOSE_CHECKS, EXPLAIN_FINDING, ROLL_WORKFLOW, checks, sees_roll
from disbursement.rules.checks import CheckKind, Severity

UNDER_REVIEW = ("submitted", "township_approved", "publicised")
"""States in which a warning can be explained: the submitter is known, and the roll has not passed yet."""


class FindingsStand(UserError):
    """An approval met an error, or a warning without its reason."""


class FindingCount(NamedTuple):
    """What stands in a roll: errors, warnings, and those warnings that still want a reason."""

    errors: int
    warnings: int
    unexplained: int


def refresh_findings(roll: Roll, *, at: datetime) -> FindingCount:
    """Run all checks on a roll as it stands now. A finding that is found again keeps its explanation, one that is not
    goes, and one whose facts have changed begins anew. The roll is held until the transaction ends."""
    db.session.flush()
    db.session.execute(select(Roll.id).where(Roll.id == roll.id).with_for_update())
    chosen = chosen_severities()
    found = {_key(one): one for one in findings_of(roll, at_department=roll.state == "publicised")}
    standing = {
        (payment_id, kind, other, facts): finding_id
        for finding_id, payment_id, kind, other, facts in db.session.execute(
            select(
                RollFinding.id, RollFinding.payment_id, RollFinding.kind, RollFinding.other, RollFinding.facts
            ).where(RollFinding.roll_id == roll.id)
        )
    }
    gone = [finding_id for key, finding_id in standing.items() if key not in found]
    if gone:
        db.session.execute(_unseen(delete(RollFinding).where(among(RollFinding.id, gone))))
    _forget_what_fell(roll)
    _insert(roll, [one for key, one in found.items() if key not in standing], chosen, at)
    _grade(roll, found.values(), chosen)
    db.session.expire_all()
    return count_findings(roll)


_Key = tuple[int | None, str, str, str]


def _key(found: Found) -> _Key:
    return found.payment_id, found.kind.value, found.other, facts_of(found)


def _unseen(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)


def _forget_what_fell(roll: Roll) -> None:
    """What other rolls have found beside lines of this roll that no longer stand."""
    fallen = select(Payment.id).where(Payment.roll_id == roll.id, Payment.state.in_(checks.NOT_STANDING))
    db.session.execute(_unseen(delete(RollFinding).where(RollFinding.other_payment_id.in_(fallen))))


def _insert(roll: Roll, new: Sequence[Found], chosen: Mapping[str, str], at: datetime) -> None:
    if not new:
        return
    columns = {
        "roll_id": roll.id,
        "payment_id": [one.payment_id for one in new],
        "kind": [one.kind.value for one in new],
        "severity": [_severity(one, chosen) for one in new],
        "facts": [facts_of(one) for one in new],
        "other": [one.other for one in new],
        "other_payment_id": [one.other_payment_id for one in new],
        "other_programme_id": [one.other_programme_id for one in new],
        "found_at": at,
    }
    insert_columns(RollFinding, columns)


def _severity(found: Found, chosen: Mapping[str, str]) -> str:
    return (found.severity or checks.severity_of(found.kind, chosen)).value


def _grade(roll: Roll, found: Any, chosen: Mapping[str, str]) -> None:
    """Findings that stood before are as grave as they are now."""
    grades = {one.kind.value: _severity(one, chosen) for one in found}
    for severity in Severity:
        kinds = [kind for kind, grade in grades.items() if grade == severity.value]
        if kinds:
            db.session.execute(
                _unseen(
                    update(RollFinding)
                    .where(
                        RollFinding.roll_id == roll.id,
                        RollFinding.kind.in_(kinds),
                        RollFinding.severity != severity.value,
                    )
                    .values(severity=severity.value)
                )
            )


def preparers_of(roll: Roll) -> frozenset[int]:
    """Who handed the roll in last, and who brought the file that it holds: their own word is no second person's."""
    submitted = db.session.scalar(
        select(WorkflowStep.official_id)
        .where(
            WorkflowStep.subject_kind == ROLL_WORKFLOW.name,
            WorkflowStep.subject_id == roll.id,
            WorkflowStep.action == "submit",
        )
        .order_by(WorkflowStep.id.desc())
        .limit(1)
    )
    return frozenset(one for one in (submitted, bringer_of(roll)) if one is not None)


def bringer_of(roll: Roll) -> int | None:
    """Who brought the file that the roll holds; None where a command did."""
    if roll.upload_id is None:
        return None
    return db.session.scalar(select(Upload.official_id).where(Upload.id == roll.upload_id))


def wants_reason(preparers: Collection[int]) -> ColumnElement[bool]:
    """A warning that nobody but those who prepared the roll has explained."""
    unexplained = or_(RollFinding.explanation.is_(None), RollFinding.explained_by.in_(sorted(preparers)))
    return and_(RollFinding.severity == Severity.WARNING.value, unexplained)


def count_findings(roll: Roll) -> FindingCount:
    """What stands in a roll, as the last check found it."""
    row = db.session.execute(
        select(
            func.count().filter(RollFinding.severity == Severity.ERROR.value),
            func.count().filter(RollFinding.severity == Severity.WARNING.value),
            func.count().filter(wants_reason(preparers_of(roll))),
        ).where(RollFinding.roll_id == roll.id)
    ).one()
    return FindingCount(*row)


def _refuse_out_of_sight(principal: Principal, roll: Roll) -> None:
    if not sees_roll(principal, roll.township_code, roll.batch.programme.department_id):
        raise NotVisible


def check_roll(principal: Principal, roll: Roll, *, at: datetime) -> FindingCount:
    """Run the checks on demand. Raises Conflict once the department has approved: then the findings are a record."""
    principal.require(CHECK_ROLL)
    _refuse_out_of_sight(principal, roll)
    if roll.state == "department_approved":
        raise Conflict("花名册已经审核通过，核查结果不再变动。")
    found = refresh_findings(roll, at=at)
    audit.record(principal, "roll.check", "roll", roll.id, at=at, errors=found.errors, warnings=found.warnings)
    db.session.flush()
    return found


def refuse_findings(roll: Roll, *, at: datetime) -> None:
    """Check the roll anew and raise FindingsStand where an error stands or a warning lacks the reason of a second
    person. Whether the fund plan suffices is the department's concern, not the township's."""
    refresh_findings(roll, at=at)
    here = [RollFinding.roll_id == roll.id]
    if roll.state == "submitted":
        here.append(RollFinding.kind != CheckKind.BEYOND_PLAN.value)
    errors, unexplained = db.session.execute(
        select(
            func.count().filter(RollFinding.severity == Severity.ERROR.value),
            func.count().filter(wants_reason(preparers_of(roll))),
        ).where(*here)
    ).one()
    if errors or unexplained:
        raise FindingsStand(
            N_(
                "核查发现 %(errors)s 个必须解决的问题，还有 %(warnings)s 个提示没有写明理由，不能通过审核。"
                "请在“核查结果”里剔除有问题的人员或改正信息，并为提示写明理由。"
            ),
            errors=errors,
            warnings=unexplained,
        )


def explain_findings(principal: Principal, roll: Roll, ids: Sequence[int], reason: str, *, at: datetime) -> BulkOutcome:
    """Let warnings of a roll pass for a written reason: the word of a second person, never of who brought its file or
    submitted it, and where an official's name stands on the roll, not that official's. A reason that stood before is
    replaced. Raises UserError without a reason and for these, Conflict where the roll is not under review."""
    principal.require(EXPLAIN_FINDING)
    _refuse_out_of_sight(principal, roll)
    if not reason.strip():
        raise UserError("请写明为什么这些提示可以通过。")
    db.session.execute(select(Roll.id).where(Roll.id == roll.id).with_for_update())
    db.session.refresh(roll, ["state"])
    if roll.state not in UNDER_REVIEW:
        raise Conflict("花名册不在审核中，现在不能写理由。请刷新页面后再看。")
    if principal.official_id is None or principal.official_id in preparers_of(roll):
        raise UserError("这份花名册是您本人上传或者提交的，理由必须由另一位同事来写。")
    here = (RollFinding.roll_id == roll.id, among(RollFinding.id, ids))
    _refuse_own_name(principal, here)
    done: Any = db.session.execute(
        _unseen(
            update(RollFinding)
            .where(*here, RollFinding.severity == Severity.WARNING.value)
            .values(
                explanation=reason.strip(),
                explained_by=principal.official_id,
                explained_by_name=principal.recorded_name,
                explained_at=at,
            )
        )
    )
    db.session.expire_all()
    audit.record(principal, "roll.explain", "roll", roll.id, at=at, findings=done.rowcount)
    db.session.flush()
    left = len(set(ids)) - done.rowcount
    return BulkOutcome(done.rowcount, [(N_("不是提示，不能用理由通过。"), left)] if left else ())


def _refuse_own_name(principal: Principal, here: Sequence[ColumnElement[bool]]) -> None:
    own = (
        select(RollFinding.id)
        .join(Payment, Payment.id == RollFinding.payment_id)
        .where(*here, RollFinding.kind == CheckKind.OFFICIAL_NAMED.value)
        .where(or_(Payment.name == principal.name, Payment.payee_name == principal.name))
    )
    if db.session.scalar(own.limit(1)) is not None:
        raise UserError("其中有与您同名的人员，这一条的理由必须由另一位同事来写。")


def choose_severity(
    principal: Principal, kind: CheckKind, severity: Severity, reason: str, *, at: datetime
) -> CheckSeverity:
    """The finance bureau decides how grave a kind of finding is, from the next check on. Raises UserError without a
    reason or for a kind that is fixed, Conflict where it is so already."""
    principal.require(CHOOSE_CHECKS)
    if kind in checks.FIXED:
        raise UserError("这一项的轻重是固定的，不能改。")
    if not reason.strip():
        raise UserError("请写明调整的理由或依据的文件。")
    if checks.severity_of(kind, chosen_severities()) == severity:
        raise Conflict("这一项已经是这样设定的。请刷新页面后再看。")
    made = CheckSeverity(
        kind=kind.value,
        severity=severity.value,
        reason=reason.strip(),
        chosen_at=at,
        chosen_by=principal.recorded_name,
        official_id=principal.official_id,
    )
    db.session.add(made)
    audit.record(principal, "checks.choose", "check", kind.value, at=at, severity=severity.value)
    db.session.flush()
    return made
