"""The lists of batches and of rolls."""

from flask import url_for
from flask_babel import lazy_gettext

from core import clock
from core.listing import ChoiceFilter, Column, Listing
from disbursement.models import Batch, Roll
from disbursement.rules import publicity_hold
from disbursement.words import BATCH_STATES, ROLL_STATES, roll_waits_for
from programmes.models import Programme
from registry.models import Region


def _waits_for(roll: Roll) -> str:
    """By its days alone: to ask for the objections to every row of a list would cost a query each."""
    hold = None
    if roll.state == "publicised":
        waits, until = roll.batch.programme.waits_for_publicity, roll.publicity_until
        hold = publicity_hold(waits=waits, until=until, objections={}, today=clock.today())
    return roll_waits_for(roll, hold)


BATCHES = Listing(
    name="batches",
    title=lazy_gettext("发放批次"),
    columns=(
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: row[1].name,
            sort=Programme.name,
            link=lambda row: url_for("disbursement.batch", batch_id=row[0].id),
        ),
        Column("period", lazy_gettext("期别"), lambda row: row[0].period, sort=Batch.period),
        Column("rolls", lazy_gettext("花名册"), lambda row: row[2], kind="number"),
        Column("lines", lazy_gettext("人数"), lambda row: row[3], kind="number"),
        Column("total", lazy_gettext("金额（元）"), lambda row: row[4], kind="money"),
        Column(
            "state",
            lazy_gettext("状态"),
            lambda row: row[0].state,
            kind="status",
            states=BATCH_STATES,
            sort=Batch.state,
        ),
    ),
    id=Batch.id,
    order="-period",
    search=(Programme.name, Programme.code, Batch.period),
    search_hint=lazy_gettext("项目名称、编码或期别"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), BATCH_STATES, Batch.state),),
    empty=lazy_gettext("还没有发放批次。乡镇上传第一份花名册时，批次会自动建立。"),
)

ROLLS = Listing(
    name="rolls",
    title=lazy_gettext("花名册"),
    columns=(
        Column(
            "programme",
            lazy_gettext("补贴项目"),
            lambda row: row.batch.programme.name,
            sort=Programme.name,
            link=lambda row: url_for("disbursement.roll", roll_id=row.id),
        ),
        Column("period", lazy_gettext("期别"), lambda row: row.batch.period, sort=Batch.period),
        Column("township", lazy_gettext("乡镇（街道）"), lambda row: row.township.name, sort=Roll.township_code),
        Column("lines", lazy_gettext("人数"), lambda row: row.line_count, kind="number", sort=Roll.line_count),
        Column("total", lazy_gettext("金额（元）"), lambda row: row.total_fen, kind="money", sort=Roll.total_fen),
        Column(
            "state", lazy_gettext("状态"), lambda row: row.state, kind="status", states=ROLL_STATES, sort=Roll.state
        ),
        Column("waits_for", lazy_gettext("等待"), _waits_for),
    ),
    id=Roll.id,
    order="-period",
    search=(Programme.name, Programme.code, Region.name, Batch.period),
    search_hint=lazy_gettext("项目、期别或乡镇"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), ROLL_STATES, Roll.state),),
    empty=lazy_gettext("还没有花名册。请上传乡镇报来的花名册文件。"),
)
