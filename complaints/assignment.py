"""Bulk assignment in the queue: to a colleague of the own office, of what nobody handles yet or another does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import request
from flask_babel import lazy_gettext

from accounts.models import Official
from complaints import rules
from complaints.models import Complaint
from complaints.operations.assigning import assign, colleagues
from core.bulk_actions import BulkAction, BulkOutcome, Requirement
from core.listing import Listing
from core.principal import Principal


@dataclass(frozen=True)
class Assignment(BulkAction):
    """``colleagues``: those among whom the confirmation lets one choose."""

    colleagues: Sequence[Official] = ()


def _chosen_colleague() -> int:
    text = request.form.get("handler", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0


def _assign(principal: Principal, numbers: Sequence[object], _reason: str, at: datetime) -> BulkOutcome:
    return assign(principal, numbers, _chosen_colleague(), also_from_others=False, at=at)


def _reassign(principal: Principal, numbers: Sequence[object], _reason: str, at: datetime) -> BulkOutcome:
    return assign(principal, numbers, _chosen_colleague(), also_from_others=True, at=at)


_IS_OPEN = Requirement(Complaint.state.in_(rules.OPEN), lazy_gettext("已经结束，不能再分派。"))
_ASSIGN = Assignment(
    "assign",
    lazy_gettext("分派"),
    rules.HANDLE_COMPLAINTS,
    lazy_gettext("选中的都交给这位同事经办，每件都留下记录；期限不变，以后可以改派。"),
    _assign,
    requires=(
        _IS_OPEN,
        Requirement(Complaint.handler_id.is_(None), lazy_gettext("已经有人经办，要换人请选“改派”。")),
    ),
    fields="complaints/assignment_fields.html",
)
_REASSIGN = Assignment(
    "reassign",
    lazy_gettext("改派"),
    rules.HANDLE_COMPLAINTS,
    lazy_gettext("选中的都已经有人经办，确认后换成这位同事，每件都留下记录；请先与原经办人说好。"),
    _reassign,
    requires=(
        _IS_OPEN,
        Requirement(Complaint.handler_id.is_not(None), lazy_gettext("还没有人经办，请选“分派”。")),
    ),
    fields="complaints/assignment_fields.html",
)


def with_assignment(listing: Listing, principal: Principal) -> Listing:
    """The list of the own desk, with assignment to one of the principal's colleagues."""
    if not principal.may(rules.HANDLE_COMPLAINTS):
        return listing
    found = colleagues(principal)
    return replace(listing, actions=tuple(replace(action, colleagues=found) for action in (_ASSIGN, _REASSIGN)))
