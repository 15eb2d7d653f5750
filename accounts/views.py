"""Sign-in and sign-out, and the pages about offices, officials and rights."""

from typing import Any

from flask import Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from limits import parse

from accounts import operations, queries, rules, second_factor, sign_in
from accounts.forms import OfficeForm, OfficialForm, OrganisationForm, SignInForm
from accounts.listings import OFFICIALS, ORGANISATIONS
from accounts.models import Official
from accounts.organisations import organisation_choices
from core import gate, listing_pages, web
from core.database import db
from core.errors import UserError
from core.limits import Counter, count, is_past, take_back, used_up
from core.navigation import NavigationEntry, Section, navigation
from core.principal import OrganisationKind, Permission, Role, permission_catalogue
from core.states import declared_workflows
from core.web import staff_blueprint
from core.words import ORGANISATION_WORDS, words_of

blueprint = staff_blueprint("accounts", __name__, "")

TRIES_PER_ACCOUNT_AND_ADDRESS = parse("5 per 15 minutes")
TRIES_PER_ACCOUNT = parse("20 per 15 minutes")
# An office may reach the site from one address; guessing at many accounts from one must still end.
TRIES_PER_ADDRESS = parse("200 per 15 minutes")

navigation(
    NavigationEntry(
        lazy_gettext("经办人员"),
        "accounts.officials",
        Section.ADMINISTRATION,
        rules.MANAGE_OFFICIALS,
        order=10,
        icon="people",
    ),
    NavigationEntry(
        lazy_gettext("单位"),
        "accounts.organisations",
        Section.ADMINISTRATION,
        rules.MANAGE_OFFICIALS,
        order=20,
        icon="office",
    ),
    NavigationEntry(
        lazy_gettext("谁能做什么"), "accounts.rights", Section.ADMINISTRATION, rules.SEE_RIGHTS, order=30, icon="key"
    ),
)


def install(app: Flask) -> None:
    """Find out who is asking before each request."""
    sign_in.install(app)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in, and go where one was heading."""
    target = web.local_target(request.args.get("next"), url_for("staff.board"))
    if web.current_principal().is_official:
        return redirect(target)
    form = SignInForm()
    question = None
    if form.validate_on_submit():
        username = form.username.data or ""
        tries = tries_of(username)
        past = used_up(tries, at=g.now)
        # The counters are written at once, beside this request's own transaction: that must not hold the database.
        db.session.rollback()
        if gate.must_answer(past, request.form, at=g.now):
            form.form_errors.append(gettext("尝试次数太多。请再输入一次密码，并回答下面的问题。"))
            question = gate.ask()
        else:
            count(tries, at=g.now)
            person = operations.authenticate(username, form.password.data or "", form.code.data or "", at=g.now)
            if person is not None:
                sign_in.begin_session(person)
                page = sign_in.page_after_sign_in(person, target)
                db.session.commit()
                take_back(tries, at=g.now)
                return redirect(page)
            db.session.commit()
            form.form_errors.append(gettext(operations.WRONG_SIGN_IN))
            question = gate.ask() if is_past(tries, at=g.now) else None
    page = render_template("accounts/login.html", form=form, question=question)
    return page, (429 if question else 403) if form.errors else 200


def tries_of(username: str) -> list[Counter]:
    """What a try counts against: this account from this address, this account from anywhere, and any account from this
    address. Past one of them a question is asked; nobody is locked out by a stranger's tries. A try with the right
    password is taken back: all offices of a county may come by one address."""
    address, name = web.address_at_hand(), username.strip().lower()
    return [
        Counter(TRIES_PER_ACCOUNT_AND_ADDRESS, f"{address} {name}"),
        Counter(TRIES_PER_ACCOUNT, f"account {name}"),
        Counter(TRIES_PER_ADDRESS, address),
    ]


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out."""
    sign_in.end_session()
    db.session.commit()
    flash(gettext("您已退出登录。"), "success")
    return redirect(url_for("accounts.login"))


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


@blueprint.route("/organisations", methods=["GET", "POST"])
def organisations() -> ResponseReturnValue:
    """The offices whose officials one manages."""
    return listing_pages.serve(
        ORGANISATIONS,
        queries.organisations(web.current_principal()),
        buttons=[(gettext("新增单位"), url_for("accounts.add_organisation"))],
    )


@blueprint.route("/organisations/new", methods=["GET", "POST"])
@sign_in.asks_again
def add_organisation() -> ResponseReturnValue:
    """Enter an office."""
    principal = web.current_principal()
    principal.require(rules.MANAGE_OFFICIALS)
    form = OrganisationForm()
    if form.validate_on_submit():
        kind = OrganisationKind(form.kind.data)
        try:
            operations.add_organisation(principal, kind, form.name.data or "", form.region_code.data or "", at=g.now)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence))
        else:
            db.session.commit()
            flash(gettext("单位已新增。现在可以为它新增经办人员。"), "success")
            return redirect(url_for("accounts.organisations"))
    return render_template("accounts/add_organisation.html", form=form)


@blueprint.get("/rights")
def rights() -> ResponseReturnValue:
    """Who may do what, as the rooms declare it: the page cannot say anything else than the code."""
    principal, only_mine = web.current_principal(), request.args.get("mine") == "1"
    principal.require(rules.SEE_RIGHTS)
    by_two, rooms = rights_of_two(), dict[str, list[dict[str, Any]]]()
    for name, right in permission_catalogue().items():
        mine = principal.may(right)
        if mine or not only_mine:
            entry = {"right": right, "holders": holders_of(right), "mine": mine, "by_two": name in by_two}
            rooms.setdefault(name.partition(".")[0], []).append(entry)
    return render_template("accounts/rights.html", rooms=rooms, only_mine=only_mine, roles=words_of(principal.roles))


def rights_of_two() -> frozenset[str]:
    """The rights to steps that take another official than the one who has done an earlier step."""
    steps = (step for life in declared_workflows() for step in life.transitions)
    return frozenset(step.by.name for step in steps if step.by is not None and step.other_than)


def holders_of(right: Permission) -> list[tuple[str, list[str]]]:
    """Who holds a right: kinds of offices with their roles, in words."""
    if len(right.holders) == len(OrganisationKind) * len(Role):
        return [(gettext("全体经办人员"), [])]
    found = [
        (str(words), words_of(role for holder, role in right.holders if holder == kind))
        for kind, words in ORGANISATION_WORDS.items()
    ]
    return [(kind, roles) for kind, roles in found if roles]


# Their pages are of this room; they need the blueprint above, and importing them is all that is wanted.
from accounts import audit_pages, own_pages, retention, retention_pages  # noqa: E402, F401 - for what they register
