"""How long everything is kept, as the rooms declare it: beside who may do what, for whoever signs in."""

from itertools import groupby

from flask import render_template
from flask.typing import ResponseReturnValue

from accounts import rules
from accounts.door import blueprint
from core import web
from core.retention import rules as retention_rules_of_all


@blueprint.get("/retention")
def retention_rules() -> ResponseReturnValue:
    """The rules by room: the page cannot say anything else than the code."""
    web.current_principal().require(rules.SEE_RIGHTS)
    found = retention_rules_of_all()
    rooms = {room: list(its) for room, its in groupby(found, key=lambda rule: rule.room)}
    return render_template("accounts/retention.html", rooms=rooms)
