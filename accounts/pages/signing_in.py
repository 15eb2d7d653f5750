"""Sign-in and sign-out."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts import operations, passkeys, rules, sign_in
from accounts.door import blueprint
from accounts.forms import SignInForm
from accounts.tries import tries_of
from core import gate, web
from core.database import db
from core.limits import count, is_past, take_back, used_up


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
    options = passkeys.sign_in_options(at=g.now) if rules.takes_passkeys(web.settings().base_url) else None
    page = render_template("accounts/login.html", form=form, question=question, options=options)
    return page, (429 if question else 403) if form.errors else 200


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out."""
    sign_in.end_session()
    db.session.commit()
    flash(gettext("您已退出登录。"), "success")
    return redirect(url_for("accounts.login"))
