"""The list of the bank's spellings."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import lazy_gettext

from core.bulk_actions import BulkAction, BulkOutcome
from core.listing import ChoiceFilter, Column, Listing
from core.principal import Principal
from disbursement import operations, rules
from disbursement.models import BankSpelling
from disbursement.words import SPELLING_SOURCES
from registry.models import Card


def _remove(principal: Principal, ids: Sequence[int], _reason: str, at: datetime) -> BulkOutcome:
    done = operations.remove_spellings(principal, ids, at=at)
    left = len(ids) - done
    return BulkOutcome(done, [(lazy_gettext("刚才已由别人删除。"), left)] if left else ())


SPELLINGS = Listing(
    name="spellings",
    title=lazy_gettext("银行的户名写法"),
    columns=(
        Column("name", lazy_gettext("账上的户名"), lambda row: row.name, sort=BankSpelling.name),
        Column("spelling", lazy_gettext("银行的写法"), lambda row: row.spelling, sort=BankSpelling.spelling),
        Column("card", lazy_gettext("卡号后四位"), lambda row: row.card.tail),
        Column("bank", lazy_gettext("开户银行"), lambda row: row.card.bank_name, sort=Card.bank_name),
        Column(
            "source",
            lazy_gettext("怎么知道的"),
            lambda row: row.source,
            kind="status",
            states=SPELLING_SOURCES,
            sort=BankSpelling.source,
        ),
        Column(
            "recorded",
            lazy_gettext("登记时间"),
            lambda row: row.recorded_at,
            kind="time",
            sort=BankSpelling.recorded_at,
        ),
    ),
    id=BankSpelling.id,
    order="-recorded",
    search=(BankSpelling.name, BankSpelling.spelling),
    search_hint=lazy_gettext("户名"),
    filters=(ChoiceFilter("source", lazy_gettext("怎么知道的"), SPELLING_SOURCES, BankSpelling.source),),
    empty=lazy_gettext("还没有。银行回盘里的户名和账上写法不同时，系统会自己记下来。"),
    actions=(
        BulkAction(
            "remove",
            lazy_gettext("删除"),
            rules.EDIT_PROFILE,
            lazy_gettext(
                "删除后，下一个代发文件按账上的户名写。银行以后又这样写，系统会再记下来；人工登记的要重新登记。"
            ),
            _remove,
            kind="danger",
        ),
    ),
)
