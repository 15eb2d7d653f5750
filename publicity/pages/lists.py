"""The pages of lists: rolls to hang out, how far they are posted, one list, and what can be done with it."""

import io

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.addresses import as_number
from core.bulk_actions import BulkOutcome
from core.clock import local_date
from core.database import db
from core.downloads import as_download
from core.errors import UserError
from core.web import current_principal, press
from disbursement.models import Roll
from disbursement.rules import SEE_ROLLS, sees_roll
from publicity import hooks, operations, queries, rules
from publicity.door import blueprint
from publicity.listings import LISTS, lists_of_roll, read_posting, state_of
from publicity.models import PublicityList
from publicity.progress import boards_of, rounds_hanging
from publicity.words import KIND_WORDS, LEVEL_WORDS, LIST_STATES

MOST_ROUNDS = 30
"""As many rolls that hang are shown above the list: a county has a hundred."""


def page_number() -> int:
    """The page asked for, at least 1. Nonsense is page 1."""
    return max(request.args.get("page", 1, type=as_number), 1)


@blueprint.route("/", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Rolls and results that wait for publicity, what hangs now, and all lists, the newest first."""
    principal, today = current_principal(), local_date(g.now)
    hanging = rounds_hanging(principal, today)
    return listing_pages.serve(
        LISTS,
        queries.lists_for(principal),
        template="publicity/index.html",
        waiting=queries.rolls_waiting(principal),
        results=queries.results_waiting(principal, today),
        hanging=hanging[:MOST_ROUNDS],
        more_hanging=len(hanging) - MOST_ROUNDS,
        kinds=KIND_WORDS,
    )


@blueprint.post("/rolls/<int:roll_id>/publicise")
def publicise(roll_id: int) -> ResponseReturnValue:
    """Write and open the lists of a roll before payment."""
    principal = current_principal()
    roll = queries.get_roll(principal, roll_id)
    made = operations.publicise_roll(principal, roll, at=g.now)
    db.session.commit()
    flash(gettext("已生成 %(count)s 张公示表。请打印张贴到公示栏。", count=len(made)), "success")
    return redirect(url_for("publicity.roll_lists", roll_id=roll_id))


@blueprint.post("/rolls/<int:roll_id>/again")
def publicise_again(roll_id: int) -> ResponseReturnValue:
    """Hang the lists out anew, after a wrong one was taken down."""
    principal = current_principal()
    roll = queries.get_roll(principal, roll_id)
    return press(
        lambda: operations.publicise_again(principal, roll, at=g.now),
        gettext("已重新生成公示表，公示期从今天重新算起。请打印张贴到公示栏。"),
        url_for("publicity.roll_lists", roll_id=roll_id),
    )


@blueprint.post("/rolls/<int:roll_id>/results")
def publicise_results(roll_id: int) -> ResponseReturnValue:
    """Write and open the lists after payment."""
    principal = current_principal()
    roll = queries.get_roll(principal, roll_id)
    return press(
        lambda: operations.publicise_results(principal, roll, at=g.now),
        gettext("已生成发放结果公示表。请打印张贴到公示栏。"),
        url_for("publicity.roll_lists", roll_id=roll_id, kind=rules.AFTER),
    )


@blueprint.route("/rolls/<int:roll_id>", methods=["GET", "POST"])
def roll_lists(roll_id: int) -> ResponseReturnValue:
    """The lists of a roll, and how far they are posted: board by board."""
    principal, today = current_principal(), local_date(g.now)
    roll = queries.get_listed_roll(principal, roll_id)
    hanging = rounds_hanging(principal, today, roll)
    boards = {found.kind: boards_of(principal, roll, found.kind, today) for found in hanging}
    names = {board.code: board.name for found in boards.values() for board in found}
    return listing_pages.serve(
        lists_of_roll(names),
        queries.lists_for(principal).where(PublicityList.roll_id == roll.id),
        template="publicity/roll_lists.html",
        roll=roll,
        hanging=hanging,
        boards=boards,
        kinds=KIND_WORDS,
        may_publicise=principal.may(rules.PUBLICISE) and principal.sees_region(roll.township_code),
        may_confirm=principal.may(rules.CONFIRM_POSTING),
        has_results=roll.batch.state in rules.RESULT_STATES,
        was_taken_down=roll.state in queries.PUBLIC_ROLL_STATES and queries.is_taken_down(roll),
        sees_roll=_sees(roll),
    )


def _sees(roll: Roll) -> bool:
    """Whether the roll's own page exists for the official."""
    principal = current_principal()
    return principal.may(SEE_ROLLS) and sees_roll(principal, roll.township_code, roll.batch.programme.department_id)


@blueprint.get("/lists/<int:list_id>")
def list_page(list_id: int) -> ResponseReturnValue:
    """One list, as the public sees it, page by page; where it was posted, and what was objected to it."""
    principal = current_principal()
    shown, page = queries.get_list(principal, list_id), page_number()
    state = state_of(shown)
    return render_template(
        "publicity/list.html",
        shown=shown,
        lines=queries.lines_of(shown.id, page),
        page=page,
        has_next=page * rules.LINES_PER_PAGE < shown.line_count,
        level=LEVEL_WORDS[shown.level],
        kind=KIND_WORDS[shown.kind],
        state=LIST_STATES[state],
        may_confirm=principal.may(rules.CONFIRM_POSTING) and shown.withdrawn_at is None,
        may_withdraw=principal.may(rules.WITHDRAW_LIST) and state not in (rules.CLOSED, rules.WITHDRAWN),
        sections=hooks.LIST_SECTIONS.found_for(principal, shown),
        sees_roll=_sees(shown.roll),
    )


def _back(list_id: int) -> str:
    return url_for("publicity.list_page", list_id=list_id)


def _one(outcome: BulkOutcome) -> None:
    """Of one list, a refusal is an error."""
    if not outcome.done:
        raise UserError(str(outcome.refused[0][0]))


@blueprint.post("/lists/<int:list_id>/posting")
def confirm_posting(list_id: int) -> ResponseReturnValue:
    """Confirm that a list hangs at its place."""
    principal = current_principal()
    shown = queries.get_list(principal, list_id)

    def confirm() -> None:
        posted_on, photo = read_posting()
        _one(operations.confirm_posting(principal, [shown.id], posted_on, photo, at=g.now))

    return press(confirm, gettext("张贴已登记。"), _back(list_id))


@blueprint.post("/lists/<int:list_id>/posting/withdraw")
def withdraw_posting(list_id: int) -> ResponseReturnValue:
    """Take a confirmation back."""
    principal = current_principal()
    shown, reason = queries.get_list(principal, list_id), request.form.get("reason", "")
    return press(
        lambda: operations.withdraw_posting(principal, shown, reason, at=g.now),
        gettext("张贴的登记已撤销。"),
        _back(list_id),
    )


@blueprint.post("/lists/<int:list_id>/withdraw")
def withdraw_list(list_id: int) -> ResponseReturnValue:
    """Take a wrong list down."""
    principal = current_principal()
    shown, reason = queries.get_list(principal, list_id), request.form.get("reason", "")
    return press(
        lambda: _one(operations.withdraw_lists(principal, [shown.id], reason, at=g.now)),
        gettext("公示表已撤下。贴出去的请同时揭下。"),
        _back(list_id),
    )


@blueprint.post("/lists/<int:list_id>/photo")
def posting_photo(list_id: int) -> ResponseReturnValue:
    """The photo of the board; who fetched it is on record."""
    principal = current_principal()
    photo = operations.read_posting_photo(principal, queries.get_list(principal, list_id), at=g.now)
    db.session.commit()
    return as_download(io.BytesIO(photo.content), photo.filename)
