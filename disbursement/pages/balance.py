"""The page of the balance."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from core.addresses import as_number
from core.web import current_principal
from disbursement import queries, rules
from disbursement.balances import balances
from disbursement.door import blueprint


@blueprint.get("/balance")
def balance() -> ResponseReturnValue:
    """Where the money of each programme is, for one year."""
    principal = current_principal()
    principal.require(rules.SEE_BALANCE)
    this_year = g.now.year
    year = request.args.get("year", this_year, type=as_number)
    return render_template(
        "disbursement/balance.html",
        year=year,
        years=range(this_year, this_year - 11, -1),
        balances=balances(year, department_id=queries.own_department(principal)),
    )
