"""Answers bulk actions of lists (core.bulk_actions): first a page that asks for confirmation, then the deed itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import and_, case, func, literal, select, true

from core.bulk import among
from core.bulk_actions import MOST_ROWS, BulkAction, BulkOutcome
from core.database import db
from core.errors import Conflict, UserError
from core.listing import PAGE_SIZE, AnySelect, Listing, Text, looks_personal, rows_of
from core.listing_screen import ListingPage
from core.principal import Principal
from core.web import flash_error

FIRST_ROWS = 10
_POSSIBLE = -1


@dataclass(frozen=True)
class Chosen:
    """The rows that somebody has chosen: of ``number``, ``possible`` can be done, coming to ``total_fen`` (None where
    the list shows no money); the others are counted by reason. ``ids`` were ticked; empty where it is ``everything``
    that matches. ``first`` are the first rows that can be done."""

    everything: bool
    ids: Sequence[int]
    number: int
    possible: int
    total_fen: int | None
    refused: Sequence[tuple[Text, int]]
    first: Sequence[Any]


def answer(listing: Listing, statement: AnySelect, principal: Principal, *, at: datetime) -> ResponseReturnValue:
    """Answer the press of a bulk action's button, or of its confirmation. ``statement`` is already narrowed to what the
    principal may see."""
    given = listing.whitelisted(request.args)
    page = ListingPage(listing, [], 1, False, 0, given, request.path)
    if looks_personal(given.get("q", "")):
        return redirect(page.url(q=""), 303)
    action = next((one for one in listing.actions if one.key == request.form["bulk"] and one.is_for(principal)), None)
    if action is None:
        flash(gettext("这项批量办理现在不能用。请刷新页面后再看。"), "warning")
        return redirect(page.url(), 303)
    wanted = listing.narrowed(statement, given)
    everything = request.form.get("all") == "1"
    ids = [] if everything else sorted(set(_numbers(request.form.getlist("id"))))
    if not everything:
        if not ids:
            flash(gettext("还没有选中任何一条。请先在前面的方框里打勾，再办理。"), "warning")
            return redirect(page.url(), 303)
        wanted = wanted.where(among(listing.id, _as_column(listing.id, ids)))
    chosen = look_at(listing, action, wanted, ids, everything=everything)
    if "confirmed" in request.form:
        _act(listing, action, wanted, chosen, principal, at=at)
        return redirect(page.url(), 303)
    return render_template("staff/bulk.html", listing=page, action=action, chosen=chosen, address=page.url())


def _numbers(texts: Sequence[str]) -> Iterator[int]:
    """The ids that were ticked; no page has more boxes than PAGE_SIZE."""
    return (int(text) for text in texts[: PAGE_SIZE * 4] if text.isascii() and text.isdecimal() and len(text) <= 18)


def _as_column(column: Any, ids: Sequence[int]) -> list[int | str]:
    """The ids as their column holds them: a public number is text."""
    return [str(number) for number in ids] if column.type.python_type is str else list(ids)


def look_at(listing: Listing, action: BulkAction, wanted: AnySelect, ids: Sequence[int], *, everything: bool) -> Chosen:
    """Which of the chosen rows can be done, what they come to, and why the others cannot."""
    verdict: Any = literal(_POSSIBLE)
    for number, requirement in reversed(list(enumerate(action.requires))):
        verdict = case((requirement.condition, verdict), else_=number)
    amount = literal(0) if listing.amount is None else listing.amount
    judged = (
        wanted.with_only_columns(
            verdict.label("verdict"), amount.label("fen"), listing.id.label("row_id"), maintain_column_froms=True
        )
        .order_by(None)
        .subquery()
    )
    rows = db.session.execute(
        select(judged.c.verdict, func.count(), func.sum(judged.c.fen)).group_by(judged.c.verdict)
    ).all()
    found = {int(verdict): (int(number), int(fen or 0)) for verdict, number, fen in rows}
    possible, total = found.pop(_POSSIBLE, (0, 0))
    first = listing.ordered(_possible(action, wanted), {}).limit(FIRST_ROWS).options(*listing.loads)
    return Chosen(
        everything,
        ids,
        possible + sum(number for number, _ in found.values()),
        possible,
        None if listing.amount is None else total,
        [(action.requires[verdict].otherwise, number) for verdict, (number, _) in sorted(found.items())],
        list(rows_of(first)) if possible else [],
    )


def _possible(action: BulkAction, wanted: AnySelect) -> AnySelect:
    return wanted.where(and_(true(), *(requirement.condition for requirement in action.requires)))


def _act(
    listing: Listing, action: BulkAction, wanted: AnySelect, chosen: Chosen, principal: Principal, *, at: datetime
) -> None:
    """Do it, commit, and say what came of it. What was confirmed was a count and a sum: where they are no longer the
    same, nothing is done and the reader looks again."""
    reason = request.form.get("reason", "").strip()[:1000]
    told = (str(chosen.possible), str(chosen.total_fen))
    try:
        if (request.form.get("count"), request.form.get("total")) != told:
            raise Conflict("在您确认的时候，选中的记录刚刚有了变化，没有办理。请核对后重新选择。")
        if action.needs_reason and not reason:
            raise UserError("请写明理由。没有理由不能办理。")
        if chosen.possible > MOST_ROWS:
            raise UserError("一次最多办理 %(most)s 条。请先筛选，分几次办理。", most=f"{MOST_ROWS:,}")
        statement = _possible(action, wanted).with_only_columns(listing.id, maintain_column_froms=True)
        ids = list(db.session.execute(statement.order_by(listing.id)).scalars())
        outcome = action.act(principal, ids, reason, at) if ids else BulkOutcome(0)
    except UserError as error:
        flash_error(error)
        return
    db.session.commit()
    _tell(action, outcome, chosen)


def _tell(action: BulkAction, outcome: BulkOutcome, chosen: Chosen) -> None:
    if outcome.done and outcome.told:
        flash(str(outcome.told), "success")
    elif outcome.done:
        done = gettext("%(action)s：已办理 %(count)s 条。", action=action.title, count=f"{outcome.done:,}")
        flash(done, "success")
    for sentence, number in (*chosen.refused, *outcome.refused):
        flash(gettext("有 %(count)s 条没有办理：%(why)s", count=f"{number:,}", why=sentence), "warning")
    if not outcome.done and not chosen.refused and not outcome.refused:
        flash(gettext("没有一条可以办理。"), "warning")
