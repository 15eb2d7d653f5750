"""The pages of officials' standing interests: the list of an office, the form for a new one, and ending one."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext

from accounts.models import Official, Organisation
from accounts.organisations import organisation_choices, placed_name
from complaints import operations, rules
from complaints.door import blueprint, tabs
from complaints.forms import InterestForm
from complaints.interests import interest_by_id, registered
from complaints.models import Interest
from complaints.offices import all_offices
from complaints.operations.registering import Registration, may_answer_for, people
from complaints.tracking import regions_to_choose
from core import clock, listing_pages, web
from core.database import db
from core.errors import UserError
from core.form_fields import choices
from core.listing import ChoiceFilter, Column, Listing
from core.principal import Principal
from core.status import Status

STATES = {"holds": Status(lazy_gettext("有效"), "warning"), "ended": Status(lazy_gettext("已注销"), "neutral")}


def _state(interest: Interest) -> str:
    return "holds" if interest.ended_at is None else "ended"


def _in_state(state: str) -> Any:
    return Interest.ended_at.is_(None) if state == "holds" else Interest.ended_at.is_not(None)


def in_what(interest: Interest) -> str:
    """The organisation or the place in words."""
    if interest.organisation is not None:
        return placed_name(interest.organisation)
    return interest.region.path if interest.region else ""


INTERESTS = Listing(
    name="interests",
    title=lazy_gettext("利害关系登记"),
    columns=(
        Column(
            "official",
            lazy_gettext("姓名"),
            lambda row: row.official.name,
            sort=Official.name,
            link=lambda row: url_for("complaints.interest", interest_id=row.id),
        ),
        Column("office", lazy_gettext("所在单位"), lambda row: row.official.organisation.name, sort=Organisation.name),
        Column("in", lazy_gettext("与哪里有关"), in_what),
        Column("reason", lazy_gettext("什么关系"), lambda row: row.reason, kind="long"),
        Column("state", lazy_gettext("状态"), _state, kind="status", states=STATES),
        Column("since", lazy_gettext("从哪天起"), lambda row: row.since, kind="day", sort=Interest.since),
        Column("until", lazy_gettext("到哪天止"), lambda row: row.until, kind="day", sort=Interest.until),
        Column("entered_by", lazy_gettext("登记人"), lambda row: row.enterer.name),
        Column(
            "entered_at",
            lazy_gettext("登记时间"),
            lambda row: row.entered_at,
            kind="time",
            sort=Interest.entered_at,
        ),
    ),
    id=Interest.id,
    order="-entered_at",
    search=(Official.name, Organisation.name),
    search_hint=lazy_gettext("姓名或所在单位"),
    filters=(ChoiceFilter("state", lazy_gettext("状态"), STATES, _in_state),),
    empty=lazy_gettext(
        "本单位还没有登记。有老家、亲属在某个村，或者亲属在某个单位工作的，请先登记：那里的事就不会交到他手里。"
    ),
)


@blueprint.route("/interests", methods=["GET", "POST"])
def interests() -> ResponseReturnValue:
    """Who of the office keeps out of what, and who entered it when; the discipline commission sees all offices."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    return listing_pages.serve(INTERESTS, registered(principal), "complaints/interests.html", tabs=tabs())


@blueprint.route("/interests/new", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """Enter one; what was typed is not lost where it is refused."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    form = InterestForm()
    _fill_choices(form, principal)
    if request.method == "GET":
        form.official.data = str(principal.official_id)
        form.since.data = clock.local_date(g.now)
    if form.validate_on_submit():
        organisation = form.organisation.data
        given = Registration(
            official_id=int(form.official.data),
            reason=form.reason.data or "",
            since=form.since.data,
            organisation_id=int(organisation) if organisation else None,
            region_code=form.region.data or "",
        )
        try:
            _interest, gone = operations.register_interest(principal, given, at=g.now)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("已登记，立即生效。"), "success")
            if gone:
                sentence = ngettext(
                    "有 %(num)d 件没有别的同事能办理，已转到上一级单位。",
                    "有 %(num)d 件没有别的同事能办理，已转到上一级单位。",
                    gone,
                )
                flash(sentence, "warning")
            return redirect(url_for("complaints.interests"), 303)
    page = render_template("complaints/interest_form.html", form=form)
    return page, 400 if form.errors else 200


def _fill_choices(form: InterestForm, principal: Principal) -> None:
    nothing = {"": gettext("不选")}
    persons = {
        str(person.id): gettext("%(name)s（%(office)s）", name=person.name, office=person.organisation.name)
        for person in people(principal)
    }
    regions = {code: f"{township} {village}".strip() for code, township, village in regions_to_choose()}
    form.official.choices = choices(persons)
    form.organisation.choices = [*choices(nothing), *organisation_choices(office.id for office in all_offices())]
    form.region.choices = choices(nothing | regions)


@blueprint.route("/interests/<int:interest_id>", methods=["GET", "POST"])
def interest(interest_id: int) -> ResponseReturnValue:
    """One entry with all that is on record; whoever may, ends it."""
    principal = web.current_principal()
    shown = interest_by_id(principal, interest_id)
    if request.method == "POST":
        return web.press(
            lambda: operations.end_interest(principal, shown, request.form.get("reason", ""), at=g.now),
            gettext("已注销，记录仍然保留。"),
            url_for("complaints.interest", interest_id=interest_id),
        )
    return render_template(
        "complaints/interest.html",
        interest=shown,
        in_what=in_what(shown),
        state=STATES[_state(shown)],
        may_end=shown.ended_at is None and may_answer_for(principal, shown.official),
    )
