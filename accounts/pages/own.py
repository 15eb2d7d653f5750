"""What officials do about their own account: password, second factor, sessions, and giving the password once more."""

import base64

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts import operations, second_factor, sessions, sign_in
from accounts.door import blueprint
from accounts.forms import CodeForm, ConfirmForm, PasswordForm
from accounts.tries import tries_of
from core import gate, qr_images, web
from core.database import db
from core.errors import UserError
from core.limits import count, is_past, take_back, used_up
from core.web import settings


@blueprint.route("/password", methods=["GET", "POST"])
def change_password() -> ResponseReturnValue:
    """Choose a new password; all other sessions of the account end."""
    person = sign_in.oneself()
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            operations.change_password(
                web.current_principal(), person, form.present.data or "", form.wanted.data or "", at=g.now
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence))
        else:
            sign_in.begin_session(person)
            page = sign_in.page_after_sign_in(person, url_for("staff.board"))
            db.session.commit()
            flash(gettext("密码已修改。其他电脑上的登录已全部退出。"), "success")
            return redirect(page)
    return render_template("accounts/password.html", form=form, first=person.must_change_password)


@blueprint.route("/confirm", methods=["GET", "POST"])
def confirm() -> ResponseReturnValue:
    """Give the password once more, and go on."""
    person, principal = sign_in.oneself(), web.current_principal()
    target = web.local_target(request.args.get("next"), url_for("staff.board"))
    form = ConfirmForm()
    question = None
    if form.validate_on_submit():
        tries = tries_of(person.username)
        past = used_up(tries, at=g.now)
        db.session.rollback()
        if gate.must_answer(past, request.form, at=g.now):
            form.form_errors.append(gettext("尝试次数太多。请再输入一次密码，并回答下面的问题。"))
            question = gate.ask()
        else:
            count(tries, at=g.now)
            person = sign_in.oneself()
            if operations.confirm_password(principal, person, form.password.data or "", at=g.now):
                sessions.confirm(sign_in.present_session(), at=g.now)
                db.session.commit()
                take_back(tries, at=g.now)
                return redirect(target)
            db.session.commit()
            form.form_errors.append(gettext("密码不正确。请重新输入。"))
            question = gate.ask() if is_past(tries, at=g.now) else None
    page = render_template("accounts/confirm.html", form=form, question=question)
    return page, (429 if question else 403) if form.errors else 200


@blueprint.route("/second-factor", methods=["GET", "POST"])
@sign_in.asks_again
def set_up_second_factor() -> ResponseReturnValue:
    """Set up an authenticator, or see that there is one. Recovery codes are on the answer and nowhere else."""
    person, principal = sign_in.oneself(), web.current_principal()
    factor = second_factor.confirmed(person.id)
    required = second_factor.is_needed(person, settings())
    if factor is not None:
        left = second_factor.recovery_codes_left(person.id)
        return render_template("accounts/second_factor.html", factor=factor, codes_left=left, required=required)
    secret = second_factor.begin(principal, person)
    db.session.commit()
    form = CodeForm()
    if form.validate_on_submit():
        try:
            codes = second_factor.finish(principal, person, form.code.data or "", at=g.now)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence))
        else:
            sessions.end_all(person.id, at=g.now, but=sign_in.present_session().id)
            db.session.commit()
            return render_template("accounts/recovery_codes.html", codes=codes)
    address = second_factor.address_of(person, secret, f"{settings().county_name}一卡通")
    picture = base64.b64encode(qr_images.png(address)).decode()
    page = render_template(
        "accounts/set_up_second_factor.html", form=form, secret=secret, picture=picture, required=required
    )
    return page, 400 if form.errors else 200


@blueprint.post("/second-factor/recovery-codes")
@sign_in.asks_again
def renew_recovery_codes() -> ResponseReturnValue:
    """New recovery codes; they are on the answer to this request and nowhere else."""
    codes = second_factor.renew_recovery_codes(web.current_principal(), sign_in.oneself(), at=g.now)
    db.session.commit()
    return render_template("accounts/recovery_codes.html", codes=codes)


@blueprint.post("/second-factor/remove")
@sign_in.asks_again
def remove_own_second_factor() -> ResponseReturnValue:
    """Take the own authenticator away, to set up another one."""
    principal, person = web.current_principal(), sign_in.oneself()
    return web.press(
        lambda: second_factor.remove(principal, person, at=g.now),
        gettext("已停用。要继续使用动态验证码，请重新开通。"),
        url_for("accounts.set_up_second_factor"),
    )


@blueprint.get("/sessions")
def own_sessions() -> ResponseReturnValue:
    """Where one is signed in."""
    return render_template(
        "accounts/sessions.html",
        sessions=sessions.own(web.current_principal(), at=g.now),
        present=sign_in.present_session(),
    )


@blueprint.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    """Sign out elsewhere."""
    principal = web.current_principal()
    return web.press(
        lambda: sessions.end_own(principal, session_id, at=g.now),
        gettext("那里的登录已退出。"),
        url_for("accounts.own_sessions"),
    )


@blueprint.post("/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    ended = sessions.end_others(web.current_principal(), sign_in.present_session().id, at=g.now)
    db.session.commit()
    flash(gettext("其他 %(count)s 处登录已退出。", count=ended), "success")
    return redirect(url_for("accounts.own_sessions"))
