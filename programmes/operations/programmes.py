"""One programme entered or changed by hand. Its code never changes: rolls, files and rules name the programme by it."""

import hashlib
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from core import audit
from core.database import db
from core.errors import Conflict, UserError
from core.msgid import N_
from core.plain_text import plain_without_spaces
from core.principal import Principal
from core.reasons import checked_reason
from programmes import hooks, queries, rules
from programmes.catalogue_lines import readable_code
from programmes.models import IncompatibilityRule, Programme, ProgrammeStandard, PublicityWaitChoice
from programmes.operations.catalogue import begin_stated_standard
from programmes.rules import SENTENCES, Channel, LineProblem
from programmes.wordings import tidy
from registry.models import CardGap

_TAKEN = N_("系统里已有同名或同编码的项目。请核对；确是两个项目的，请改用不同的名称和编码。")


@dataclass(frozen=True)
class ProgrammeTerms:
    """Everything that finance says of a programme beside its code. ``standard`` is the policy's own words; the amounts
    that rolls are checked against are dated standards."""

    name: str
    department_name: str
    target: str
    level_of_funds: str
    policy_basis: str
    standard: str
    unit: str
    frequency: str
    channel: Channel
    publicity_days: int
    sensitive: bool
    shared_cards: bool
    valid_from: date | None = None
    valid_until: date | None = None


def terms_of(programme: Programme) -> ProgrammeTerms:
    """What is on record."""
    values = {column.name: getattr(programme, column.name) for column in fields(ProgrammeTerms)}
    return ProgrammeTerms(**values | {"channel": Channel(programme.channel)})


def changes_of(programme: Programme, terms: ProgrammeTerms) -> dict[str, tuple[object, object]]:
    """What the terms would change: column → (before, after)."""
    before, after = asdict(terms_of(programme)), asdict(_tidied(terms))
    return {column: (before[column], after[column]) for column in before if before[column] != after[column]}


def seen(programme: Programme) -> str:
    """What an official has before him when he changes a programme, in short: another value later means that somebody
    else has changed it in between."""
    return hashlib.sha256(repr(terms_of(programme)).encode()).hexdigest()[:16]


def add_programme(principal: Principal, code: str, terms: ProgrammeTerms, *, at: datetime) -> Programme:
    """Enter a new programme. A standard that its text states begins with the programme, as by a policy list.

    Raises UserError for what a line of a policy list could not say either, Conflict for a code or a name in use."""
    principal.require(rules.EDIT_PROGRAMME)
    known = readable_code(code)
    if known is None:
        raise UserError(
            SENTENCES[LineProblem.CODE_UNREADABLE if plain_without_spaces(code) else LineProblem.CODE_MISSING]
        )
    terms = _tidied(terms)
    _refuse_wrong(terms)
    programme = Programme(code=known, created_at=at, **_columns(terms))
    _save(programme)
    begin_stated_standard(programme, None, at)
    audit.record(principal, "programmes.add", "programme", programme.id, at=at, code=known, terms=_told(asdict(terms)))
    db.session.flush()
    return programme


def edit_programme(
    principal: Principal, programme_id: int, terms: ProgrammeTerms, *, seen_as: str, at: datetime
) -> Programme:
    """Change what is on record of a programme; what it was before is recorded. ``seen_as`` is what ``seen`` gave when
    the official began.

    Raises UserError for what a line of a policy list could not say either, where nothing changes, for the way of paying
    where only an inclusion case changes it (B2), and for another frequency where payments have been approved (their
    periods would stand for other months); Conflict for a name in use, and where somebody has
    changed the programme in between."""
    principal.require(rules.EDIT_PROGRAMME)
    programme = queries.programme(principal, programme_id)
    db.session.execute(select(Programme.id).where(Programme.id == programme_id).with_for_update())
    db.session.refresh(programme)
    if seen(programme) != seen_as:
        raise Conflict("刚才已有同事修改了这个项目，您的修改没有保存。请重新打开修改页面，看过现在的内容再改。")
    terms = _tidied(terms)
    _refuse_wrong(terms)
    changes = changes_of(programme, terms)
    if not changes:
        raise UserError("没有改动任何内容。")
    if "channel" in changes and is_channel_fixed(programme):
        raise UserError("这个项目已经办理过纳入平台，或者已经有审核通过的发放，发放方式不能在这里改。请提请研究。")
    if "frequency" in changes and is_other_frequency(programme, terms.frequency):
        raise UserError("这个项目已经有审核通过的发放，发放周期不能改：已发的各期会变成另外的月份。")
    for column, value in _columns(terms).items():
        setattr(programme, column, value)
    _save(programme)
    audit.record(
        principal,
        "programmes.edit",
        "programme",
        programme.id,
        at=at,
        before=_told({column: before for column, (before, _) in changes.items()}),
        after=_told({column: after for column, (_, after) in changes.items()}),
    )
    db.session.flush()
    return programme


def remove_programme(principal: Principal, programme_id: int, reason: str, *, at: datetime) -> None:
    """Take back a programme entered by mistake, as long as nothing depends on it: no money, roll, case, filing or rule.
    Raises NotVisible, UserError without a reason, Conflict where something does."""
    principal.require(rules.EDIT_PROGRAMME)
    programme = queries.programme(principal, programme_id)
    why = checked_reason(reason)
    code, name = programme.code, programme.name
    if _is_named_by_code(code):
        raise Conflict(_IN_USE)
    try:
        with db.session.begin_nested():
            for own in (ProgrammeStandard, PublicityWaitChoice):
                db.session.execute(delete(own).where(own.programme_id == programme_id))
            # What names it otherwise than by its code does so by a foreign key.
            db.session.execute(delete(Programme).where(Programme.id == programme_id))
    except IntegrityError as error:
        raise Conflict(_IN_USE) from error
    audit.record(principal, "programmes.remove", "programme", programme_id, at=at, code=code, name=name, reason=why)
    db.session.flush()


def _is_named_by_code(code: str) -> bool:
    rule = IncompatibilityRule
    of_pairs = select(rule.id).where(or_(rule.first_code == code, rule.second_code == code))
    of_gaps = select(CardGap.id).where(CardGap.programme_code == code)
    return any(db.session.scalar(naming.limit(1)) is not None for naming in (of_pairs, of_gaps))


_IN_USE = N_("这个项目已经有资金、花名册、纳入平台的办理、备案或不相容规则，不能删除。停发的项目请填写截止日期。")


def is_other_frequency(programme: Programme, frequency: str) -> bool:
    """Whether the wording means another frequency than the one by which payments of the programme were approved."""
    if rules.frequency_of(frequency) == rules.frequency_of(programme.frequency):
        return False
    return bool(hooks.approved_months([programme.id]))


def is_channel_fixed(programme: Programme) -> bool:
    """Whether only an inclusion case changes how the programme pays (B2): it has, or had, one; or it has paid."""
    return programme.id in queries.programmes_with_case() or bool(hooks.approved_months([programme.id]))


def _refuse_wrong(terms: ProgrammeTerms) -> None:
    reversed_days = terms.valid_from and terms.valid_until and terms.valid_until < terms.valid_from
    checks = (
        (not terms.name, LineProblem.NAME_MISSING),
        (not terms.department_name, LineProblem.DEPARTMENT_MISSING),
        (not 0 <= terms.publicity_days <= rules.MOST_PUBLICITY_DAYS, LineProblem.PUBLICITY_DAYS_UNREADABLE),
        (reversed_days, LineProblem.DAYS_REVERSED),
    )
    for wrong, problem in checks:
        if wrong:
            raise UserError(SENTENCES[problem])


def _tidied(terms: ProgrammeTerms) -> ProgrammeTerms:
    # The way of paying is a word of ours, which needs none.
    words: dict[str, Any] = {column: tidy(value) for column, value in asdict(terms).items() if type(value) is str}
    return replace(terms, **words)


def _columns(terms: ProgrammeTerms) -> dict[str, object]:
    department = queries.departments_by_name([terms.department_name]).get(terms.department_name)
    return asdict(terms) | {"channel": terms.channel.value, "department_id": department}


def _told(values: dict[str, object]) -> dict[str, object]:
    """Values as the audit log keeps them."""
    return {column: str(value) if isinstance(value, date) else value for column, value in values.items()}


def _save(programme: Programme) -> None:
    try:
        # Of two who take a code or a name at one moment the database lets one through.
        with db.session.begin_nested():
            db.session.add(programme)
    except IntegrityError as error:
        raise Conflict(_TAKEN) from error
