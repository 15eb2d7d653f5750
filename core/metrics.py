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

from core import web
from core.audit import AuditEntry, AuditSeal
from core.database import db
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
    """What waits: background jobs by state, and audit entries not yet sealed. Asked for at each scrape."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Names without values: nothing asks the database when the registry is built."""
        yield GaugeMetricFamily("yikatong_background_jobs", "Background jobs by state", labels=["state"])
        yield GaugeMetricFamily("yikatong_unsealed_audit_entries", "Audit entries that wait for their seal")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The values as they stand now."""
        jobs, unsealed = self.describe()
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
        # Those after the newest sealed one: an exact count would walk the whole log at every scrape.
        last = select(func.coalesce(func.max(AuditSeal.entry_id), 0)).scalar_subquery()
        newer = select(func.count()).select_from(AuditEntry).where(AuditEntry.id > last)
        unsealed.add_metric([], db.session.scalar(newer) or 0)
        yield unsealed


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
