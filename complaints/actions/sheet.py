"""What an action of a case is: a button, its form, and what is said afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel.speaklater import LazyString

from complaints.models import Complaint
from complaints.reporters import gets_sms
from core.principal import Principal


@dataclass(frozen=True)
class Given:
    """What the form of an action holds."""

    text: str = ""
    days: str = ""
    organisation_id: str = ""
    official_id: str = ""
    draft: str = ""
    choice: str = ""
    with_linked: str = ""

    @property
    def takes_linked_along(self) -> bool:
        """Whether the linked cases take this step as well."""
        return self.with_linked == "1"

    def number(self, value: str) -> int:
        """A whole number of a field; 0 where it is none (which no operation takes)."""
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= 9 else 0


Run = Callable[[Principal, Complaint, Given, datetime], object]
"""Carries it out. A whole number that comes back says how many linked cases went along."""


@dataclass(frozen=True)
class Action:
    """A button and its form. ``label``: what the text is; "" for an action without one. ``asks`` names a further
    field; of ``choices`` (code → message id) one is chosen. ``done`` is said afterwards, or ``done_in_silence`` where
    the reporter gets no message. ``step``: the step that linked cases may take along."""

    name: str
    title: LazyString
    run: Run
    done: LazyString
    question: LazyString | str = ""
    label: LazyString | str = ""
    asks: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    done_in_silence: LazyString | str = ""
    kind: str = "outline-primary"
    step: str = ""

    def said_after(self, complaint: Complaint) -> str:
        """What the page says when it is done. Of a confidential reporter the same as of one who stayed unnamed: neither
        gets a message."""
        silent = self.done_in_silence and not gets_sms(complaint)
        return str(self.done_in_silence if silent else self.done)
