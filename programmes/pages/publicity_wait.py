"""The switch of a programme's page: do the approvals wait for the end of the publicity?"""

from flask import g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.web import current_principal, press
from programmes import operations, queries, rules
from programmes.door import blueprint


@blueprint.post("/catalogue/<int:programme_id>/publicity-wait")
def choose_publicity_wait(programme_id: int) -> ResponseReturnValue:
    """Switch it on or off, with a reason."""
    principal = current_principal()
    principal.require(rules.EDIT_PROGRAMME)
    queries.programme(principal, programme_id)
    waits, reason = request.form.get("waits") == "yes", request.form.get("reason", "")
    return press(
        lambda: operations.choose_publicity_wait(principal, programme_id, reason, waits=waits, at=g.now),
        gettext("已设定：公示期满、异议都答复以后才能审批。") if waits else gettext("已设定：审批不再等公示期满。"),
        url_for("programmes.programme", programme_id=programme_id),
    )
