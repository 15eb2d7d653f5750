"""Numbers for whoever watches the installation: the process, its answers, and what waits in the database.

Counters are of the process that answers: with several, each tells its own. What waits is the same for all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from core import clock, web
from core.database import db
from core.heartbeats import SEALER, last_beat
from core.jobs import BackgroundJob

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
JOB_STATES = ("queued", "running", "failed")


Figure = Callable[[], Iterable[tuple[Sequence[str], float]]]
"""Values of one figure, each with its labels."""
_figures: dict[str, tuple[str, Sequence[str], Figure]] = {}


def figure(name: str, meaning: str, *labels: str) -> Callable[[Figure], Figure]:
    """Register a figure of a room (decorator): asked for at each scrape, so cheap whatever the database holds."""

    def register(values: Figure) -> Figure:
        _figures[name] = (meaning, labels, values)
        return values

    return register


class RoomFigures(Collector):
    """The figures that rooms have registered."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Names without values."""
        for name, (meaning, labels, _) in _figures.items():
            yield GaugeMetricFamily(name, meaning, labels=labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The values as they stand now."""
        for gauge, (_, _, values) in zip(self.describe(), _figures.values(), strict=True):
            for known, value in values():
                gauge.add_metric(list(known), value)
            yield gauge


class WaitingWork(Collector):
    """What waits: background jobs by state, and how long the audit log was not sealed. Asked for at each scrape.

    How many entries wait is not told: the page is open, and one more would tell of a sealed case."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Names without values: nothing asks the database when the registry is built."""
        yield GaugeMetricFamily("yikatong_background_jobs", "Background jobs by state", labels=["state"])
        yield GaugeMetricFamily("yikatong_audit_sealed_seconds", "Seconds since the audit log was last sealed")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The values as they stand now."""
        jobs, sealed = self.describe()
        counted = dict(
            db.session.execute(
                select(BackgroundJob.state, func.count())
                .where(BackgroundJob.state.in_(JOB_STATES))
                .group_by(BackgroundJob.state)
            ).all()
        )
        for state in JOB_STATES:
            jobs.add_metric([state], counted.get(state, 0))
        yield jobs
        last = last_beat(SEALER)
        if last is not None:
            sealed.add_metric([], (clock.utc_now() - last).total_seconds())
        yield sealed


def install(app: Flask) -> None:
    """Give the application a registry of its own and count its answers."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    registry.register(WaitingWork())
    registry.register(RoomFigures())
    answers = Counter("yikatong_answers", "Answers by door and class of status", ["door", "status"], registry=registry)
    app.extensions["metrics"] = registry

    @app.after_request
    def _count(response: Response) -> Response:
        if request.endpoint not in web.STATIC_ENDPOINTS:
            door = "staff" if web.at_staff_door() else "public"
            answers.labels(door, f"{response.status_code // 100}xx").inc()
        return response


def exposition(app: Flask) -> bytes:
    """All numbers in the text format of Prometheus."""
    return generate_latest(app.extensions["metrics"])
