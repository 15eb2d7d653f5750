"""What commands that import a file share."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext

from core.commands import emit
from core.database import db
from core.money import format_yuan
from core.msgid import N_
from core.principal import Principal
from core.uploads import Report, UploadKind, import_at_once

MOST_SHOWN = 50
"""Problems that are printed for people; ``--json`` has all of them."""


def import_file(
    principal: Principal,
    kind: UploadKind,
    file: Path,
    parameters: Mapping[str, Any],
    *,
    dry_run: bool,
    as_json: bool,
    at: datetime,
) -> None:
    """Check a file and, unless it is a dry run, save it; commit and print what was found. Raises UserError for a file
    that cannot be read or that holds no good line."""
    report = import_at_once(principal, kind, file.read_bytes(), file.name, parameters, at=at, dry_run=dry_run)
    # A dry run leaves nothing behind.
    (db.session.rollback if dry_run else db.session.commit)()
    result = {
        "good": report.good,
        "total_fen": report.total_fen,
        "problems": [problem.as_json() for problem in report.problems],
    }
    emit(result, as_json, "\n".join(_lines(kind, report, dry_run)))


def _summary(good: int, total_fen: int, dry_run: bool) -> str:
    if not total_fen:
        return str(gettext(N_("可以导入 %(count)s 行。") if dry_run else N_("已导入 %(count)s 行。"), count=good))
    with_total = (
        N_("可以导入 %(count)s 行，合计 %(yuan)s 元。") if dry_run else N_("已导入 %(count)s 行，合计 %(yuan)s 元。")
    )
    return str(gettext(with_total, count=good, yuan=format_yuan(total_fen)))


def _lines(kind: UploadKind, report: Report, dry_run: bool) -> list[str]:
    lines = [_summary(report.good, report.total_fen, dry_run), *report.notes]
    if report.problems:
        lines.append(gettext("有问题的 %(count)s 行没有导入：", count=len(report.problems)))
    for problem in report.problems[:MOST_SHOWN]:
        sentence = gettext(kind.sentences.get(problem.problem, problem.problem))
        place = f"{problem.sheet} " if problem.sheet else ""
        lines.append(gettext("%(place)s第 %(row)s 行：%(sentence)s", place=place, row=problem.row, sentence=sentence))
    if len(report.problems) > MOST_SHOWN:
        lines.append(gettext("……其余 %(count)s 行，加 --json 可以看到全部。", count=len(report.problems) - MOST_SHOWN))
    return lines
