"""Ten thousand messages to a provider on the loopback that takes 20 ms for each: ours claims, calls and records; the
floor is the provider's own client alone, with as many connections and processes, and no database."""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import insert

from app import create_app
from benchmarks.children import Databases
from core.database import db, only_reads
from core.principal import system
from core.settings import Settings
from sms.dispatch import dispatch
from sms.gateways.base import Accepted, OutboundSms
from sms.gateways.twilio_gateway import TwilioGateway
from sms.models import Message, SendAttempt
from sms.outbox import Office

MESSAGES = 10_000
LATENCY = 0.02
PAIRS = 3
BAR = 0.8
WITHIN_SECONDS = 10.0
"""In which 95 of 100 are to be handed over."""
PROCESSES = {"sqlite": 1, "postgresql": 2}
CONNECTIONS = 32
"""Of all processes together: at 20 ms for a call, as many as ten thousand messages in ten seconds need."""
AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
PARAMETERS = {
    "name": "吉克阿依",
    "period": "202006",
    "programme": "困难残疾人生活补贴",
    "amount_fen": 9000,
    "card_tail": "5341",
}
TEXT = (
    "【会东一卡通】吉克阿依您好，您第202006期困难残疾人生活补贴金额90元，已发放到尾号为5341的社会保障卡，请注意查收。"
)


def measure(url: str) -> list[dict[str, Any]]:
    """Messages a second of ours and of the floor, and how long until 95 of 100 are handed over."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    with Databases(url) as empty, provider() as port:
        _child("prepare", url, port)
        pairs, latest = [], []
        for _ in range(PAIRS):
            floor = max(_together("floor", url, port, PROCESSES[kind]))
            with empty.copy() as copy:
                ends = _together("ours", copy, port, PROCESSES[kind])
                latest.append(_child("ninety_five", copy, port))
            pairs.append((MESSAGES / max(ends), MESSAGES / floor))
    ratio = statistics.median(ours / floor for ours, floor in pairs)
    within = statistics.median(latest)
    return [
        {
            "name": "sms-dispatch",
            "database": kind,
            "ours": round(statistics.median(ours for ours, _ in pairs), 1),
            "floor": round(statistics.median(floor for _, floor in pairs), 1),
            "ratio": round(ratio, 2),
            "unit": "messages/s",
            "bar": BAR,
            "holds": ratio >= BAR,
        },
        {
            "name": "sms-dispatch-p95",
            "database": kind,
            "ours": round(within, 2),
            "floor": WITHIN_SECONDS,
            "ratio": round(within / WITHIN_SECONDS, 2),
            "unit": "s",
            "bar": 1.0,
            "holds": within <= WITHIN_SECONDS,
        },
    ]


class _Taken(asyncio.Protocol):
    """Takes messages over, each after a while, at little cost to whoever is measured beside it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls."""
        self.transport: Any = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer the request once it is whole: the library sends its head and its body one after the other."""
        self.buffer += data
        head, ended, body = self.buffer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if ended and len(body) >= length:
            self.buffer = b""
            asyncio.get_running_loop().call_later(LATENCY, self.answer, dict(parse_qsl(body.decode())))

    def answer(self, form: dict[str, str]) -> None:
        """It is created."""
        message = {"sid": f"SM{form['StatusCallback'].rpartition('=')[2]:0>32}", "status": "queued", "to": form["To"]}
        body = json.dumps(message).encode()
        self.transport.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n")
        self.transport.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Taken, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def provider() -> Iterator[int]:
    """A provider in a process of its own; its port."""
    running = subprocess.Popen([sys.executable, "-m", __name__, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        yield int(running.stdout.readline() if running.stdout else 0)
    finally:
        running.kill()
        running.wait()


def _command(name: str, url: str, port: int) -> list[str]:
    return [sys.executable, "-m", __name__, name, url, str(port)]


def _child(name: str, url: str, port: int) -> float:
    done = subprocess.run(_command(name, url, port), check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.splitlines()[-1])


def _together(name: str, url: str, port: int, number: int) -> list[float]:
    """The same in so many processes, begun together when all are ready; their seconds."""
    running = [
        subprocess.Popen(
            [*_command(name, url, port), str(MESSAGES // number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(number)
    ]
    for one in running:
        assert one.stdout is not None
        one.stdout.readline()
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    return [float(one.communicate()[0].splitlines()[-1]) for one in running]


def _at_the_word() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def prepare() -> float:
    """The outbox of one batch."""
    db.create_all()
    rows = [
        {
            "template": "payment_paid",
            "parameters": PARAMETERS,
            "phone": f"138{number:08d}",
            "phone_index": f"138{number:08d}",
            "subject_kind": "attempt",
            "subject_id": number,
            "not_before": AT,
            "expires_at": datetime.now(UTC) + timedelta(days=3),
            "created_at": AT,
        }
        for number in range(MESSAGES)
    ]
    db.session.execute(insert(Message), rows)
    db.session.commit()
    return 0.0


def ours(settings: Settings) -> float:
    """One worker: from the first claim until nothing is due."""
    gateway = TwilioGateway(settings)
    office = Office("会东一卡通", None)
    _at_the_word()
    begun = time.perf_counter()
    dispatch(system("benchmark"), gateway, office, now=lambda: datetime.now(UTC))
    return time.perf_counter() - begun


def floor(settings: Settings, number: int) -> float:
    """The client alone, with as many connections."""
    gateway = TwilioGateway(settings)
    calls = [
        OutboundSms(one, 1, f"138{one:08d}", TEXT, timedelta(days=3), 5, "payment_paid", {}) for one in range(number)
    ]
    _at_the_word()
    begun = time.perf_counter()
    with ThreadPoolExecutor(gateway.lanes) as pool:
        assert all(isinstance(result, Accepted) for result in pool.map(gateway.send, calls))
    return time.perf_counter() - begun


def ninety_five() -> float:
    """Seconds from the first claim until 95 of 100 were handed over, as the outbox tells."""
    ends = sorted(db.session.scalars(db.select(Message.sent_at).where(Message.sent_at.is_not(None))))
    assert len(ends) == MESSAGES
    begun = db.session.scalars(db.select(SendAttempt.started_at).order_by(SendAttempt.started_at).limit(1)).one()
    return float((ends[MESSAGES * 95 // 100 - 1] - begun).total_seconds())


def main() -> None:
    """The other end of the processes."""
    name = sys.argv[1]
    if name == "serve":
        asyncio.run(_serve())
    url, port = sys.argv[2], sys.argv[3]
    with tempfile.TemporaryDirectory() as instance:
        settings = Settings.from_environment(
            {
                "YKT_DATABASE_URL": url,
                "YKT_INSTANCE": instance,
                "YKT_JOBS_URL": f"sqlite:///{instance}/jobs.sqlite",
                "YKT_SMS_GATEWAY": "twilio",
                "YKT_SMS_QUIET_HOURS": "none",
                "YKT_SMS_CONNECTIONS": str(
                    CONNECTIONS // PROCESSES["sqlite" if url.startswith("sqlite") else "postgresql"]
                ),
                "YKT_ENV": "demo",
                "YKT_TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
                "YKT_TWILIO_AUTH_TOKEN": "token",
                "YKT_TWILIO_SENDER": "+15005550006",
                "YKT_TWILIO_API_BASE": f"http://127.0.0.1:{port}",
            }
        )
        with create_app(settings).app_context(), only_reads(False):
            if name == "floor":
                found = floor(settings, int(sys.argv[4]))
            else:
                found = {"prepare": prepare, "ninety_five": ninety_five}[name]() if name != "ours" else ours(settings)
            db.session.remove()
    print(found)


if __name__ == "__main__":
    main()
