"""The lists of this room."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext
from sqlalchemy import and_, select

from accounts.models import Organisation
from complaints import rules
from complaints.models import Complaint
from complaints.rulebook import CURRENT
from complaints.rules.sealed import Stage, stage_of, states_of
from complaints.words import STAGES, STATES, category_choices, category_name
from core import clock, web
from core.listing import ChoiceFilter, Column, DayFilter, Listing
from core.principal import OrganisationKind
from core.working_days import load_calendar
from registry.models import Region

_URGENCY = {
    "late": lazy_gettext("已逾期"),
    "soon": lazy_gettext("快到期"),
    "unread": lazy_gettext("反映人有新补充"),
}


def _urgent(value: str) -> Any:
    today = clock.today()
    conditions: dict[str, Callable[[], Any]] = {
        "late": lambda: Complaint.queue_on < today,
        "soon": lambda: Complaint.queue_on.between(today, rules.reminded_until(today, CURRENT, load_calendar())),
        "unread": lambda: Complaint.unread.is_(True),
    }
    return conditions[value]()


_WHOSE = {
    "mine": lazy_gettext("我经办的"),
    "nobody": lazy_gettext("还没有人经办"),
    "others": lazy_gettext("同事经办的"),
}


def _handled_by(value: str) -> Any:
    own = web.current_principal().official_id
    conditions: dict[str, Any] = {
        "mine": Complaint.handler_id == own,
        "nobody": Complaint.handler_id.is_(None),
        "others": Complaint.handler_id != own,
    }
    return conditions[value]


# Looked up for the rows at hand: joined, they would be fetched for every row that is only counted.
_REGION_NAME = select(Region.name).where(Region.code == Complaint.region_code).scalar_subquery()
_OWNER_NAME = select(Organisation.name).where(Organisation.id == Complaint.owner_id).scalar_subquery()

_COLUMNS = (
    Column(
        "number",
        lazy_gettext("编号"),
        lambda row: row.number,
        link=lambda row: url_for("complaints.case", number=row.number),
    ),
    # Beside the number, so that a narrow screen shows by what the queue is sorted.
    Column("due", lazy_gettext("最近期限"), lambda row: row.due_on, kind="due", sort=Complaint.queue_on),
    Column("category", lazy_gettext("类别"), category_name),
    Column("state", lazy_gettext("状态"), lambda row: row.state, kind="status", states=STATES),
    Column("received", lazy_gettext("收到日期"), lambda row: row.received_on, kind="day", sort=Complaint.received_at),
    Column("region", lazy_gettext("地点"), lambda row: row.region.name, sort=_REGION_NAME),
    Column("owner", lazy_gettext("办理单位"), lambda row: row.owner.name, sort=_OWNER_NAME),
    Column("handler", lazy_gettext("经办人"), lambda row: row.handler.name if row.handler else ""),
    Column("closed", lazy_gettext("办结日期"), lambda row: row.closed_at, kind="day", screen=False),
)

_STAGE = Column(
    "state",
    lazy_gettext("环节"),
    lambda row: stage_of(row.state, row.outcome).value,
    kind="status",
    states=STAGES,
)


def _in_stage(value: str) -> Any:
    stage = Stage(value)
    if stage in (Stage.VERIFICATION, Stage.HANDLED):
        others = [state for one in Stage for state in states_of(one)]
        has_outcome = Complaint.outcome.is_not(None) if stage == Stage.HANDLED else Complaint.outcome.is_(None)
        return and_(Complaint.state.not_in(others), has_outcome)
    return Complaint.state.in_(states_of(stage))


DESK = Listing(
    name="complaints",
    title=lazy_gettext("投诉举报"),
    columns=_COLUMNS,
    id=Complaint.number,
    order="due",
    search=(Complaint.number,),
    search_hint=lazy_gettext("编号"),
    filters=(
        ChoiceFilter("urgency", lazy_gettext("缓急"), _URGENCY, _urgent),
        ChoiceFilter("handler", lazy_gettext("经办人"), _WHOSE, _handled_by),
        ChoiceFilter("state", lazy_gettext("状态"), STATES, Complaint.state),
        ChoiceFilter("category", lazy_gettext("类别"), lambda: category_choices(clues=False), Complaint.category),
    ),
    empty=lazy_gettext("没有等您单位办理的投诉举报。"),
    # Whether there are 3,000 or 4,000 changes nothing for whoever works through them; to count them would.
    most_counted=1_000,
)
SUPERVISED = replace(
    DESK,
    name="supervised_complaints",
    title=lazy_gettext("督办"),
    empty=lazy_gettext("没有逾期上报到您单位的投诉举报。"),
)
MISROUTED = replace(
    DESK,
    name="misrouted_complaints",
    title=lazy_gettext("转办异议"),
    empty=lazy_gettext("没有等您单位裁定的转办异议。别的单位认为不属于它办的，会出现在这里。"),
)
EXTENSIONS = replace(
    DESK,
    name="complaint_extensions",
    title=lazy_gettext("下级延期申请"),
    empty=lazy_gettext("没有等您单位审批的延期申请。下级单位只有一个人、自己不能审批的，会出现在这里。"),
)
ALL = replace(
    DESK,
    name="all_complaints",
    title=lazy_gettext("全部投诉举报"),
    order="-received",
    filters=(*DESK.filters, DayFilter("received", lazy_gettext("收到日期"), Complaint.received_on)),
    empty=lazy_gettext("您单位还没有办理过投诉举报。"),
)
CONFIDENTIAL = replace(
    ALL,
    name="confidential_complaints",
    title=lazy_gettext("保密举报"),
    confidential_to=OrganisationKind.DISCIPLINE,
    empty=lazy_gettext("没有保密举报。"),
)
SEALED = replace(
    DESK,
    name="sealed_complaints",
    columns=tuple(_STAGE if column.key == "state" else column for column in _COLUMNS),
    title=lazy_gettext("问题线索"),
    confidential_to=OrganisationKind.DISCIPLINE,
    filters=(
        ChoiceFilter("urgency", lazy_gettext("缓急"), _URGENCY, _urgent),
        ChoiceFilter("handler", lazy_gettext("经办人"), _WHOSE, _handled_by),
        ChoiceFilter("stage", lazy_gettext("环节"), STAGES, _in_stage),
        ChoiceFilter("category", lazy_gettext("类别"), category_choices, Complaint.category),
    ),
    empty=lazy_gettext("还没有问题线索。"),
)
