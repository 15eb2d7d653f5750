"""Versions of the county's routing, brought to a state by the operations."""

from collections.abc import Mapping

from sqlalchemy import select

from complaints.models import RoutingVersion
from complaints.operations import routing as operations
from complaints.operations.routing import GivenRule
from complaints.routing_queries import entries_of, routing_of
from complaints.rules.routing_versions import fingerprint
from core.database import db
from core.principal import Principal
from tests.complaints.access.objects import County
from tests.complaints.county import AT

RULE = {"start": "finance", "category": "service"}


def draft(county: County) -> Mapping[str, object]:
    """The draft with the second of its rules, as addresses want it: a case of the tests meets none of them."""
    version = _open(county.principals["finance handler"], "draft")
    values = {"version": version.number, "rule": entries_of(version)[1].id, "deed": "up"}
    _keep()
    return values


def proposed(county: County) -> Mapping[str, object]:
    """The version that waits for somebody to decide."""
    number = _open(county.principals["finance handler"], "proposed").number
    _keep()
    return {"version": number}


def decided(county: County, action: str) -> Mapping[str, object]:
    """One that was approved, refused, withdrawn, or discarded."""
    writer = county.principals["finance handler"]
    version = _open(writer, "draft" if action == "discard" else "proposed")
    by = county.principals["discipline approver"] if action in ("approve", "refuse") else writer
    move(by, version, action)
    number = version.number
    _keep()
    return {"version": number}


def seen(number: object) -> str:
    """What says of that version that its preview was seen."""
    found = fingerprint(routing_of(_numbered(number)).rules)
    db.session.remove()
    return found


def move(principal: Principal, version: RoutingVersion, action: str) -> None:
    """Do that with it, by somebody who has seen its preview."""
    rules = fingerprint(routing_of(version).rules)
    operations.move_version(principal, version.number, action, at=AT, reason="县里统一督办", seen=rules)


def _open(writer: Principal, state: str) -> RoutingVersion:
    """The one version that is not decided, in that state; begun where there is none."""
    found = db.session.scalar(select(RoutingVersion).where(RoutingVersion.state.in_(("draft", "proposed"))))
    if found is not None and found.state == "proposed" and state == "draft":
        move(writer, found, "withdraw")
        found = None
    if found is None:
        found = operations.begin_version(writer, 0, at=AT)
        for given in (RULE, {"start": "finance", "category": "wrong_list"}):
            operations.keep_rule(writer, found.number, GivenRule(**given), at=AT)
    if found.state != state:
        move(writer, found, "propose")
    return found


def _numbered(number: object) -> RoutingVersion:
    return db.session.scalars(select(RoutingVersion).where(RoutingVersion.number == number)).one()


def _keep() -> None:
    db.session.commit()
    db.session.remove()
