"""Twilio through its own client. Errors: https://www.twilio.com/docs/api/errors."""

import hmac
import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3.exceptions
from flask import Request, Response
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response as HttpResponse
from twilio.request_validator import RequestValidator, add_port, remove_port
from twilio.rest import Client
from twilio.twiml.messaging_response import MessagingResponse
from urllib3.util import make_headers

from core.identity import is_mobile, normalise_phone
from core.settings import Settings
from sms.gateways.base import (
    Accepted,
    InboundSms,
    LookupFailed,
    OutboundSms,
    Rejected,
    Report,
    Result,
    Sent,
    Throttled,
    Unknown,
)
from sms.gateways.network import broken, connections
from sms.rules import ACCEPTED, DELIVERED, UNDELIVERED

TIMEOUT_SECONDS = 10.0
"""For the connection and for each wait for the answer; the library itself would wait for ever."""
LONGEST_VALIDITY = 36000
SIGNATURE_HEADER = "X-Twilio-Signature"
RECEIPTS_PATH = "/sms/twilio/receipts"

# Refused for what the message or its recipient is: the same message will be refused again.
# Source of each: https://www.twilio.com/docs/api/errors/<code>.
PERMANENT = {
    21211: "invalid 'To' number",
    21217: "'To' number is not a valid phone number",
    21265: "'To' number is a short code",
    21268: "'To' number is a premium number",
    21408: "no permission for the region of the 'To' number",
    21604: "'To' number is missing",
    21610: "recipient has unsubscribed",
    21612: "no route from this 'From' to this 'To'",
    21614: "'To' number is not a mobile number",
    21617: "body exceeds 1,600 characters",
    21635: "'To' number is a landline",
    30003: "unreachable destination handset",
    30004: "message blocked",
    30005: "unknown destination handset",
    30006: "landline or unreachable carrier",
    30007: "filtered by Twilio or a carrier",
}
# Too much at once. "A request that receives a 429 is never processed and is always safe to retry" (20429).
THROTTLED = {
    20429: "too many requests",
    14107: "send rate limit exceeded",
    21611: "queue of the 'From' number is full",
    63038: "daily message limit of the account",
}
# Any other answer of 4xx refuses the request for what we are (key, account, sender: 20003, 20005, 21606 …).
# Nothing left, and the message is good once the office has mended it; until then it waits.

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
REPORTED: Mapping[str, str] = {
    "accepted": ACCEPTED,
    "scheduled": ACCEPTED,
    "queued": ACCEPTED,
    "sending": ACCEPTED,
    "sent": ACCEPTED,
    "partially_delivered": ACCEPTED,
    "delivered": DELIVERED,
    "read": DELIVERED,
    "undelivered": UNDELIVERED,
    "failed": UNDELIVERED,
    "canceled": UNDELIVERED,
}

_silent = logging.getLogger("sms.twilio.client")
_silent.disabled = True


class _Http(HttpClient):
    """The library's requests over urllib3 itself: with a time-out, no retries, a settable address, and an eye on
    Retry-After. (Its own HTTP client looks for a proxy anew with every message and takes four times as long.)"""

    def __init__(self, api_base: str, lanes: int, timeout: float) -> None:
        super().__init__(_silent, is_async=False, timeout=timeout)
        self._pool = connections(api_base, lanes)
        self._seen = threading.local()

    @property
    def retry_after(self) -> timedelta | None:
        """What the last answer to this thread asked for."""
        value: str = getattr(self._seen, "retry_after", "")
        return timedelta(seconds=min(int(value), 86400)) if value.isdecimal() else None

    def request(  # noqa: PLR0917 - the library's own signature
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> HttpResponse:
        """Call the configured address instead of the built-in one. Raises urllib3's HTTPError."""
        self._seen.retry_after = ""
        answer = self._pool.urlopen(
            method.upper(),
            urlsplit(uri)._replace(scheme="", netloc="", query=_encoded(params)).geturl(),
            body=_encoded(data) if data else None,
            headers={**(headers or {}), **make_headers(basic_auth=":".join(auth or ("", "")))},
            retries=False,
            timeout=timeout or self.timeout,
            redirect=allow_redirects,
        )
        self._seen.retry_after = answer.headers.get("Retry-After", "")
        return HttpResponse(answer.status, answer.data.decode(errors="replace"), answer.headers)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()


def _encoded(values: Mapping[str, object] | None) -> str:
    return urlencode({name: value for name, value in (values or {}).items() if value is not None}, doseq=True)


class TwilioGateway:
    """Sends through one account, from one number or messaging service."""

    name = "twilio"
    trusts_reports = True

    def __init__(self, settings: Settings, timeout: float = TIMEOUT_SECONDS) -> None:
        account = settings.twilio
        self.lanes = settings.sms_limits.connections
        self._http = _Http(account.api_base, self.lanes, timeout)
        # An environment of our own: TWILIO_* variables of the machine must not send us elsewhere.
        self._client = Client(
            account.account_sid, account.auth_token, http_client=self._http, environment={"TWILIO_EDGE": ""}
        )
        self._validator = RequestValidator(account.auth_token)
        self._base_url = settings.base_url
        service = account.sender.startswith("MG")
        self._sender = {"messaging_service_sid" if service else "from_": account.sender}

    def send(self, outbound: OutboundSms) -> Result:
        """Create one message. Not idempotent: only what surely did not leave may be tried again."""
        try:
            created = self._client.messages.create(
                to=international(outbound.phone),
                body=outbound.text,
                status_callback=f"{self._base_url}{RECEIPTS_PATH}?attempt={outbound.reference}",
                validity_period=max(6, min(int(outbound.worth.total_seconds()), LONGEST_VALIDITY)),
                **self._sender,
            )
        except (TwilioRestException, TwilioServiceException) as error:
            return self._refused(error.status, error.code)
        except urllib3.exceptions.HTTPError as error:
            return broken(error)
        except (TwilioException, ValueError, TypeError, AttributeError, KeyError):
            # 201 with something unreadable: it may well be on its way.
            return Unknown("garbled")
        if not created.sid:
            return Unknown("garbled")
        if REPORTED.get(str(created.status)) == UNDELIVERED:
            return Rejected(str(created.error_code or created.status), permanent=True)
        return Accepted(created.sid)

    def _refused(self, status: int, code: int | None) -> Result:
        number = code or status
        if status == 429 or number in THROTTLED:
            return Throttled(str(number), self._http.retry_after)
        if 400 <= status < 500 and status != 408:
            return Rejected(str(number), permanent=number in PERMANENT)
        return Unknown(f"http_{status}")

    def verify(self, request: Request) -> bool:
        """Compare the signature with that of our public address: behind a proxy the request's own is another one."""
        given = request.headers.get(SIGNATURE_HEADER, "").encode()
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        address = urlsplit(f"{self._base_url}{request.path}{query}")
        # Twilio signs with or without the default port (its library tries both too).
        expected = [
            self._validator.compute_signature(form, request.form).encode()
            for form in (remove_port(address), add_port(address))
        ]
        matches = [hmac.compare_digest(signature, given) for signature in expected]
        return any(matches)

    def parse_receipts(self, request: Request) -> Sequence[Report]:
        """One report a call. A status that is not in the documentation is kept and changes nothing."""
        provider_id, status = request.form.get("MessageSid", ""), request.form.get("MessageStatus", "")
        if not provider_id or not status:
            raise ValueError("a receipt without id or status")
        return [
            Report(
                provider_id[:64],
                status[:32],
                REPORTED.get(status, ACCEPTED),
                request.form.get("ErrorCode", "")[:16],
                request.args.get("attempt", "")[:40],
            )
        ]

    def acknowledge(self) -> Response:
        """Nothing to say."""
        return Response(status=204)

    def parse_inbound(self, request: Request) -> InboundSms:
        """One message a call."""
        phone = normalise_phone(request.form.get("From", ""))
        provider_id = request.form.get("MessageSid", "")
        if not provider_id or phone is None or not is_mobile(phone):
            raise ValueError("an inbound message without id or mobile number")
        return InboundSms(provider_id[:64], phone, request.form.get("Body", "")[:1600])

    def answer_inbound(self, text: str) -> Response:
        """TwiML that sends the text back, or nothing."""
        answer = MessagingResponse()
        if text:
            answer.message(text)
        return Response(str(answer), mimetype="text/xml")

    def fetch_status(self, sent: Sent) -> Report | None:
        """By its id; where that was never learned, by phone and text among the messages since the call began."""
        try:
            found = self._client.messages(sent.provider_id).fetch() if sent.provider_id else self._found(sent)
        except TwilioRestException as error:
            if sent.provider_id and error.status == 404:
                return None
            raise LookupFailed(type(error).__name__) from None
        except (
            TwilioException,
            urllib3.exceptions.HTTPError,
            ValueError,
            TypeError,
            AttributeError,
            KeyError,
        ) as error:
            raise LookupFailed(type(error).__name__) from None
        if found is None:
            return None
        status = str(found.status)
        return Report(found.sid, status, REPORTED.get(status, ACCEPTED), str(found.error_code or ""), sent.reference)

    def _found(self, sent: Sent) -> Any:
        candidates = self._client.messages.list(
            to=international(sent.phone), date_sent_after=sent.since - timedelta(minutes=1), limit=100
        )
        ours = (one for one in candidates if one.body == sent.text and one.sid not in sent.known_ids)
        return next(ours, None)

    def close(self) -> None:
        """Close the pooled connections: an idle one that the provider has closed would look like a lost call."""
        self._http.close()


def international(phone: str) -> str:
    """E.164 of a mainland mobile number."""
    return f"+86{phone}"
