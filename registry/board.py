"""What this room lays on the to-do board: gaps by step and due day, doubles to decide, wrong numbers, cards
a bank is asked for."""

from collections.abc import Iterator
from datetime import date

from flask import url_for
from flask_babel import gettext
from sqlalchemy import func

from core.board import BoardItem
from core.database import db
from core.principal import OrganisationKind, Principal
from registry import queries, rules
from registry.models import CardRequest

ROOM = "registry"


def items(principal: Principal, _today: date) -> Iterator[BoardItem]:
    """Everything of this room that this official has to do."""
    if principal.may(rules.WORK_ON_GAPS):
        yield from _gaps(principal)
    if principal.may(rules.CONFIRM_MERGE):
        yield from _doubles(principal)
    if principal.may(rules.MANAGE_PEOPLE):
        yield from _wrong_numbers(principal)
    if principal.may(rules.ANSWER_CARDS) and principal.organisation_kind == OrganisationKind.BANK:
        yield from _requests(principal)


def _gaps(principal: Principal) -> Iterator[BoardItem]:
    """Folded by step and due day: a township has hundreds."""
    titles = {
        "open": gettext("收集办卡材料"),
        "materials_collected": gettext("材料已齐，送银行办卡"),
        "submitted_to_bank": gettext("催办银行批量办卡"),
        "issued": gettext("登记银行发出的卡"),
    }
    for state, due_on, number in queries.gaps_by_step(principal):
        yield BoardItem(
            title=titles[state],
            url=url_for("registry.card_gaps", state=state),
            room=ROOM,
            due_on=due_on,
            detail=gettext("%(number)s 人次", number=number),
            count=number,
        )


def _doubles(principal: Principal) -> Iterator[BoardItem]:
    number = queries.proposals_waiting(principal)
    if number:
        yield BoardItem(
            title=gettext("审核重复登记的合并"),
            url=url_for("registry.doubles", state="proposed"),
            room=ROOM,
            count=number,
        )


def _wrong_numbers(principal: Principal) -> Iterator[BoardItem]:
    number = queries.open_wrong_numbers(principal)
    if number:
        yield BoardItem(
            title=gettext("核实被报错的手机号码"),
            url=url_for("registry.wrong_numbers", state="open"),
            room=ROOM,
            count=number,
        )


def _requests(principal: Principal) -> Iterator[BoardItem]:
    waiting = queries.card_requests(principal).where(CardRequest.state == "submitted").options()
    number = db.session.scalar(waiting.with_only_columns(func.count()).order_by(None)) or 0
    if number:
        yield BoardItem(
            title=gettext("批量办卡：领取名单、上传办卡结果"),
            url=url_for("registry.card_requests", state="submitted"),
            room=ROOM,
            count=number,
        )
