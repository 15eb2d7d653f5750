"""Aliyun for tests: a local server that speaks as much of its API as our client uses."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.sms.provider import Act, Call, Provider, accept, serving

KEY_ID, KEY_SECRET = "an id of the tests", "a secret of the tests"
CALLBACK_SECRET = "0123456789abcdef01234567"
TEMPLATES = "payment_paid=SMS_1001,payment_failed=SMS_1002,lookup_code=SMS_1003"


@dataclass
class AliyunProvider(Provider):
    """What it has done. ``statuses`` holds what became of a message by its number (1 waits, 2 failed, 3 delivered)."""

    statuses: dict[str, int] = field(default_factory=dict)

    def settings(self) -> dict[str, str]:
        """Settings of an installation that sends through it."""
        return {
            "YKT_SMS_GATEWAY": "aliyun",
            "YKT_SMS_QUIET_HOURS": "none",
            "YKT_ALIYUN_ACCESS_KEY_ID": KEY_ID,
            "YKT_ALIYUN_ACCESS_KEY_SECRET": KEY_SECRET,
            "YKT_ALIYUN_SIGNATURE": "会东一卡通",
            "YKT_ALIYUN_TEMPLATES": TEMPLATES,
            "YKT_ALIYUN_CALLBACK_SECRET": CALLBACK_SECRET,
            "YKT_ALIYUN_API_BASE": self.url,
            "YKT_ENV": "demo",
            "YKT_BASE_URL": "https://ykt.example.gov.cn",
        }

    def take(self, form: dict[str, str]) -> dict[str, Any]:
        """Take a message over, for good."""
        with self.lock:
            message = {"BizId": f"{len(self.messages) + 1:018d}^0", **form}
            self.messages.append(message)
        return message


class AliyunCall(Call):
    """One request: the action stands in a header, the parameters in the query."""

    provider: AliyunProvider

    def do_POST(self) -> None:
        """Send, or tell of what was sent, or whatever the script says."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.form = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.headers["x-acs-action"] == "QuerySendDetails":
            self.details()
            return
        provider = self.provider
        with provider.lock:
            provider.calls.append(self.form)
            provider.authorizations.add(self.headers.get("Authorization", "").partition(" ")[0])
            act = provider.script.pop(0) if provider.script else accept
        act(self)

    def taken(self) -> tuple[int, Any]:
        """Take the message over; how that is said."""
        message = self.provider.take(self.form)
        return 200, {"Code": "OK", "Message": "OK", "RequestId": "1", "BizId": message["BizId"]}

    def details(self) -> None:
        """QuerySendDetails, by phone and day, and by its number where that is given."""
        found = [
            {
                "OutId": one["OutId"],
                "PhoneNum": one["PhoneNumbers"],
                "SendStatus": self.provider.statuses.get(one["OutId"], 1),
                "ErrCode": "DELIVERED" if self.provider.statuses.get(one["OutId"]) == 3 else "MK:0001",
                "TemplateCode": one["TemplateCode"],
            }
            for one in self.provider.messages
            if one["PhoneNumbers"] == self.form["PhoneNumber"] and self.form.get("BizId", one["BizId"]) == one["BizId"]
        ]
        content = {"Code": "OK", "Message": "OK", "RequestId": "1", "TotalCount": len(found)}
        self.answer(200, content | {"SmsSendDetailDTOs": {"SmsSendDetailDTO": found}})


def decline(code: str) -> Act:
    """Refuse it in an answer of 200, as it does for business reasons."""
    return lambda call: call.answer(200, {"Code": code, "Message": f"{code} 13800000001", "RequestId": "1"})


def deny(status: int, code: str, headers: dict[str, str] | None = None) -> Act:
    """Refuse the call itself."""
    return lambda call: call.answer(status, {"Code": code, "Message": "denied", "RequestId": "1"}, headers)


@contextmanager
def running_aliyun() -> Iterator[AliyunProvider]:
    """One that listens until the end of the block."""
    provider = AliyunProvider()
    with serving(provider, AliyunCall):
        yield provider


def values_of(form: dict[str, str]) -> dict[str, str]:
    """The named values of a call."""
    found: dict[str, str] = json.loads(form["TemplateParam"])
    return found
