"""Answers of the bank that came after their month was closed."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.database import db
from core.errors import UserError
from core.web import current_principal, flash_error, press
from disbursement import operations, queries
from disbursement.door import blueprint


@blueprint.post("/discrepancies/<int:discrepancy_id>/book-late")
def book_late_answer(discrepancy_id: int) -> ResponseReturnValue:
    """Book one of them."""
    principal = current_principal()
    found = queries.get_discrepancy(principal, discrepancy_id)
    result_id = found.result_file_id
    return press(
        lambda: operations.book_late_answer(principal, found, request.form.get("reason", ""), at=g.now),
        gettext("已补记，已关账的月份不变。"),
        url_for("disbursement.result", result_id=result_id),
    )


@blueprint.post("/results/<int:result_id>/book-late")
def book_late_answers(result_id: int) -> ResponseReturnValue:
    """Book all of a file."""
    principal = current_principal()
    waiting = sorted(queries.late_answers_of(queries.get_result(principal, result_id)))
    try:
        done = operations.book_late_answers(principal, waiting, request.form.get("reason", ""), at=g.now)
    except UserError as error:
        db.session.rollback()
        flash_error(error)
    else:
        db.session.commit()
        flash(gettext("已补记 %(count)s 行，已关账的月份不变。", count=done.done), "success")
    return redirect(url_for("disbursement.result", result_id=result_id))
