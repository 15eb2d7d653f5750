"""The county's own routing of complaints: one version, written by the finance bureau and approved there."""

from datetime import datetime, timedelta

from sqlalchemy import select

from complaints.operations import routing
from complaints.operations.routing import GivenRule
from complaints.routing_queries import BUILT_IN, routing_of
from complaints.rules.routing_versions import fingerprint
from core.database import db
from core.principal import Principal
from programmes.models import Programme

MEASURED = "FARMLAND_FERTILITY"
"""Paid by area, which its department has measured."""


def approve_routing(writer: Principal, approver: Principal, *, at: datetime) -> None:
    """Two rules, in force from now on: what has come in by now went by the rules before them."""
    department = db.session.scalars(select(Programme.department_id).where(Programme.code == MEASURED)).one()
    number = routing.begin_version(writer, BUILT_IN, at=at - timedelta(days=3)).number
    for rule in (
        GivenRule(category="wrong_amount", programme=MEASURED, start=str(department)),
        GivenRule(matter="tip_off", start="department"),
    ):
        routing.keep_rule(writer, number, rule, at=at - timedelta(days=3))
    version = routing.set_otherwise(writer, number, "township", at=at - timedelta(days=3))
    seen = fingerprint(routing_of(version).rules)
    reason = "面积由农业农村局测量，金额不对的直接由它核实；举报由主管部门核实，不再从乡镇开始。"
    routing.move_version(writer, number, "propose", at=at - timedelta(days=2), reason=reason, seen=seen)
    routing.move_version(approver, number, "approve", at=at, seen=seen)
