"""Asks an address, and says in one word how it was answered."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlencode

from flask import Flask

from core.errors import NotVisible, PermissionDenied, UserError
from core.principal import NOBODY, Permission
from tests.plain_requests import Answer, Body, Visitor

Form = Mapping[str, str | Sequence[str]]
NOTHING: Form = MappingProxyType({})
SIGN_IN, DENIED, MISSING, LET_IN, BROKEN = "sent to the sign-in", "denied", "missing", "let in", "broken"
REFUSED = (DENIED, MISSING)


def _sentence_of_denial() -> str:
    try:
        NOBODY.require(Permission("nothing", frozenset()))
    except PermissionDenied as error:
        return error.sentence
    raise AssertionError("nobody may do nothing")


class Hearing:
    """Hears every refusal that is raised, whether the page of an error says it, or a message on another page."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._no_right = _sentence_of_denial()

    def hear(self, error: UserError) -> None:
        """Called for each error that comes into being."""
        if isinstance(error, NotVisible):
            self.heard.append(MISSING)
        # Other sentences are about this step (it takes two people): whoever reads one has the right as such.
        elif isinstance(error, PermissionDenied) and error.sentence == self._no_right:
            self.heard.append(DENIED)

    def ask(self, visitor: Visitor, method: str, address: str, form: Form = NOTHING) -> str:
        """Open the address, or send the form there; how it was answered."""
        self.heard.clear()
        if method == "GET":
            return self._word_for(visitor.get(address))
        return self._word_for(visitor.ask(method, address, Body(urlencode(form, doseq=True).encode())))

    def _word_for(self, answer: Answer) -> str:
        to_sign_in = answer.status == 302 and answer.headers["Location"].startswith("/staff/login")
        if to_sign_in or answer.status == 401:
            return SIGN_IN
        if answer.status >= 500:
            return BROKEN
        by_status = {403: DENIED, 404: MISSING}.get(answer.status)
        if by_status is not None:
            return by_status
        return self.heard[-1] if self.heard else LET_IN


def addresses_of(app: Flask, endpoint: str, values: Mapping[str, object]) -> list[str]:
    """Where that endpoint answers: by each of its rules that these values are enough for, the plainest first."""
    rules = [rule for rule in app.url_map.iter_rules(endpoint) if rule.arguments <= set(values)]
    assert rules, f"{endpoint} wants more than {sorted(values)}"
    found = []
    for rule in sorted(rules, key=lambda rule: len(rule.arguments)):
        built = rule.build({name: values[name] for name in rule.arguments})
        assert built is not None
        found.append(built[1])
    return found
