"""Aliyun's SMS service through its own client. It knows no texts: a message is a template that it has approved, and
named values. Errors: https://help.aliyun.com/document_detail/101346.html."""

import hmac
import ipaddress
import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import darabonba.core
import requests
import urllib3.exceptions
from alibabacloud_dysmsapi20170525 import models
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.exceptions import UnretryableException
from darabonba.runtime import RuntimeOptions
from flask import Request, Response, jsonify

from core.clock import local_date
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
from sms.gateways.network import broken, chain
from sms.rules import ACCEPTED, DELIVERED, LEASE, UNDELIVERED

TIMEOUT_SECONDS = 10.0
LONGEST_VALUE = 35
"""Characters of a value in a template, at least one."""
MOST_REPORTS = 1000
PAGE_SIZE = 50

# Refused for what the message or its recipient is: the same message will be refused again.
PERMANENT = {
    "isv.MOBILE_NUMBER_ILLEGAL": "not a valid number",
    "isv.MOBILE_COUNT_OVER_LIMIT": "too many numbers",
    "isv.BLACK_KEY_CONTROL_LIMIT": "a value holds a forbidden word",
    "isv.PARAM_LENGTH_LIMIT": "a value is too long",
    "isv.PARAM_NOT_SUPPORT_URL": "a value holds a link",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "the values do not fit the template",
    "isv.TEMPLATE_MISSING_PARAMETERS": "the template has values that were not given",
    "isv.SMS_CONTENT_ILLEGAL": "the content is forbidden",
    "isv.INVALID_PARAMETERS": "a parameter is not valid",
    "isv.INVALID_JSON_PARAM": "the values are no JSON of texts",
}
# Too much at once, for the account or for this phone. It surely did not leave.
THROTTLED = {
    "isv.BUSINESS_LIMIT_CONTROL": "too often to this phone, or for this account",
    "isv.DAY_LIMIT_CONTROL": "the account's limit of the day",
    "isv.MONTH_LIMIT_CONTROL": "the account's limit of the month",
    "Throttling": "too many requests",
    "Throttling.User": "too many requests",
    "Throttling.Api": "too many requests",
}
# An error in the house of the provider: it does not say what has become of the message.
UNSURE = {
    "isp.SYSTEM_ERROR": "system error",
    "isp.GATEWAY_ERROR": "gateway error",
    "isp.UNKNOWN": "unknown error",
    "ServiceUnavailable": "service unavailable",
    "InternalError": "internal error",
}
# Any other code refuses the request for what we are (key, signature, template, money: isv.AMOUNT_NOT_ENOUGH,
# isv.SMS_SIGNATURE_ILLEGAL, isp.RAM_PERMISSION_DENY …). The message is good once the office has mended it; it waits.

# https://help.aliyun.com/document_detail/102352.html
SEND_STATUS = {1: ACCEPTED, 2: UNDELIVERED, 3: DELIVERED}

# The client puts phones and values into the address, which urllib3 would write down where somebody looks for a fault.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class _DirectSession(requests.Session):
    """The client's sessions would hand the message over once more wherever an answer points to."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Take an answer that points elsewhere as it is."""
        return super().send(request, **(options | {"allow_redirects": False}))


darabonba.core.Session = _DirectSession


class AliyunGateway:
    """Sends under one signature, by templates that are registered with it."""

    name = "aliyun"
    trusts_reports = False

    def __init__(self, settings: Settings, timeout: float = TIMEOUT_SECONDS) -> None:
        self._account = settings.aliyun
        self.lanes = settings.sms_limits.connections
        base = urlsplit(self._account.api_base)
        self._client = Client(
            Config(
                access_key_id=self._account.access_key_id,
                access_key_secret=self._account.access_key_secret,
                endpoint=base.netloc,
                protocol=base.scheme,
            )
        )
        milliseconds = int(timeout * 1000)
        # It tries once: a second try after a lost answer would be a second message.
        self._runtime = RuntimeOptions(
            autoretry=False, connect_timeout=milliseconds, read_timeout=milliseconds, max_idle_conns=self.lanes
        )

    def send(self, outbound: OutboundSms) -> Result:
        """Hand one message over. Not idempotent: only what surely did not leave may be tried again."""
        unfit = self._unfit(outbound)
        if unfit is not None:
            return unfit
        request = models.SendSmsRequest(
            phone_numbers=outbound.phone,
            sign_name=self._account.signature,
            template_code=self._code(outbound),
            template_param=json.dumps(dict(outbound.values), ensure_ascii=False),
            out_id=outbound.reference,
        )
        try:
            answer = self._client.send_sms_with_options(request, self._runtime).body
        except (AlibabaCloudException, UnretryableException) as error:
            return _failed(error)
        if answer is None or not answer.code or (answer.code == "OK" and not answer.biz_id):
            # It may well be on its way.
            return Unknown("garbled")
        return Accepted(str(answer.biz_id)[:64]) if answer.code == "OK" else _refused(_short(answer.code))

    def _code(self, outbound: OutboundSms) -> str:
        """Its code for the version; the settings know those of the product's own wordings."""
        built_in = self._account.templates.get(outbound.template, "") if outbound.version == 0 else ""
        return outbound.provider_template or built_in

    def _unfit(self, outbound: OutboundSms) -> Result | None:
        if not self._code(outbound):
            return Rejected("no_template", permanent=False, spares_gateway=True)
        if any(not 1 <= len(value) <= LONGEST_VALUE for value in outbound.values.values()):
            return Rejected("parameter_length", permanent=True)
        return None

    def verify(self, request: Request) -> bool:
        """Aliyun signs nothing: the address that it calls holds a secret, and it calls from known networks. What it
        reports is a hint to ask (``trusts_reports``)."""
        given = str((request.view_args or {}).get("secret", ""))
        secret = self._account.callback_secret
        if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
            return False
        networks = self._account.callback_networks
        if not networks:
            return True
        try:
            caller = ipaddress.ip_address(request.remote_addr or "")
        except ValueError:
            return False
        return any(caller in network for network in networks)

    def parse_receipts(self, request: Request) -> Sequence[Report]:
        """A JSON array of reports (SmsReport)."""
        entries = request.get_json(force=True, silent=True)
        if not isinstance(entries, list) or len(entries) > MOST_REPORTS:
            raise ValueError("no array of reports")
        return [_report(entry) for entry in entries]

    def acknowledge(self) -> Response:
        """What it takes for "received"; anything else is sent again."""
        return jsonify({"code": 0, "msg": "接收成功"})

    def parse_inbound(self, request: Request) -> InboundSms:
        """What phones answer is not taken in by this gateway: an answer could not go back in the same call."""
        raise ValueError("no inbound messages through this gateway")

    def answer_inbound(self, text: str) -> Response:
        """There is nobody to answer."""
        return Response(status=204)

    def fetch_status(self, sent: Sent) -> Report | None:
        """By phone and day, and there by our own reference, which it keeps (QuerySendDetails)."""
        for day in dict.fromkeys((local_date(sent.since), local_date(sent.since + LEASE))):
            try:
                found = self._found(sent, f"{day:%Y%m%d}")
            except (AlibabaCloudException, UnretryableException) as error:
                raise LookupFailed(type(error).__name__) from None
            if found is not None:
                return found
        return None

    def _found(self, sent: Sent, day: str) -> Report | None:
        request = models.QuerySendDetailsRequest(
            phone_number=sent.phone, biz_id=sent.provider_id, send_date=day, page_size=PAGE_SIZE, current_page=1
        )
        answer = self._client.query_send_details_with_options(request, self._runtime).body
        if answer is None or answer.code != "OK":
            raise LookupFailed(_short(answer.code if answer else "garbled"))
        details = answer.sms_send_detail_dtos
        for one in (details.sms_send_detail_dto if details else None) or []:
            if one.out_id == sent.reference:
                reported = SEND_STATUS.get(int(one.send_status or 1), ACCEPTED)
                provider_id = sent.provider_id or f"out-{sent.reference}"
                error = "" if reported == DELIVERED else _short(one.err_code)
                return Report(provider_id, f"asked:{one.send_status}", reported, error, sent.reference)
        return None

    def close(self) -> None:
        """Its client keeps its connections to itself."""


def _refused(code: str) -> Result:
    if code in THROTTLED:
        return Throttled(code)
    if code in UNSURE:
        return Unknown(code)
    return Rejected(code, permanent=code in PERMANENT)


def _failed(error: Exception) -> Result:
    if not isinstance(error, AlibabaCloudException):
        return _lost(error)
    code, status = _short(error.code), getattr(error, "status_code", None) or 0
    # The client raises ThrottlingException for every error with a wish to wait, be it one in the provider's own house.
    if code in THROTTLED or status == 429:
        return Throttled(code, _wish(getattr(error, "retry_after", None)))
    return Unknown(f"http_{status}") if status == 408 or status >= 500 else _refused(code)


def _lost(error: Exception) -> Result:
    """The client wraps whatever happened: a fault of the network, or an answer that it could not read."""
    network = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)
    if any(isinstance(one, network) for one in chain(error)):
        return broken(error)
    return Unknown("garbled")


def _short(code: Any) -> str:
    return str(code or "")[:40]


def _wish(milliseconds: Any) -> timedelta | None:
    return timedelta(milliseconds=min(int(milliseconds), 86_400_000)) if str(milliseconds).isdecimal() else None


def _report(entry: Any) -> Report:
    if not isinstance(entry, dict) or not isinstance(entry.get("success"), bool) or not entry.get("biz_id"):
        raise ValueError("a report without its parts")
    reported = DELIVERED if entry["success"] else UNDELIVERED
    status = str(entry.get("err_code") or reported)
    return Report(
        str(entry["biz_id"])[:64],
        status[:32],
        reported,
        "" if entry["success"] else status[:40],
        str(entry.get("out_id") or "")[:40],
    )
