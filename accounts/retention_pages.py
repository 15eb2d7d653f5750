"""How long everything is kept, as the rooms declare it: beside who may do what, for whoever signs in."""

from itertools import groupby

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from accounts import rules
from accounts.views import blueprint
from core import web
from core.navigation import NavigationEntry, Section, navigation
from core.retention import rules as retention_rules_of_all

navigation(
    NavigationEntry(
        lazy_gettext("信息保存多久"),
        "accounts.retention_rules",
        Section.ADMINISTRATION,
        rules.SEE_RIGHTS,
        order=31,
        icon="page",
    )
)


@blueprint.get("/retention")
def retention_rules() -> ResponseReturnValue:
    """The rules by room: the page cannot say anything else than the code."""
    web.current_principal().require(rules.SEE_RIGHTS)
    found = retention_rules_of_all()
    rooms = {room: list(its) for room, its in groupby(found, key=lambda rule: rule.room)}
    return render_template("accounts/retention.html", rooms=rooms)
