"""The lists of this room, and what can be done with many of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from flask import request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement

from core import clock
from core.bulk_actions import BulkAction, BulkOutcome, Requirement
from core.errors import UserError
from core.listing import ChoiceFilter, Column, DayFilter, Listing
from core.pictures import CleanPicture, read_photo
from core.principal import Principal
from core.status import Status
from publicity import operations, queries, rules
from publicity.models import PublicityList
from publicity.words import KIND_WORDS, LEVEL_WORDS, LIST_STATES


def state_of(row: PublicityList) -> str:
    """Whether a list is open today. One whose roll was sent back hangs no more."""
    withdrawn = row.withdrawn_at is not None or row.roll.state not in queries.PUBLIC_ROLL_STATES
    return rules.list_state(
        row.closes_on, clock.today(), online=row.online, withdrawn=withdrawn, posted=row.posted_on is not None
    )


def read_posting() -> tuple[date, CleanPicture | None]:
    """The day and the photo of a posted form (publicity/posting_fields.html). Raises UserError for a day or a photo
    that cannot be read."""
    try:
        posted_on = date.fromisoformat(request.form.get("posted_on", ""))
    except ValueError as error:
        raise UserError("请填写张贴的日期，写成年-月-日，例如 2020-07-06。") from error
    brought = request.files.get("photo")
    return posted_on, read_photo(brought.read()) if brought and brought.filename else None


def _confirm(principal: Principal, ids: Sequence[int], _reason: str, at: datetime) -> BulkOutcome:
    posted_on, photo = read_posting()
    return operations.confirm_posting(principal, ids, posted_on, photo, at=at)


def _withdraw(principal: Principal, ids: Sequence[int], reason: str, at: datetime) -> BulkOutcome:
    return operations.withdraw_lists(principal, ids, reason, at=at)


CONFIRM_POSTING = BulkAction(
    "post",
    lazy_gettext("登记张贴"),
    rules.CONFIRM_POSTING,
    lazy_gettext("确认这些公示表已经贴在公示栏上。登记错了可以撤销。"),
    _confirm,
    requires=(
        Requirement(PublicityList.withdrawn_at.is_(None), lazy_gettext("已经撤下。")),
        Requirement(PublicityList.posted_on.is_(None), lazy_gettext("已经登记过张贴。")),
    ),
    fields="publicity/posting_fields.html",
)
WITHDRAW = BulkAction(
    "withdraw",
    lazy_gettext("撤下"),
    rules.WITHDRAW_LIST,
    lazy_gettext("撤下有错的公示表：网上马上看不到，贴出去的请同时揭下。撤下以后不能恢复，改正后重新公示。"),
    _withdraw,
    needs_reason=True,
    reason_label=lazy_gettext("撤下的原因"),
    requires=(Requirement(PublicityList.withdrawn_at.is_(None), lazy_gettext("已经撤下。")),),
    kind="danger",
)


def _posted(value: str) -> ColumnElement[bool]:
    is_posted: ColumnElement[bool] = PublicityList.posted_on.is_not(None)
    return is_posted if value == "yes" else queries.can_be_posted()


LISTS = Listing(
    name="publicity-lists",
    title=lazy_gettext("公示表"),
    columns=(
        Column(
            "title",
            lazy_gettext("公示表"),
            lambda row: row.title,
            sort=PublicityList.title,
            link=lambda row: url_for("publicity.list_page", list_id=row.id),
        ),
        Column(
            "level",
            lazy_gettext("级别"),
            lambda row: LEVEL_WORDS[row.level],
            kind="narrow",
            sort=PublicityList.level,
        ),
        Column("lines", lazy_gettext("人数"), lambda row: row.line_count, kind="number", sort=PublicityList.line_count),
        # Not to be summed: the same money stands in a list of each level.
        Column("total", lazy_gettext("金额（元）"), lambda row: row.total_fen, kind="money"),
        Column("opens", lazy_gettext("开始"), lambda row: row.opens_on, kind="day", sort=PublicityList.opens_on),
        Column("closes", lazy_gettext("结束"), lambda row: row.closes_on, kind="day", sort=PublicityList.closes_on),
        Column("state", lazy_gettext("状态"), state_of, kind="status", states=LIST_STATES),
        Column("posted", lazy_gettext("张贴"), lambda row: row.posted_on, kind="day", sort=PublicityList.posted_on),
        Column(
            "print",
            lazy_gettext("打印"),
            lambda row: gettext("打印"),
            kind="narrow",
            link=lambda row: url_for("publicity.print_list", list_id=row.id),
        ),
    ),
    id=PublicityList.id,
    order="-opens",
    search=(PublicityList.title,),
    search_hint=lazy_gettext("地方、项目或年月"),
    filters=(
        ChoiceFilter(
            "kind",
            lazy_gettext("公示什么"),
            {kind: Status(words) for kind, words in KIND_WORDS.items()},
            PublicityList.kind,
        ),
        ChoiceFilter(
            "level",
            lazy_gettext("级别"),
            {level: Status(words) for level, words in LEVEL_WORDS.items()},
            PublicityList.level,
        ),
        ChoiceFilter(
            "posted",
            lazy_gettext("张贴"),
            {"no": lazy_gettext("还没有登记"), "yes": lazy_gettext("已登记")},
            _posted,
        ),
        DayFilter("opens", lazy_gettext("开始公示"), PublicityList.opens_on, instants=False),
    ),
    empty=lazy_gettext("还没有公示表。花名册经乡镇审核后，可以在这里张榜公示。"),
    actions=(CONFIRM_POSTING, WITHDRAW),
)


def lists_of_roll(boards: Mapping[str, str]) -> Listing:
    """The lists of one roll, to be narrowed to one of its notice boards as well (code → name)."""

    def at_board(code: str) -> ColumnElement[bool]:
        if rules.region_at(rules.VILLAGE, code):
            return PublicityList.region_code.startswith(code)
        # At the township's own board hang only its own lists: those of its villages have theirs.
        return PublicityList.region_code == code

    board = ChoiceFilter("board", lazy_gettext("公示栏"), boards, at_board)
    return replace(LISTS, name="roll-lists", filters=(board, *LISTS.filters), order="title")
