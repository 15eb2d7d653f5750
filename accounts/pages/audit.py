"""The auditors' pages: what everybody did, and how the chain over it stands."""

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts import audit_queries
from accounts.audit_listing import audit_log_for
from accounts.door import blueprint
from core import listing_pages
from core.web import current_principal


@blueprint.route("/audit/", methods=["GET", "POST"])
def audit_log() -> ResponseReturnValue:
    """Who did what to which thing, when: searched, paged, exported; nothing can be changed here."""
    principal = current_principal()
    return listing_pages.serve(
        audit_log_for(principal),
        audit_queries.entries(principal),
        parts=audit_queries.parts(principal),
        intro=gettext("办理、查看个人信息、导出、登录和被拒绝的访问，逐条留在这里，只增不改。时间按北京时间。"),
        buttons=[(gettext("封存与核对"), url_for("accounts.audit_chain"))],
    )


@blueprint.get("/audit/chain")
def audit_chain() -> ResponseReturnValue:
    """How the chain stood each night, with the hash to be noted elsewhere; printable."""
    state = audit_queries.chain_state(current_principal(), at=g.now)
    return render_template("accounts/audit_chain.html", state=state)
