"""Whoever works in the demo county follows every link there is, and presses every bulk action: each opens."""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from tests.signing import sign_in

OF_EACH_KIND = 1
"""So many pages of one kind are opened for each official: the next hundred rolls are like the first."""


DESKS = (
    "township",
    "township-approver",
    "civil-affairs",
    "finance",
    "finance-approver",
    "finance-chief",
    "bank",
    "discipline",
    "audit",
    "admin",
)


def every_link_and_every_bulk_action_opens(app: Flask) -> None:
    """From each desk of the demo county that is loaded."""
    pressed: set[tuple[str, str]] = set()
    opened: set[str] = set()
    for official in db.session.scalars(select(Official).where(Official.username.in_(DESKS))).all():
        client = sign_in(app.test_client(), official)
        for path, page in pages_of(app, client):
            opened.add(path)
            pressed.update((path, action) for action in press_all(client, path, page))
    assert len(opened) > 150
    assert len({action for _, action in pressed}) >= 15, pressed


def pages_of(app: Flask, client: FlaskClient) -> Iterator[tuple[str, str]]:
    """The pages that can be reached from the desk by links."""
    adapter = app.url_map.bind("localhost")
    waiting = deque(["/staff/"])
    seen: Counter[str] = Counter()
    while waiting:
        path = waiting.popleft()
        endpoint, _ = adapter.match(urlsplit(path).path)
        if seen[endpoint] >= OF_EACH_KIND or endpoint == "static":
            continue
        seen[endpoint] += 1
        answer = client.get(path)
        assert answer.status_code in (200, 302, 303), (path, answer.status_code)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        page = answer.get_data(as_text=True)
        yield path, page
        waiting.extend(
            link for link in map(unescape, re.findall(r'<a [^>]*href="(/staff/[^"#]*)"', page)) if "export=" not in link
        )


def press_all(client: FlaskClient, path: str, page: str) -> Iterator[str]:
    """Press each bulk action of a page with the first row ticked, up to the question whether it is meant."""
    row = re.search(r'name="id"\s+value="(\d+)"', page)
    if row is None:
        return
    for action in re.findall(r'name="bulk"[^>]*value="(\w+)"', page):
        answer = client.post(path, data={"bulk": action, "id": row[1]})
        assert answer.status_code in (200, 303), (path, action, answer.status_code)
        yield action
