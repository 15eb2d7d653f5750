"""What can be done with the gaps that an official picks from the ledger."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext
from sqlalchemy import select

from core.bulk import among
from core.bulk_actions import Act, BulkAction, BulkOutcome, Requirement
from core.principal import Principal
from registry import operations, rules
from registry.models import CardGap
from registry.rules import CARD_GAP_WORKFLOW
from registry.words import GAP_ACTIONS

_QUESTIONS = {
    "collect": lazy_gettext("材料齐了，就可以放进下一份批量办卡文件。同一个人在其他项目里的记录一并办理。"),
    "uncollect": lazy_gettext("材料有问题，退回重新收集。"),
    "dismiss": lazy_gettext("去世、迁出、不再享受补贴等不用办卡的，销账并写明理由。"),
    "open_again": lazy_gettext("销账销错了，重新列入台账。"),
}
_OTHERWISE = lazy_gettext("不在这一步，没有办理。")


def _moving(action: str) -> Act:
    def act(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
        chosen = select(CardGap.id).where(among(CardGap.id, list(ids)))
        return BulkOutcome(operations.move_gaps(principal, chosen, action, reason, expected=len(ids), at=at))

    return act


GAP_BULK_ACTIONS = tuple(
    BulkAction(
        action,
        GAP_ACTIONS[action],
        rules.WORK_ON_GAPS,
        question,
        _moving(action),
        needs_reason=action in operations.NEED_A_REASON,
        reason_label=lazy_gettext("理由") if action in operations.NEED_A_REASON else "",
        requires=(Requirement(CardGap.state.in_(CARD_GAP_WORKFLOW.sources(action)), _OTHERWISE),),
        kind="danger" if action == "dismiss" else "primary",
    )
    for action, question in _QUESTIONS.items()
)
"""Each step that an official takes by himself."""
