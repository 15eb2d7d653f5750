"""The page of rights."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from accounts import rules
from accounts.door import blueprint
from accounts.holders import holders_of, rights_of_two
from core import web
from core.principal import permission_catalogue
from core.words import words_of


@blueprint.get("/rights")
def rights() -> ResponseReturnValue:
    """Who may do what, as the rooms declare it: the page cannot say anything else than the code."""
    principal, only_mine = web.current_principal(), request.args.get("mine") == "1"
    principal.require(rules.SEE_RIGHTS)
    by_two, rooms = rights_of_two(), dict[str, list[dict[str, Any]]]()
    for name, right in permission_catalogue().items():
        mine = principal.may(right)
        if mine or not only_mine:
            entry = {"right": right, "holders": holders_of(right), "mine": mine, "by_two": name in by_two}
            rooms.setdefault(name.partition(".")[0], []).append(entry)
    return render_template("accounts/rights.html", rooms=rooms, only_mine=only_mine, roles=words_of(principal.roles))
