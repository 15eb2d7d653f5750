"""All that is held of one person, collected for himself (个人信息保护法 §45; §49 for the relatives of the dead)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core import audit
from core.database import db
from core.errors import Conflict
from core.personal_records import Records
from core.principal import Principal
from registry import queries, rules
from registry.hooks import PERSON_RECORDS, PersonAsked
from registry.models import Beneficiary
from registry.rules import Proof


@dataclass(frozen=True)
class PersonFile:
    """What is handed out: whose it is, by which proof, why, when, and the tables."""

    person: Beneficiary
    proof: Proof
    reason: str
    at: datetime
    tables: Sequence[Records]


def export_person(
    principal: Principal, beneficiary_id: int, proof: Proof, reason: str, *, form: str, at: datetime
) -> PersonFile:
    """Collect everything that the rooms hold of a person; ``form`` says as what it is handed out (page or xlsx). Raises
    NotVisible outside the principal's regions, UserError without a usable reason or where the proof does not fit the
    person, Conflict for a record that went up in another."""
    principal.require(rules.EXPORT_PERSON)
    person = queries.beneficiary(principal, beneficiary_id)
    if person.merged_into_id is not None:
        raise Conflict("这条登记已经合并到另一条登记里，请在合并后的登记上办理。")
    rules.check_proof(proof, person.status)
    reason = rules.checked_explanation(reason)
    asked = PersonAsked(person, tuple(queries.records_of(person)), at)
    tables = PERSON_RECORDS.found_for(principal, asked)
    audit.record(
        principal,
        "registry.export_person",
        "beneficiary",
        person.id,
        at=at,
        proof=proof.value,
        reason=reason,
        format=form,
        rows=sum(len(table.rows) for table in tables),
    )
    db.session.flush()
    return PersonFile(person, proof, reason, at, tables)
