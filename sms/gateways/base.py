"""What every gateway offers, and the answers that it may give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from flask import Request, Response


@dataclass(frozen=True)
class OutboundSms:
    """One call: the message, which attempt of it, whom to, and what. ``worth`` is how long delivery makes sense."""

    message_id: int
    number: int
    phone: str = field(repr=False)
    text: str = field(repr=False)
    worth: timedelta
    priority: int
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    version: int = 0
    provider_template: str = ""
    """For a provider that knows no texts: the template and its version, under which code it knows it ("": that was not
    entered), and the values by its names, in its order."""
    day: date | None = None
    """The county's day for which it was counted."""

    @property
    def reference(self) -> str:
        """What the provider is told to report on. It names an attempt and no person."""
        return f"{self.message_id}-{self.number}"


@dataclass(frozen=True)
class Accepted:
    """The provider has taken it over, under its own id."""

    provider_id: str


@dataclass(frozen=True)
class Rejected:
    """It surely did not leave. Permanent: it never will, as it is. Otherwise it is worth another try.
    ``spares_gateway``: that it has to wait is no trouble of the gateway, and says nothing of other messages."""

    code: str
    permanent: bool
    spares_gateway: bool = False


@dataclass(frozen=True)
class Throttled:
    """It surely did not leave, because too many did. ``retry_after`` is the provider's wish, if it has one."""

    code: str
    retry_after: timedelta | None = None


@dataclass(frozen=True)
class Unknown:
    """Nobody here knows whether it left. It is never sent again by a machine."""

    code: str


Result = Accepted | Rejected | Throttled | Unknown


@dataclass(frozen=True)
class Report:
    """One line of a receipt. ``reported`` is accepted, delivered or undelivered; ``status`` the provider's word."""

    provider_id: str
    status: str
    reported: str
    error_code: str = ""
    reference: str = ""


@dataclass(frozen=True)
class InboundSms:
    """What a phone sent to the county."""

    provider_id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True)
class Sent:
    """What is known of a message of unknown fate. ``since`` is when its call began; ``known_ids`` are the provider's
    ids of other messages to this phone; ``provider_id`` its own, where that was learned."""

    reference: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    since: datetime
    known_ids: frozenset[str] = frozenset()
    provider_id: str | None = None


@dataclass(frozen=True)
class Capabilities:
    """What a gateway is like. ``template_only``: it sends what it has approved under a code, and no texts.
    ``pushes_receipts``: it calls us; whoever does not call is asked. ``currency`` is what its bills are in."""

    template_only: bool
    pushes_receipts: bool
    currency: str


class LookupFailed(Exception):
    """The provider could not be asked. ``code`` says why, without personal data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Gateway(Protocol):
    """A provider. ``send`` is called from several threads at once and without a database; it never raises for what
    the provider or the network does, and never logs what it sends."""

    name: str
    lanes: int
    """How many calls at once are good for it."""
    trusts_reports: bool
    """Whether a verified call proves what it reports. Else it is a hint to ask."""

    def send(self, outbound: OutboundSms) -> Result:
        """Hand one message over."""

    def verify(self, request: Request) -> bool:
        """Whether a call to our webhooks truly comes from the provider."""

    def parse_receipts(self, request: Request) -> Sequence[Report]:
        """The reports in a verified call. Raises ValueError where it cannot be read."""

    def acknowledge(self) -> Response:
        """The answer to a call with reports that was understood."""

    def parse_inbound(self, request: Request) -> InboundSms:
        """The message in a verified call. Raises ValueError where it cannot be read."""

    def answer_inbound(self, text: str) -> Response:
        """The answer to an inbound call that makes the provider send ``text`` back ("" sends nothing)."""

    def fetch_status(self, sent: Sent) -> Report | None:
        """What the provider knows of a message, None where it knows nothing. Raises LookupFailed."""

    def close(self) -> None:
        """Let go of connections."""
