"""Whom the messages about a batch have reached and whom somebody has to visit; and the coverage of some months (B9)."""

import tempfile
from datetime import date, timedelta
from typing import BinaryIO, cast

from flask import flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import audit, listing_pages
from core.clock import local_date
from core.database import db
from core.downloads import as_download
from core.errors import UserError
from core.months import check_month
from core.principal import Principal
from core.tables.export import Sheet, write_workbook
from core.web import current_principal, flash_error, settings
from disbursement import queries, rules
from disbursement.door import blueprint
from disbursement.listings import TOLD, UNREACHED
from disbursement.queries.reach import (
    Coverage,
    Reach,
    coverage_by_bank,
    coverage_by_township,
    is_unreachable,
    newest_bank_date,
    reach_of,
    told_people,
)
from disbursement.rules.reach import STANDINGS, UNREACHABLE
from disbursement.words import STANDINGS as STANDING_WORDS
from registry.queries import region_names_of
from sms.rules import SEE_MESSAGES
from sms.words import error_words

USUAL_MONTHS = 3
MOST_MONTHS = 12


@blueprint.get("/batches/<int:batch_id>/messages")
def batch_messages(batch_id: int) -> ResponseReturnValue:
    """What became of the messages about a batch: in all, by reason, by township, and what they cost."""
    principal = current_principal()
    found = queries.get_batch(principal, batch_id)
    lines = reach_of(principal, found)
    total = sum(lines, start=Reach())
    reasons = sorted(total.reasons.items(), key=lambda counted: (-counted[1], counted[0]))
    return render_template(
        "disbursement/batch_messages.html",
        batch=found,
        lines=lines,
        total=total,
        reasons=[(standing, code, number) for (standing, code), number in reasons],
        names=region_names_of({line.township_code for line in lines}),
        order=STANDINGS,
        unreachable=UNREACHABLE,
        piece_fen=settings().sms_limits.segment_fen,
        STANDINGS=STANDING_WORDS,
        error_words=error_words,
    )


@blueprint.route("/batches/<int:batch_id>/messages/people", methods=["GET", "POST"])
def told(batch_id: int) -> ResponseReturnValue:
    """The same by name."""
    principal = current_principal()
    found = queries.get_batch(principal, batch_id)
    return listing_pages.serve(TOLD, told_people(principal, found), "disbursement/told.html", batch=found)


@blueprint.route("/batches/<int:batch_id>/messages/unreached", methods=["GET", "POST"])
def unreached(batch_id: int) -> ResponseReturnValue:
    """Who does not know what became of his money, for the township to visit: on paper if need be."""
    principal = current_principal()
    found = queries.get_batch(principal, batch_id)
    people = told_people(principal, found).where(is_unreachable())
    intro = gettext("短信没有送到、没有发出，或者没有手机号码的人。导出交村里上门告知；本人退订的不在内。")
    return listing_pages.serve(UNREACHED, people, "disbursement/told.html", batch=found, intro=intro)


@blueprint.get("/message-coverage")
def message_coverage() -> ResponseReturnValue:
    """Of the people paid in some months: who has a phone, who was sent a message, whom it reached."""
    principal = current_principal()
    principal.require(rules.SEE_ROLLS)
    first, last = _months()
    total, groups = _coverage(principal, first, last)
    return render_template(
        "disbursement/message_coverage.html",
        first=first,
        last=last,
        total=total,
        groups=groups,
        export_url=url_for("disbursement.export_message_coverage", first=first, last=last),
        buttons=[(gettext("短信记录"), url_for("sms.messages"))] if principal.may(SEE_MESSAGES) else [],
    )


@blueprint.post("/message-coverage")
def export_message_coverage() -> ResponseReturnValue:
    """The same as a workbook; one audit entry says who took it."""
    principal = current_principal()
    principal.require(rules.SEE_ROLLS)
    first, last = _months()
    total, groups = _coverage(principal, first, last)
    heading: list[str | int] = [
        gettext("名称"),
        gettext("付过款的人"),
        gettext("登记了手机号码"),
        gettext("发了短信"),
        gettext("送达"),
    ]
    rows = {title: [heading, *(_row(name, line) for name, line in lines)] for title, lines in groups}
    # Of townships everybody is counted once; by bank, whoever has cards at two of them stands in both.
    rows[groups[-1][0]].append(_row(gettext("合计"), total))
    sheets = [Sheet(title, of_group, widths=(24,)) for title, of_group in rows.items()]
    # Handed over open; whoever sends it closes it.
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the answer closes it, once it is sent
    write_workbook(file, sheets)
    audit.record(
        principal,
        "messages.export_coverage",
        "message_coverage",
        f"{first}/{last}",
        at=g.now,
        rows=sum(len(lines) for _title, lines in groups),
        format="xlsx",
    )
    db.session.commit()
    return as_download(file, gettext("短信覆盖-%(first)s-%(last)s.xlsx", first=first, last=last))


def _row(name: str, line: Coverage) -> list[str | int]:
    return [name, line.people, line.with_phone, line.sent, line.delivered]


def _coverage(
    principal: Principal, first: str, last: str
) -> tuple[Coverage, list[tuple[str, list[tuple[str, Coverage]]]]]:
    """In all, and by bank and by township, of the months from the first to the last (YYYY-MM)."""
    days = (date.fromisoformat(f"{first}-01"), _last_day(last))
    townships = coverage_by_township(principal, *days)
    names = region_names_of({line.key for line in townships})
    banks = coverage_by_bank(principal, *days)
    return sum(townships, start=Coverage("")), [
        (gettext("按开户银行"), [(line.key or gettext("开户银行未登记"), line) for line in banks]),
        (gettext("按乡镇（街道）"), [(names.get(line.key, line.key), line) for line in townships]),
    ]


def _months() -> tuple[str, str]:
    """The first and the last month (YYYY-MM) asked for; else the newest in which a bank has paid, and the two before it
    in the same year."""
    try:
        last = check_month(request.args["last"]) if request.args.get("last") else _newest_month()
        first = check_month(request.args["first"]) if request.args.get("first") else _some_before(last, USUAL_MONTHS)
    except UserError as error:
        flash_error(error)
        last = _newest_month()
        return _some_before(last, USUAL_MONTHS), last
    first, last = min(first, last), max(first, last)
    if _number_of(last) - _number_of(first) >= MOST_MONTHS:
        flash(gettext("一次最多看 %(count)s 个月，从最后一个月往前算。", count=MOST_MONTHS), "warning")
        first = _month_of(_number_of(last) - MOST_MONTHS + 1)
    return first, last


def _newest_month() -> str:
    return rules.month_of(newest_bank_date() or local_date(g.now))


def _some_before(last: str, count: int) -> str:
    return max(f"{last[:4]}-01", _month_of(_number_of(last) - count + 1))


def _number_of(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month_of(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _last_day(month: str) -> date:
    return date.fromisoformat(f"{_month_of(_number_of(month) + 1)}-01") - timedelta(days=1)
