"""What a fault of the network says about a message that was being handed over."""

import ssl
from typing import Any

import requests
import urllib3.exceptions

from sms.gateways.base import Rejected, Result, Unknown


def broken(error: BaseException) -> Result:
    """Only a fault before the request was written means that nothing left."""
    reasons = chain(error)
    if any(isinstance(reason, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError) for reason in reasons):
        return Unknown("read_timeout")
    if any(isinstance(reason, requests.ConnectTimeout) for reason in reasons):
        return Rejected("connect_timeout", permanent=False)
    # NameResolutionError and refused connections are kinds of NewConnectionError.
    if any(isinstance(reason, urllib3.exceptions.NewConnectionError) for reason in reasons):
        return Rejected("no_connection", permanent=False)
    if any(isinstance(reason, ssl.SSLCertVerificationError) for reason in reasons):
        return Rejected("certificate", permanent=False)
    return Unknown("connection_lost")


def chain(error: BaseException) -> list[BaseException]:
    """The error with all that it wraps: as arguments (requests, urllib3), reasons, causes and contexts."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [
                *one.args,
                getattr(one, "reason", None),
                getattr(one, "inner_exception", None),
                one.__cause__,
                one.__context__,
            ]
    return found
