"""Verbs that change the catalogue and the fund plans."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from core import audit
from core.clock import local_date
from core.database import db
from core.principal import Principal
from programmes import hooks, queries, rules
from programmes.catalogue_lines import ReadProgramme, ReadRule
from programmes.models import IncompatibilityRule, Programme
from programmes.operations.incompatibility import RuleTerms, next_version, said
from programmes.operations.standards import begin_standard


@dataclass(frozen=True)
class ChangedProgramme:
    """A programme on record that a file gives otherwise, and the columns that differ."""

    programme: ReadProgramme
    columns: tuple[str, ...]


@dataclass(frozen=True)
class CatalogueChanges:
    """What a policy list would change. ``without_standard`` are programmes on record whose text states an amount that
    nobody has entered as a standard; ``kept_frequency`` those whose frequency stays, because payments were approved by
    it; ``kept_rules`` are rules that stay, because a version of the same day or a later one is on record."""

    added: list[ReadProgramme]
    changed: list[ChangedProgramme]
    without_standard: list[ReadProgramme]
    kept_frequency: list[ReadProgramme]
    new_rules: list[ReadRule]
    changed_rules: list[ReadRule]
    kept_rules: list[ReadRule]


def compare_catalogue(programmes: Sequence[ReadProgramme], rules_: Sequence[ReadRule], today: date) -> CatalogueChanges:
    """Set the good lines of a policy list against what is on record. A rule that changes does so from ``today``, or
    from the later day that the list names."""
    on_record = _programmes_on_record()
    rules_on_record = _rules_on_record()
    pairs = [(programme, on_record.get(programme.code)) for programme in programmes]
    fixed = _fixed_columns([(programme, known) for programme, known in pairs if known])
    changed = [
        ChangedProgramme(programme, _differing(programme, known, fixed[known.id]))
        for programme, known in pairs
        if known
    ]
    with_standard = queries.programmes_with_standard()
    compared = [(rule, rules_on_record.get((rule.first_code, rule.second_code), [])) for rule in rules_]
    differing = [(rule, versions[-1]) for rule, versions in compared if versions and not _is_on_record(rule, versions)]
    return CatalogueChanges(
        added=[programme for programme, known in pairs if known is None],
        changed=[change for change in changed if change.columns],
        without_standard=[
            programme
            for programme, known in pairs
            if known
            and known.id not in with_standard
            and known.standard == programme.standard
            and rules.read_standard(programme.standard)
        ],
        kept_frequency=[
            programme
            for programme, known in pairs
            if known and "frequency" in fixed[known.id] and programme.frequency != known.frequency
        ],
        new_rules=[rule for rule, versions in compared if not versions],
        changed_rules=[rule for rule, known in differing if _only_ends(rule, known) or _begins(rule, known, today)],
        kept_rules=[
            rule for rule, known in differing if not _only_ends(rule, known) and not _begins(rule, known, today)
        ],
    )


def import_catalogue(
    principal: Principal, programmes: Sequence[ReadProgramme], rules_: Sequence[ReadRule], *, at: datetime
) -> CatalogueChanges:
    """Enter checked programmes and rules: new ones are added, known ones (by code; by pair of codes) get what the list
    says, those that the list lacks stay. Whether a programme is sensitive is guessed once, when it is new; what
    finance has set since stays; so does the way of paying of a programme with an inclusion case, which only the case
    changes (B2), and the frequency by which payments were approved. A rule that changes gets a further version: the
    months before are still checked by what was valid then. Departments are linked by name as far as they exist, for
    all programmes."""
    principal.require(rules.IMPORT_CATALOGUE)
    today = local_date(at)
    # Whoever changes a programme's standards or rules holds its row; the list waits for him, and others for the list.
    # Rolls that merely name a programme do not.
    db.session.execute(select(Programme.id).order_by(Programme.id).with_for_update(key_share=True))
    changes = compare_catalogue(programmes, rules_, today)
    on_record, rules_on_record = _programmes_on_record(), _rules_on_record()
    for added in changes.added:
        sensitive = rules.is_sensitive(added.name, added.target)
        programme = Programme(**_values(added), sensitive=sensitive, created_at=at)
        db.session.add(programme)
        db.session.flush()
        begin_stated_standard(programme, None, at)
    for change in changes.changed:
        known_programme = on_record[change.programme.code]
        for column in change.columns:
            setattr(known_programme, column, _values(change.programme)[column])
        if "department_name" in change.columns:
            known_programme.department_id = None
        if "standard" in change.columns:
            begin_stated_standard(known_programme, today, at)
    for late in changes.without_standard:
        begin_stated_standard(on_record[late.code], None, at)
    for rule in changes.new_rules:
        next_version((rule.first_code, rule.second_code), _terms(rule), None, at=at)
    for rule in changes.changed_rules:
        known = rules_on_record[rule.first_code, rule.second_code][-1]
        if _only_ends(rule, known):
            known.valid_until = rule.valid_until
        else:
            terms = replace(_terms(rule), valid_from=_begins(rule, known, today))
            next_version((rule.first_code, rule.second_code), terms, known, at=at)
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
        without_standard=[programme.code for programme in changes.without_standard],
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


def _programmes_on_record() -> dict[str, Programme]:
    return {programme.code: programme for programme in db.session.scalars(select(Programme))}


def _rules_on_record() -> dict[tuple[str, str], list[IncompatibilityRule]]:
    """The versions about each pair, oldest first."""
    found: dict[tuple[str, str], list[IncompatibilityRule]] = defaultdict(list)
    for rule in db.session.scalars(select(IncompatibilityRule).order_by(IncompatibilityRule.id)):
        found[rule.first_code, rule.second_code].append(rule)
    return found


def _values(given: ReadProgramme) -> dict[str, Any]:
    said = asdict(given) | {"channel": given.channel.value}
    return {column: value for column, value in said.items() if value or column not in _OPTIONAL}


# What a list need not have a column for.
_OPTIONAL = frozenset({"level_of_funds", "valid_from", "valid_until"})


def _terms(rule: ReadRule) -> RuleTerms:
    return RuleTerms(rule.handling, rule.scope, rule.basis, rule.valid_from, rule.valid_until)


def _of_last_version(rule: ReadRule, known: IncompatibilityRule) -> bool:
    """Whether the list says what the last version says. One that names no day says nothing about it: what was ended by
    hand stays ended."""
    begins = rule.valid_from is None or rule.valid_from == known.valid_from
    return begins and said(_terms(rule))[:3] == said(known)[:3]


def _is_on_record(rule: ReadRule, versions: Sequence[IncompatibilityRule]) -> bool:
    """Whether the list says what is valid already, or tells again, with its first day, what an earlier version said."""
    last = versions[-1]
    ends = rule.valid_until is None or rule.valid_until == last.valid_until
    told_again = rule.valid_from is not None and any(said(_terms(rule))[:4] == said(one)[:4] for one in versions[:-1])
    return told_again or (_of_last_version(rule, last) and ends)


def _only_ends(rule: ReadRule, known: IncompatibilityRule) -> bool:
    """Whether the list says of the last version only until when it is valid."""
    return _of_last_version(rule, known) and _not_before(rule.valid_until, known.valid_from)


def _not_before(last: date | None, first: date | None) -> bool:
    return last is None or first is None or first <= last


def _begins(rule: ReadRule, known: IncompatibilityRule, today: date) -> date | None:
    """From which day a rule that the list gives otherwise is valid: the later day that it names, else today. None where
    the last version begins on that day or later, or what the list says had ended before."""
    begins = today if rule.valid_from in (None, known.valid_from) else rule.valid_from
    may_follow = rules.is_later(begins, known.valid_from) and _not_before(rule.valid_until, begins)
    return begins if may_follow else None


def begin_stated_standard(programme: Programme, begins: date | None, at: datetime) -> None:
    """The standard that the list states in words, from that day on (None: from the beginning; a part of operations,
    which have asked for the right). A text that states no single amount leaves what is on record."""
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


def _fixed_columns(pairs: Sequence[tuple[ReadProgramme, Programme]]) -> dict[int, frozenset[str]]:
    """What a list does not change, by programme id: how one with an inclusion case pays, and how often one pays whose
    payments have been approved."""
    heard = queries.programmes_with_case()
    other = [
        known for given, known in pairs if rules.frequency_of(given.frequency) != rules.frequency_of(known.frequency)
    ]
    approved = hooks.approved_months([known.id for known in other]) if other else {}
    return {
        known.id: frozenset(
            column
            for column, is_fixed in (("channel", known.id in heard), ("frequency", known.id in approved))
            if is_fixed
        )
        for _, known in pairs
    }


def _differing(given: ReadProgramme, known: Programme, fixed: Collection[str]) -> tuple[str, ...]:
    return tuple(
        column for column, value in _values(given).items() if getattr(known, column) != value and column not in fixed
    )
