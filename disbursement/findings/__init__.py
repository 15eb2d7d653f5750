"""What the checks before approval find in a roll (B10): set queries that fetch only what is suspicious.

Each check looks at the payments of the roll that stand, and gives findings; disbursement.operations.checks keeps them.
Where another batch is searched, its payments are held against the set of the roll's people, never person by person.
"""

from disbursement.findings.elsewhere import incompatible, rules_of, twice
from disbursement.findings.money import amounts, beyond_plan, outside_validity
from disbursement.findings.people import officials, payees, people, shared_cards
from disbursement.findings.subject import Found, Subject, batches_beside
from disbursement.models import Roll
from programmes.rules import frequency_of, months_covered

__all__ = ["Found", "findings_of"]


def findings_of(roll: Roll, *, at_department: bool) -> list[Found]:
    """Everything that the checks find in a roll as it stands now."""
    months = months_covered(frequency_of(roll.batch.programme.frequency), roll.batch.period)
    pairs = list(rules_of(roll.batch.programme, months))
    codes = {roll.batch.programme.code, *(pair.other_code for pair in pairs)}
    subject = Subject(roll, months, batches_beside(codes, months))
    return [
        *outside_validity(subject),
        *beyond_plan(subject, at_department=at_department),
        *twice(subject),
        *(found for pair in pairs for found in incompatible(subject, pair)),
        *people(subject),
        *payees(subject),
        *officials(subject),
        *shared_cards(subject),
        *amounts(subject),
    ]
