"""What changes a programme's standards."""

from collections.abc import Callable

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.principal import Principal
from core.web import current_principal, press
from programmes import operations, queries, rules
from programmes.door import blueprint
from programmes.forms import StandardForm
from programmes.pages.catalogue import programme_page
from programmes.rules import StandardUnit
from programmes.wordings import read_day


@blueprint.post("/catalogue/<int:programme_id>/standards")
def add_standard(programme_id: int) -> ResponseReturnValue:
    """A new standard from a day on."""
    principal = current_principal()
    principal.require(rules.EDIT_PROGRAMME)
    shown = queries.programme(principal, programme_id)
    form = StandardForm()
    if not form.validate_on_submit():
        return programme_page(shown, form)
    return press(
        lambda: operations.add_standard(
            principal,
            programme_id,
            amount_fen=form.amount.fen,
            per=StandardUnit(form.per.data),
            monthly=bool(form.monthly.data),
            valid_from=form.valid_from.data,
            basis=form.basis.data or "",
            at=g.now,
        ),
        gettext("新标准已登记，从那一天起的花名册按它核对。"),
        url_for("programmes.programme", programme_id=programme_id),
    )


@blueprint.post("/standards/<int:standard_id>/end")
def end_standard(standard_id: int) -> ResponseReturnValue:
    """Let the last one end with a day."""
    on, _ = read_day(request.form.get("on", ""))
    return _act(
        standard_id,
        lambda principal, reason: operations.end_standard(principal, standard_id, on, reason, at=g.now),
        gettext("已登记截止日期，之后的花名册不再按这条标准核对。"),
    )


@blueprint.post("/standards/<int:standard_id>/resume")
def resume_standard(standard_id: int) -> ResponseReturnValue:
    """Take back the end of the last one."""
    return _act(
        standard_id,
        lambda principal, reason: operations.resume_standard(principal, standard_id, reason, at=g.now),
        gettext("已恢复，这条标准继续执行。"),
    )


@blueprint.post("/standards/<int:standard_id>/withdraw")
def withdraw_standard(standard_id: int) -> ResponseReturnValue:
    """Take back the last one."""
    return _act(
        standard_id,
        lambda principal, reason: operations.withdraw_standard(principal, standard_id, reason, at=g.now),
        gettext("已撤销，前一条标准恢复执行。"),
    )


def _act(standard_id: int, act: Callable[[Principal, str], object], done: str) -> ResponseReturnValue:
    principal = current_principal()
    principal.require(rules.EDIT_PROGRAMME)
    programme_id = queries.programme_of_standard(principal, standard_id)
    return press(
        lambda: act(principal, request.form.get("reason", "")),
        done,
        url_for("programmes.programme", programme_id=programme_id),
    )
