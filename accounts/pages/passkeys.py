"""The pages of passkeys: signing in with one, and one's own."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts import passkeys, rules, second_factor, sign_in
from accounts.door import blueprint
from accounts.forms import PasskeyForm, PasskeySignInForm
from accounts.tries import tries_from_here
from core import web
from core.database import db
from core.errors import UserError
from core.limits import count, take_back, used_up


@blueprint.post("/login/passkey")
def sign_in_with_passkey() -> ResponseReturnValue:
    """Sign in with what the browser answered for a passkey, and go where one was heading."""
    target = web.local_target(request.args.get("next"), url_for("staff.board"))
    form = PasskeySignInForm()
    tries = tries_from_here()
    past = used_up(tries, at=g.now)
    db.session.rollback()
    if form.validate_on_submit() and not past:
        count(tries, at=g.now)
        person = passkeys.authenticate(form.answer.data or "", at=g.now)
        if person is not None:
            sign_in.begin_session(person)
            page = sign_in.page_after_sign_in(person, target)
            db.session.commit()
            take_back(tries, at=g.now)
            return redirect(page)
        db.session.commit()
    # Too many tries from one address: the password's way asks a question, so nobody is locked out.
    flash(gettext(passkeys.NOT_ACCEPTED), "danger")
    return redirect(url_for("accounts.login", next=request.args.get("next")))


@blueprint.route("/passkeys", methods=["GET", "POST"])
@sign_in.asks_again
def own_passkeys() -> ResponseReturnValue:
    """One's own passkeys, and a form for another one."""
    principal, person = web.current_principal(), sign_in.oneself()
    form = PasskeyForm()
    if form.validate_on_submit():
        try:
            passkeys.add(principal, person, form.name.data or "", form.answer.data or "", at=g.now)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("通行密钥已添加。下次登录时，按“用通行密钥登录”。"), "success")
            return redirect(url_for("accounts.own_passkeys"))
    possible = rules.takes_passkeys(web.settings().base_url)
    ready = possible and second_factor.confirmed(person.id) is not None
    page = render_template(
        "accounts/passkeys.html",
        form=form,
        passkeys=passkeys.of_official(person.id),
        possible=possible,
        ready=ready,
        options=passkeys.options_for_adding(person, at=g.now) if ready else None,
    )
    return page, 400 if form.errors else 200


@blueprint.post("/passkeys/<int:passkey_id>/remove")
@sign_in.asks_again
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Take one's own passkey away."""
    principal, person = web.current_principal(), sign_in.oneself()
    return web.press(
        lambda: passkeys.remove(principal, person, passkey_id, at=g.now),
        gettext("通行密钥已删除，不能再用它登录。"),
        url_for("accounts.own_passkeys"),
    )
