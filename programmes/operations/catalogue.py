"""Verbs that change the catalogue and the fund plans."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from core import audit
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.principal import Principal
from programmes import queries, rules
from programmes.catalogue_lines import ReadProgramme, ReadRule
from programmes.models import IncompatibilityRule, Programme
from programmes.operations.standards import begin_standard


@dataclass(frozen=True)
class ChangedProgramme:
    """A programme on record that a file gives otherwise, and the columns that differ."""

    programme: ReadProgramme
    columns: tuple[str, ...]


@dataclass(frozen=True)
class CatalogueChanges:
    """What a policy list would change."""

    added: list[ReadProgramme]
    changed: list[ChangedProgramme]
    new_rules: list[ReadRule]
    changed_rules: list[ReadRule]


def compare_catalogue(programmes: Sequence[ReadProgramme], rules_: Sequence[ReadRule]) -> CatalogueChanges:
    """Set the good lines of a policy list against what is on record."""
    on_record = _programmes_on_record()
    rules_on_record = _rules_on_record()
    pairs = [(programme, on_record.get(programme.code)) for programme in programmes]
    heard = queries.programmes_with_case()
    changed = [ChangedProgramme(programme, _differing(programme, known, heard)) for programme, known in pairs if known]
    compared = [(rule, rules_on_record.get((rule.first_code, rule.second_code))) for rule in rules_]
    return CatalogueChanges(
        added=[programme for programme, known in pairs if known is None],
        changed=[change for change in changed if change.columns],
        new_rules=[rule for rule, known in compared if known is None],
        changed_rules=[rule for rule, known in compared if known and _said(known) != _said(rule)],
    )


def import_catalogue(
    principal: Principal, programmes: Sequence[ReadProgramme], rules_: Sequence[ReadRule], *, at: datetime
) -> CatalogueChanges:
    """Enter checked programmes and rules: new ones are added, known ones (by code; by pair of codes) get what the list
    says, those that the list lacks stay. Whether a programme is sensitive is guessed once, when it is new; what
    finance has set since stays; so does the way of paying of a programme with an inclusion case, which only the case
    changes (B2). Departments are linked by name as far as they exist, for all programmes."""
    principal.require(rules.IMPORT_CATALOGUE)
    changes = compare_catalogue(programmes, rules_)
    on_record, rules_on_record = _programmes_on_record(), _rules_on_record()
    for added in changes.added:
        sensitive = rules.is_sensitive(added.name, added.target)
        programme = Programme(**_values(added), sensitive=sensitive, created_at=at)
        db.session.add(programme)
        db.session.flush()
        _begin_stated_standard(programme, None, at)
    for change in changes.changed:
        known_programme = on_record[change.programme.code]
        for column in change.columns:
            setattr(known_programme, column, _values(change.programme)[column])
        if "department_name" in change.columns:
            known_programme.department_id = None
        if "standard" in change.columns:
            _begin_stated_standard(known_programme, local_date(at), at)
    for rule in changes.new_rules:
        db.session.add(IncompatibilityRule(first_code=rule.first_code, second_code=rule.second_code, **_terms(rule)))
    for rule in changes.changed_rules:
        known = rules_on_record[rule.first_code, rule.second_code]
        for column, value in _terms(rule).items():
            setattr(known, column, value)
    db.session.flush()
    link_departments()
    audit.record(
        principal,
        "programmes.import_catalogue",
        "programmes",
        "",
        at=at,
        added=[programme.code for programme in changes.added],
        changed={change.programme.code: list(change.columns) for change in changes.changed},
        new_rules=len(changes.new_rules),
        changed_rules=[f"{rule.first_code}+{rule.second_code}" for rule in changes.changed_rules],
    )
    db.session.flush()
    return changes


def link_departments() -> None:
    """Give every programme that has none the department of its department's name, where exactly one office bears it."""
    unlinked = db.session.scalars(select(Programme).where(Programme.department_id.is_(None))).all()
    offices = queries.departments_by_name(programme.department_name for programme in unlinked)
    for programme in unlinked:
        programme.department_id = offices.get(programme.department_name)
    db.session.flush()


def change_settings(
    principal: Principal, programme_id: int, *, publicity_days: int, sensitive: bool, at: datetime
) -> Programme:
    """Set how many days a programme's lists are public (0: on paper only) and whether they show surnames only. What
    it was before is recorded. Raises UserError for a number of days out of range."""
    principal.require(rules.CHANGE_SETTINGS)
    programme = queries.programme(principal, programme_id)
    if not 0 <= publicity_days <= rules.MOST_PUBLICITY_DAYS:
        raise UserError("公示天数应在 0 到 %(most)s 之间。0 表示不在网上公示，只张贴。", most=rules.MOST_PUBLICITY_DAYS)
    before = {"publicity_days": programme.publicity_days, "sensitive": programme.sensitive}
    programme.publicity_days, programme.sensitive = publicity_days, sensitive
    after = {"publicity_days": publicity_days, "sensitive": sensitive}
    if after != before:
        audit.record(
            principal, "programmes.change_settings", "programme", programme.id, at=at, before=before, after=after
        )
    db.session.flush()
    return programme


def _programmes_on_record() -> dict[str, Programme]:
    return {programme.code: programme for programme in db.session.scalars(select(Programme))}


def _rules_on_record() -> dict[tuple[str, str], IncompatibilityRule]:
    found = db.session.scalars(select(IncompatibilityRule))
    return {(rule.first_code, rule.second_code): rule for rule in found}


def _values(given: ReadProgramme) -> dict[str, Any]:
    said = asdict(given) | {"channel": given.channel.value}
    return {column: value for column, value in said.items() if value or column not in _OPTIONAL}


# What a list need not have a column for.
_OPTIONAL = frozenset({"level_of_funds", "valid_from", "valid_until"})


def _terms(rule: ReadRule) -> dict[str, Any]:
    """What a rule says, as its row has it."""
    return {
        "handling": rule.handling.value,
        "scope": rule.scope.value,
        "basis": rule.basis,
        "valid_from": rule.valid_from,
        "valid_until": rule.valid_until,
    }


def _said(rule: ReadRule | IncompatibilityRule) -> tuple[object, ...]:
    return (rule.handling, rule.scope, rule.basis, rule.valid_from, rule.valid_until)


def _begin_stated_standard(programme: Programme, begins: date | None, at: datetime) -> None:
    """The standard that the list states in words, from that day on (None: from the beginning). A text that states no
    single amount leaves what is on record."""
    stated = rules.read_standard(programme.standard)
    if stated is None:
        return
    last = max(queries.standards_of(programme.id), key=lambda known: known.valid_from or date.min, default=None)
    if last is not None and (last.amount_fen, last.per, last.monthly) == (
        stated.amount_fen,
        stated.per,
        stated.monthly,
    ):
        return
    if last is not None and begins is not None and last.valid_from is not None and last.valid_from >= begins:
        # A later standard was entered by hand: the list does not overrule it.
        return
    begin_standard(programme, replace(stated, valid_from=begins), programme.policy_basis, at=at)


def _differing(given: ReadProgramme, known: Programme, heard: Collection[int]) -> tuple[str, ...]:
    return tuple(
        column
        for column, value in _values(given).items()
        if getattr(known, column) != value and not (column == "channel" and known.id in heard)
    )
