"""The pages of fund plans."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.addresses import as_number
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.file_forms import FileForm, columns_of, take_in
from core.form_fields import open_choices
from core.money import format_yuan
from core.web import current_principal
from programmes import operations, queries, rules
from programmes.door import blueprint
from programmes.files import FUND_PLAN_FORM, FUND_PLAN_UPLOAD
from programmes.forms import FundLineForm
from programmes.listings import FUND_LINES
from programmes.rules import Source
from programmes.words import CHANNELS, SOURCES, frequency_words


@blueprint.route("/fund-lines", methods=["GET", "POST"])
def fund_lines() -> ResponseReturnValue:
    """The fund plans, line by line."""
    principal = current_principal()
    principal.require(rules.SEE_FUND_PLAN)
    year = local_date(g.now).year
    return listing_pages.serve(
        FUND_LINES,
        queries.fund_lines(principal),
        "programmes/fund_lines.html",
        may_import=principal.may(rules.IMPORT_FUND_PLAN),
        year=year,
        without_plan=queries.without_plan(principal, year),
        CHANNELS=CHANNELS,
        frequency_words=frequency_words,
    )


@blueprint.route("/fund-lines/import", methods=["GET", "POST"])
def import_plan() -> ResponseReturnValue:
    """Bring a fund plan."""
    title = gettext("上传资金计划")
    return take_in(
        FUND_PLAN_UPLOAD,
        FileForm(),
        {},
        title=title,
        intro=gettext("同一笔资金再传一次不会重复；金额与已登记的不同，会列为问题。"),
        crumbs=[(gettext("项目资金计划"), url_for("programmes.fund_lines")), (title, None)],
        columns=columns_of(FUND_PLAN_FORM),
    )


@blueprint.route("/fund-lines/new", methods=["GET", "POST"])
def new_fund_line() -> ResponseReturnValue:
    """One line by hand: money that has come, or a cut by a document of its own."""
    principal = current_principal()
    principal.require(rules.IMPORT_FUND_PLAN)
    form = FundLineForm(year=local_date(g.now).year)
    names = {str(known.id): known.name for known in queries.known_programmes()}
    form.programme.choices = open_choices(names)
    if request.method == "GET":
        form.programme.data = str(request.args.get("programme", 0, type=as_number) or "")
    if form.validate_on_submit():
        try:
            operations.add_fund_line(
                principal,
                int(form.programme.data),
                year=form.year.data or 0,
                source=Source(form.source.data),
                level=form.level.data or "",
                document_number=form.document_number.data or "",
                amount_fen=form.amount.fen if form.direction.data == "add" else -form.amount.fen,
                at=g.now,
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(
                gettext(
                    "已登记：%(programme)s，%(year)s 年，%(source)s，%(direction)s %(amount)s 元。"
                    "登记后不能修改，有变化请用新的文号另列一行。",
                    programme=names[form.programme.data],
                    year=form.year.data,
                    source=SOURCES[form.source.data],
                    direction=gettext("调减") if form.direction.data == "cut" else gettext("下达或追加"),
                    amount=format_yuan(form.amount.fen),
                ),
                "success",
            )
            return redirect(url_for("programmes.fund_lines"))
    title = gettext("登记一笔资金")
    return render_template(
        "programmes/form.html",
        form=form,
        title=title,
        intro=gettext("调减也另列一行，有自己的文号；不能减到已经预留或发放的以下。"),
        crumbs=[(gettext("项目资金计划"), url_for("programmes.fund_lines")), (title, None)],
    )
