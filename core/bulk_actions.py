"""What can be done with many rows of a list at once.

A room declares a BulkAction and names it in its Listing::

    def _settle(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        return operations.settle_discrepancies(principal, ids, reason, at=at)

    SETTLE = BulkAction(
        "settle",
        lazy_gettext("处理完毕"),
        rules.SETTLE_DISCREPANCY,
        lazy_gettext("这些差异都按同一个结果处理。"),
        _settle,
        needs_reason=True,
        requires=(Requirement(Discrepancy.settled_at.is_(None), lazy_gettext("已经处理过了。")),),
    )
    DISCREPANCIES = Listing(..., actions=(SETTLE,))

The view stays as it is: routed for GET and POST, and it calls ``listing_pages.serve``. Where the actions depend on the
page at hand, the view hands over ``dataclasses.replace(LISTING, actions=…)``. core.listing_pages draws the boxes, asks
for confirmation with the count and the sum, calls ``act`` with the ids of the rows that meet every requirement, commits
once and tells what was done and what was not. The ids come from the list's own select, so that nobody reaches a row
that he does not see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement

from core.principal import Permission, Principal

Text: TypeAlias = LazyString | str

MOST_ROWS = 200_000
"""One press moves no more than this."""


@dataclass(frozen=True)
class Requirement:
    """What a row must meet for an action, over the columns of the list's select. ``otherwise`` says in a sentence why
    a row that does not cannot be done; of several, the first one that fails is told."""

    condition: ColumnElement[bool]
    otherwise: Text


@dataclass(frozen=True)
class BulkOutcome:
    """What became of the rows: how many were done, and how many were not, by reason (sentences for people). ``told`` is
    what to say of those that were done, where "done" would be too much."""

    done: int
    refused: Sequence[tuple[Text, int]] = field(default_factory=tuple)
    told: Text = ""


Act = Callable[[Principal, Sequence[int], str, datetime], BulkOutcome]
"""Principal, ids (as the list's ``id`` column holds them), reason (empty where none is asked for), now → outcome. Calls
one operation, which checks the right and the states again (somebody may have been quicker), writes one audit entry and
never commits."""


@dataclass(frozen=True)
class BulkAction:
    """Something that can be done with the chosen rows of a list.

    ``question`` stands above the confirmation: what happens, and whether there is a way back. ``right`` and
    ``offered_for`` (None: everybody with the right) say who is offered it. ``reason_label`` heads the field for the
    reason, where ``needs_reason``. ``fields`` is a template with further fields of the confirmation (files too), which
    ``act`` reads from the request. ``kind`` is the look of the button: primary or danger.
    """

    key: str
    title: Text
    right: Permission | None
    question: Text
    act: Act
    needs_reason: bool = False
    reason_label: Text = ""
    requires: Sequence[Requirement] = ()
    offered_for: Callable[[Principal], bool] | None = None
    fields: str = ""
    kind: str = "primary"

    def is_for(self, principal: Principal) -> bool:
        """Whether this principal is offered the action."""
        if self.right is not None and not principal.may(self.right):
            return False
        return self.offered_for is None or self.offered_for(principal)
