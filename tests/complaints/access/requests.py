"""Asking an endpoint by its name."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Flask

from tests.plain_requests import Answer, Body, Visitor


def address_of(app: Flask, name: str, **values: object) -> str:
    """Where that endpoint, or that action of a case, answers. Of what its rule asks, ``values`` holds enough."""
    endpoint, action = ("complaints.act", name.removeprefix("action ")) if name.startswith("action ") else (name, "")
    rule = next(app.url_map.iter_rules(endpoint))
    values = {"name": action, "position": 1} | values
    return app.url_map.bind("localhost").build(endpoint, {name: values[name] for name in rule.arguments})


def ask(visitor: Visitor, method: str, address: str, form: Mapping[str, str | Sequence[str]]) -> Answer:
    """Open the address, or send the form there."""
    if method == "GET":
        return visitor.get(address)
    return visitor.ask(method, address, Body(urlencode(form, doseq=True).encode()))
