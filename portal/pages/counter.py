"""The counter: an official of a township or village looks up for the person in front of him.

The number stands in the body of the request only, never in an address; the page that answers is the answer to that
request and is gone when it is left.
"""

from flask import g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import clock, listing_pages
from core.database import db
from core.errors import PermissionDenied, UserError
from core.limits import Counter, count
from core.navigation import NavigationEntry, Section, navigation
from core.principal import Principal
from core.web import current_principal, staff_blueprint
from portal import operations, queries, rules
from portal.counter_form import CounterForm
from portal.listings import ASSISTED
from portal.operations import Assisted
from portal.own_page import own_page
from portal.rules import Asked

blueprint = staff_blueprint("counter", __name__, "counter")
navigation(
    NavigationEntry(
        lazy_gettext("窗口代查补贴"),
        "counter.lookup",
        Section.PEOPLE,
        rules.ASSIST_LOOKUP,
        order=10,
        icon="people",
    ),
    NavigationEntry(
        lazy_gettext("窗口代查记录"), "counter.records", Section.PEOPLE, rules.READ_ASSISTED, order=11, icon="people"
    ),
)


@blueprint.get("/")
def lookup() -> ResponseReturnValue:
    """The form."""
    current_principal().require(rules.ASSIST_LOOKUP)
    return _form_page(CounterForm())


@blueprint.post("/")
def look_up() -> ResponseReturnValue:
    """What is on record about that person, in the same words that he reads himself."""
    principal, form = current_principal(), CounterForm()
    principal.require(rules.ASSIST_LOOKUP)
    if not form.validate_on_submit():
        return _form_page(form), 400
    too_many = _is_one_too_many(principal)
    try:
        found = operations.assist_lookup(
            principal, form.checked_id_number, Asked(form.asked.data), form.note.data or "", too_many=too_many, at=g.now
        )
        db.session.commit()
    except PermissionDenied:
        raise
    except UserError as error:
        db.session.rollback()
        form.note.errors = [gettext(error.sentence) % error.parameters]
        return _form_page(form), 400
    if too_many:
        return _form_page(form, too_many=True), 429
    return _result_page(found, Asked(form.asked.data)) if found else _form_page(form, not_here=True)


@blueprint.route("/records", methods=["GET", "POST"])
def records() -> ResponseReturnValue:
    """Who looked up at which counter and what he wrote about it: for those who see to it that it is not abused."""
    return listing_pages.serve(
        ASSISTED,
        queries.assisted_lookups(current_principal()),
        intro=gettext("乡镇、村的经办人员在窗口替群众查询补贴，每查一次记一条。查的是谁，在审计日志里。"),
    )


def _is_one_too_many(principal: Principal) -> bool:
    # A counter is counted in a transaction of its own, which waits for ours.
    db.session.rollback()
    counters = [
        Counter(rules.ASSISTED_AN_HOUR, f"assist/{principal.official_id}"),
        Counter(rules.ASSISTED_A_DAY, f"assist/{principal.official_id}"),
    ]
    return count(counters, at=g.now)


def _form_page(form: CounterForm, *, not_here: bool = False, too_many: bool = False) -> str:
    return render_template("portal/counter.html", form=form, not_here=not_here, too_many=too_many)


def _result_page(found: Assisted, asked: Asked) -> str:
    today = clock.local_date(g.now)
    newest = own_page(found.own, found.received, today, None)
    return render_template(
        "portal/counter_result.html",
        person=found.person,
        pages=[own_page(found.own, found.received, today, year) for year in newest.years],
        open_year=newest.year,
        asked=rules.ASKED_WORDS[asked],
        at=g.now,
    )
