"""Versions of the county's routing: which exist for whom, and who moves one on."""

import pytest
from flask import Flask

from tests.complaints.access.objects import County
from tests.complaints.access.people import APPROVE_ROUTING, EVERYBODY, READERS, SIGNED_OUT, WRITE_ROUTING, Group
from tests.complaints.access.picture import changed, picture
from tests.complaints.access.requests import address_of, ask
from tests.complaints.access.versions import decided, draft, proposed, seen

EVER_PROPOSED = WRITE_ROUTING | APPROVE_ROUTING


@pytest.mark.parametrize(
    ("action", "exists_for"),
    [("approve", READERS), ("refuse", EVER_PROPOSED), ("withdraw", WRITE_ROUTING), ("discard", WRITE_ROUTING)],
)
def test_what_was_decided_exists_for_whom_it_concerns(
    app: Flask, county: County, action: str, exists_for: Group
) -> None:
    """What is in force for all who read cases; what came to nothing for those who have to do with it."""
    address = address_of(app, "complaints.routing_version", **decided(county, action))
    number = address.rpartition("/")[2]
    for person in set(EVERYBODY) - set(SIGNED_OUT):
        visitor = county.visitor(person)
        expected = (200 if person in exists_for else 404) if person in READERS else 403
        assert visitor.get(address).status == expected, person
        listed = visitor.get(address_of(app, "complaints.routing")).content.decode()
        assert (f'href="/staff/complaints/routing/{number}"' in listed) == (person in exists_for), person


@pytest.mark.parametrize(
    ("action", "may"),
    [
        ("discard", WRITE_ROUTING),
        ("propose", WRITE_ROUTING),
        ("withdraw", WRITE_ROUTING),
        ("approve", APPROVE_ROUTING),
        ("refuse", APPROVE_ROUTING),
    ],
)
def test_who_moves_a_version_on(app: Flask, county: County, action: str, may: Group) -> None:
    """Who may does it, each of them; of all others nobody changes anything."""
    open_one = draft if action in ("discard", "propose") else proposed
    faults = []

    def press(person: str) -> bool:
        values = open_one(county)
        before = picture()
        form = {"action": action, "reason": "县里统一督办", "seen": seen(values["version"])}
        ask(county.visitor(person), "POST", address_of(app, "complaints.move_routing", **values), form)
        return bool(changed(before))

    for person in sorted(EVERYBODY, key=lambda name: name in may):
        if press(person) != (person in may):
            faults.append(person)
    assert faults == []


def test_whoever_wrote_on_a_version_does_not_approve_it(app: Flask, county: County) -> None:
    values, visitor = draft(county), county.visitor("finance approver")
    rules = address_of(app, "complaints.set_routing_otherwise", **values)
    assert ask(visitor, "POST", rules, {"otherwise": "finance"}).status == 302
    waiting = proposed(county)
    assert waiting["version"] == values["version"]
    form = {"action": "approve", "seen": seen(waiting["version"])}
    before = picture()
    address = address_of(app, "complaints.move_routing", **waiting)
    ask(visitor, "POST", address, form)
    assert changed(before) == []
    ask(county.visitor("discipline approver"), "POST", address, form)
    assert changed(before) == ["complaint_routing_versions"]
