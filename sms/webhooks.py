"""Calls from SMS providers: receipts and inbound messages. Whoever cannot prove who he is changes nothing."""

from flask import Response, abort, g, request

from core.database import db
from core.principal import system
from core.web import csrf, public_blueprint
from sms import inbound, polling, receipts
from sms.gateways.base import Gateway
from sms.gateways.choice import gateway_named, gateway_names
from sms.tasks import running_app

LARGEST_CALL = 64 * 1024
MOST_PARTS = 200

blueprint = public_blueprint("sms_webhooks", __name__, "/sms")
# The provider's signature takes the place of the token: a browser's cookies mean nothing here.
csrf.exempt(blueprint)


@blueprint.before_request
def limit_size() -> None:
    """A receipt is short."""
    request.max_content_length = LARGEST_CALL
    request.max_form_memory_size = LARGEST_CALL
    request.max_form_parts = MOST_PARTS


def verified_gateway(provider: str) -> Gateway:
    """The gateway, if it is in use and the call truly comes from its provider (404, 403)."""
    if provider not in gateway_names(running_app()):
        abort(404)
    gateway = gateway_named(running_app(), provider)
    if not gateway.verify(request):
        abort(Response("", 403))
    return gateway


@blueprint.post("/<provider>/receipts")
@blueprint.post("/<provider>/<secret>/receipts")
def take_receipts(provider: str, secret: str = "") -> Response:
    """Reports about messages. Anything understood is acknowledged, however often it comes. What a call alone does not
    prove is asked for."""
    gateway = verified_gateway(provider)
    try:
        reports = gateway.parse_receipts(request)
    except ValueError:
        abort(Response("", 400))
    if gateway.trusts_reports:
        receipts.record_receipts(system("sms"), gateway.name, reports, at=g.now)
    else:
        polling.ask_about(gateway.name, reports, at=g.now)
    db.session.commit()
    return gateway.acknowledge()


@blueprint.post("/<provider>/inbound")
def take_inbound(provider: str) -> Response:
    """A message from a phone; the answer goes back by the same call."""
    gateway = verified_gateway(provider)
    try:
        said = gateway.parse_inbound(request)
    except ValueError:
        abort(Response("", 400))
    answer = inbound.receive_inbound(system("sms"), gateway.name, said, at=g.now)
    db.session.commit()
    return gateway.answer_inbound(answer)
