"""What a fault of the network says about a message that was being handed over."""

import ssl
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import requests
import urllib3
import urllib3.exceptions
from urllib3.util import make_headers

from sms.gateways.base import Rejected, Result, Unknown


def connections(address: str, lanes: int) -> urllib3.HTTPConnectionPool:
    """So many connections to one address, by the proxy that the environment names for it."""
    there = urlsplit(address)
    options: dict[str, Any] = {"maxsize": lanes, "ca_certs": certifi.where()}
    proxy = "" if proxy_bypass(there.netloc) else getproxies().get(there.scheme, "")
    if not proxy:
        return urllib3.PoolManager(**options).connection_from_url(address)
    user = urlsplit(proxy)
    known = make_headers(proxy_basic_auth=f"{user.username}:{user.password or ''}") if user.username else {}
    return urllib3.ProxyManager(proxy, proxy_headers=known, **options).connection_from_url(address)


def broken(error: BaseException) -> Result:
    """Only a fault before the request was written means that nothing left."""
    reasons = chain(error)
    if any(isinstance(reason, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError) for reason in reasons):
        return Unknown("read_timeout")
    # NameResolutionError and refused connections are kinds of NewConnectionError, and this one a kind of time-out.
    if any(isinstance(reason, urllib3.exceptions.NewConnectionError) for reason in reasons):
        return Rejected("no_connection", permanent=False)
    if any(isinstance(reason, urllib3.exceptions.ConnectTimeoutError) for reason in reasons):
        return Rejected("connect_timeout", permanent=False)
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
