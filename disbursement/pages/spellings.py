"""The pages of the bank's spellings: what was learnt from its files, and what people have noted."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.database import db
from core.errors import UserError
from core.web import current_principal
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.forms import SpellingForm
from disbursement.listings import SPELLINGS


@blueprint.route("/spellings", methods=["GET", "POST"])
def spellings() -> ResponseReturnValue:
    """How the bank spells people."""
    principal = current_principal()
    principal.require(rules.EDIT_PROFILE)
    return listing_pages.serve(
        SPELLINGS,
        queries.visible_spellings(principal),
        intro=gettext("银行的字库里没有的字、银行按别的写法登记的户名。代发文件按银行的写法写，账上的户名不变。"),
        buttons=[
            (gettext("登记一个写法"), url_for("disbursement.new_spelling")),
            (gettext("银行文件格式"), url_for("disbursement.profiles")),
        ],
    )


@blueprint.route("/spellings/new", methods=["GET", "POST"])
def new_spelling() -> ResponseReturnValue:
    """Note one by hand."""
    principal = current_principal()
    principal.require(rules.EDIT_PROFILE)
    form = SpellingForm()
    if form.validate_on_submit():
        try:
            operations.enter_spelling(
                principal, form.card.data or "", form.name.data or "", form.spelling.data or "", at=g.now
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("银行的写法已登记。"), "success")
            return redirect(url_for("disbursement.spellings"))
    return render_template("disbursement/new_spelling.html", form=form)
