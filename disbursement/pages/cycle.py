"""The page of the month's cycle report, and its file."""

import io

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import audit
from core.clock import local_date
from core.database import db
from core.downloads import as_download
from core.errors import UserError
from core.months import check_month
from core.web import current_principal, flash_error
from disbursement import queries, rules
from disbursement.cycle_file import write_cycle
from disbursement.door import blueprint
from disbursement.failure_reasons import explain
from disbursement.queries import CycleReport


def _month() -> str:
    """The month asked for; this one where it is none."""
    today = local_date(g.now)
    try:
        return check_month(request.values.get("month", "") or rules.month_of(today))
    except UserError as error:
        flash_error(error)
        return rules.month_of(today)


def _report(month: str) -> CycleReport:
    principal = current_principal()
    principal.require(rules.READ)
    return queries.cycle_report(principal, month, local_date(g.now))


@blueprint.get("/cycle")
def cycle() -> ResponseReturnValue:
    """How one month's failures went: by reason, township, department and bank."""
    report = _report(_month())
    months = queries.months_with_failures()
    return render_template(
        "disbursement/cycle.html",
        report=report,
        months=sorted({report.month, *months}, reverse=True),
        groups=(
            (gettext("按乡镇（街道）"), report.townships),
            (gettext("按主管部门"), report.departments),
            (gettext("按银行"), report.banks),
        ),
        explain=explain,
        rules=rules,
    )


@blueprint.post("/cycle/export")
def export_cycle() -> ResponseReturnValue:
    """The report as a workbook."""
    report = _report(_month())
    file = io.BytesIO()
    write_cycle(file, report)
    audit.record(
        current_principal(), "failure.export_cycle", "cycle", report.month, at=g.now, failures=report.total.number
    )
    db.session.commit()
    return as_download(file, gettext("发放失败处理月报-%(month)s.xlsx", month=report.month))
