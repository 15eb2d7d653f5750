"""The pages about officials and their accounts."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from accounts import operations, queries, second_factor, sign_in
from accounts.door import blueprint
from accounts.forms import OfficeForm, OfficialForm
from accounts.listings import OFFICIALS
from accounts.models import Official
from accounts.organisations import organisation_choices
from core import listing_pages, web
from core.database import db
from core.errors import UserError
from core.principal import Role
from core.words import words_of


@blueprint.route("/officials", methods=["GET", "POST"])
def officials() -> ResponseReturnValue:
    """The officials whom one manages."""
    return listing_pages.serve(
        OFFICIALS,
        queries.officials(web.current_principal()),
        intro=gettext("只列出您可以管理的单位。停用的账号不能登录，但办过的业务仍记在其名下。"),
        buttons=[(gettext("新增经办人员"), url_for("accounts.add_official"))],
    )


@blueprint.route("/officials/new", methods=["GET", "POST"])
@sign_in.asks_again
def add_official() -> ResponseReturnValue:
    """Make an account; its one-time password is on the answer to this request and nowhere else."""
    principal = web.current_principal()
    offices = db.session.scalars(queries.organisations(principal)).all()
    form = OfficialForm()
    form.organisation_id.choices = organisation_choices(office.id for office in offices)
    if form.validate_on_submit():
        office = queries.organisation(principal, form.organisation_id.data)
        roles = [Role(value) for value in form.roles.data or []]
        try:
            made = operations.add_official(
                principal, office, form.username.data or "", form.name.data or "", roles, at=g.now
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence))
        else:
            db.session.commit()
            return render_template("accounts/one_time.html", official=made.official, password=made.password)
    return render_template("accounts/add_official.html", form=form)


@blueprint.get("/officials/<int:official_id>")
def official(official_id: int) -> ResponseReturnValue:
    """One official, and what can be done about the account."""
    person = queries.official(web.current_principal(), official_id)
    return render_template(
        "accounts/official.html",
        official=person,
        roles=role_words(person),
        has_second_factor=second_factor.confirmed(person.id) is not None,
    )


def role_words(person: Official) -> list[str]:
    """The roles of an official in words."""
    return words_of(Role(held.role) for held in person.roles)


@blueprint.route("/officials/<int:official_id>/office", methods=["GET", "POST"])
@sign_in.asks_again
def change_office(official_id: int) -> ResponseReturnValue:
    """Move an official to another office, or give him other roles."""
    principal = web.current_principal()
    person = queries.official(principal, official_id)
    form = OfficeForm(data={"organisation_id": person.organisation_id, "roles": [held.role for held in person.roles]})
    offices = db.session.scalars(queries.organisations(principal)).all()
    form.organisation_id.choices = organisation_choices(office.id for office in offices)
    if form.validate_on_submit():
        office = queries.organisation(principal, form.organisation_id.data)
        roles = [Role(value) for value in form.roles.data or []]
        try:
            left = operations.change_office(principal, person, office, roles, at=g.now)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence))
        else:
            db.session.commit()
            flash(gettext("已修改，此人要重新登录。") + _left_words(left), "success")
            return redirect(url_for("accounts.official", official_id=official_id))
    return render_template("accounts/change_office.html", form=form, official=person)


def _left_words(left: int) -> str:
    if not left:
        return ""
    return str(
        ngettext(
            "他经办的 %(num)d 件未结事项已留给同事，请原单位重新分派。",
            "他经办的 %(num)d 件未结事项已留给同事，请原单位重新分派。",
            left,
        )
    )


@blueprint.post("/officials/<int:official_id>/second-factor/remove")
@sign_in.asks_again
def remove_second_factor(official_id: int) -> ResponseReturnValue:
    """Take away the authenticator of an official who has lost it."""
    principal = web.current_principal()
    person = queries.official(principal, official_id)
    return web.press(
        lambda: second_factor.remove(principal, person, at=g.now),
        gettext("已停用此人的动态验证码，并已退出登录。"),
        url_for("accounts.official", official_id=official_id),
    )


@blueprint.post("/officials/<int:official_id>/reset-password")
@sign_in.asks_again
def reset_password(official_id: int) -> ResponseReturnValue:
    """Give an official a new one-time password."""
    principal = web.current_principal()
    person = queries.official(principal, official_id)
    password = operations.reset_password(principal, person, at=g.now)
    db.session.commit()
    return render_template("accounts/one_time.html", official=person, password=password)


@blueprint.post("/officials/<int:official_id>/<any(open, close):wanted>")
@sign_in.asks_again
def set_active(official_id: int, wanted: str) -> ResponseReturnValue:
    """Open or close an account."""
    principal = web.current_principal()
    person = queries.official(principal, official_id)
    left = operations.set_active(principal, person, wanted == "open", at=g.now)
    db.session.commit()
    done = gettext("账号已启用。") if wanted == "open" else gettext("账号已停用，并已退出登录。")
    flash(done + _left_words(left), "success")
    return redirect(url_for("accounts.official", official_id=official_id))
