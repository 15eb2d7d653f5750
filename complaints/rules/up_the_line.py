"""Who stands next above an office: for a review, for an objection that it decides, for a case that nobody here may
have."""

from collections.abc import Sequence

from complaints.rules.routing import LINE, Case, Office, find_office, may_handle


def next_above(owner: Office, case: Case, offices: Sequence[Office]) -> Office | None:
    """The next one up the line among these offices: above the owner, and above the one complained of
    (信访工作条例 §30). None where there is none."""
    candidates = (find_office(kind, case, offices) for kind in LINE)
    return next(
        (office for office in candidates if office and office.rank > owner.rank and may_handle(office, case.about)),
        None,
    )
