"""The pages of uploads, the same for every kind: the list, the progress of a check, the preview, saving or not."""

import io
import tempfile
from collections import Counter
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import audit, jobs, listing_pages, uploads, web
from core.database import db
from core.downloads import as_download
from core.errors import NotVisible
from core.listing import ChoiceFilter, Column, DayFilter, Listing
from core.navigation import NavigationEntry, Section, navigation
from core.status import Status
from core.tables.export import write_xlsx
from core.tables.marking import write_marked_copy
from core.uploads import Upload, UploadKind

PROBLEMS_A_PAGE = 100
BUSY = frozenset({"received", "saving"})

STATES = {
    "received": Status(lazy_gettext("正在检查"), "info"),
    "checked": Status(lazy_gettext("待确认"), "warning"),
    "saving": Status(lazy_gettext("正在保存"), "info"),
    "saved": Status(lazy_gettext("已保存"), "success"),
    "discarded": Status(lazy_gettext("已放弃")),
    "refused": Status(lazy_gettext("未通过"), "danger"),
}


def _title_of(upload: Upload) -> str:
    return str(gettext(uploads.kind_of(upload.kind).title))


def _titles() -> dict[str, str]:
    return {kind.name: gettext(kind.title) for kind in uploads.kinds_for(web.current_principal())}


UPLOADS = Listing(
    name="uploads",
    title=lazy_gettext("上传的文件"),
    columns=(
        Column(
            "filename",
            lazy_gettext("文件"),
            lambda row: row.filename,
            link=lambda row: url_for("staff.upload", upload_id=row.id),
        ),
        Column("kind", lazy_gettext("种类"), _title_of, sort=Upload.kind),
        Column("created", lazy_gettext("上传时间"), lambda row: row.created_at, kind="time", sort=Upload.created_at),
        Column("state", lazy_gettext("状态"), lambda row: row.state, kind="status", sort=Upload.state, states=STATES),
    ),
    id=Upload.id,
    order="-created",
    filters=(
        ChoiceFilter("kind", lazy_gettext("种类"), _titles, Upload.kind),
        ChoiceFilter("state", lazy_gettext("状态"), STATES, Upload.state),
        DayFilter("created", lazy_gettext("上传日期"), Upload.created_at, instants=True),
    ),
    empty=lazy_gettext("本单位还没有上传过文件。花名册、项目表、区划表等请在各自的业务页面上传。"),
)

navigation(
    NavigationEntry(
        lazy_gettext("上传的文件"),
        "staff.uploads",
        Section.WORK,
        right=lambda principal: bool(uploads.kinds_for(principal)),
        order=10,
        icon="upload",
    )
)


def add_routes(staff: Blueprint) -> None:
    """Enter the pages into the staff door's own blueprint."""
    staff.add_url_rule("/uploads", "uploads", list_uploads, methods=["GET", "POST"])
    staff.add_url_rule("/uploads/<int:upload_id>", "upload", show_upload)
    staff.add_url_rule("/uploads/<int:upload_id>/progress", "upload_progress", show_progress)
    staff.add_url_rule("/uploads/<int:upload_id>/confirm", "confirm_upload", confirm_upload, methods=["POST"])
    staff.add_url_rule("/uploads/<int:upload_id>/discard", "discard_upload", discard_upload, methods=["POST"])
    staff.add_url_rule("/uploads/<int:upload_id>/marked", "marked_upload", marked_upload, methods=["POST"])
    staff.add_url_rule("/uploads/<int:upload_id>/listed", "listed_upload", listed_upload, methods=["POST"])


def list_uploads() -> ResponseReturnValue:
    """The files that one's office has brought."""
    return listing_pages.serve(
        UPLOADS,
        uploads.visible_uploads(web.current_principal()),
        intro=gettext("原始文件加密保存。检查通过后要由您确认，才会写入系统。"),
    )


def _busy(upload: Upload) -> dict[str, Any]:
    """How far the check or the save is; ``done`` and ``total`` are None before its first report."""
    progress = jobs.progress_of(upload.job_id) if upload.job_id and upload.state in BUSY else None
    done, total = progress or (None, None)
    return {"state": upload.state, "busy": upload.state in BUSY, "done": done, "total": total}


def show_progress(upload_id: int) -> ResponseReturnValue:
    """The progress as JSON, for the page's script."""
    return _busy(uploads.visible_upload(web.current_principal(), upload_id))


def show_upload(upload_id: int) -> ResponseReturnValue:
    """Progress while the file is being checked or saved; else what the check found and what can be done now."""
    upload = uploads.visible_upload(web.current_principal(), upload_id)
    kind = uploads.kind_of(upload.kind)
    common = {
        "upload": upload,
        "kind_title": gettext(kind.title),
        "status": STATES[upload.state],
        # It may quote what stands in the file: text for the page to escape, and no format string.
        "failure": gettext(upload.failure) if upload.failure else "",
    }
    if upload.state in BUSY:
        return render_template("staff/uploads/progress.html", progress=_busy(upload), **common)
    return render_template("staff/uploads/upload.html", **common, **_found(upload, kind))


def _found(upload: Upload, kind: UploadKind) -> dict[str, Any]:
    """What the check found, for the page: problems by kind, and one page of them with their sentences."""
    report = upload.report or {}
    problems, listed = report.get("problems", []), report.get("listed", [])
    page, listed_page = _page("page"), _page("listed_page")
    first, listed_first = (page - 1) * PROBLEMS_A_PAGE, (listed_page - 1) * PROBLEMS_A_PAGE
    shown = problems[first : first + PROBLEMS_A_PAGE]

    return {
        "report": report,
        "preview_columns": {title: gettext(title) for title in report["preview"][0]} if report.get("preview") else {},
        "problem_count": len(problems),
        "problem_kinds": [
            (_sentence(kind.sentences, code), n) for code, n in Counter(p["problem"] for p in problems).most_common()
        ],
        "problems": [(p["sheet"], p["row"], _sentence(kind.sentences, p["problem"])) for p in shown],
        "page": page,
        "page_url": lambda number: url_for("staff.upload", upload_id=upload.id, page=number, listed_page=listed_page),
        "more_problems": len(problems) > first + PROBLEMS_A_PAGE,
        "listed_columns": {title: gettext(title) for title in listed[0]} if listed else {},
        "listed": listed[listed_first : listed_first + PROBLEMS_A_PAGE],
        "listed_count": len(listed),
        "listed_page": listed_page,
        "listed_url": lambda number: url_for("staff.upload", upload_id=upload.id, page=page, listed_page=number),
        "more_listed": len(listed) > listed_first + PROBLEMS_A_PAGE,
    }


def _page(name: str) -> int:
    text = request.args.get(name, "")
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) <= 6 else 1


def confirm_upload(upload_id: int) -> ResponseReturnValue:
    """Have the good lines saved."""
    principal = web.current_principal()
    uploads.confirm(principal, uploads.visible_upload(principal, upload_id), at=g.now)
    db.session.commit()
    return redirect(url_for("staff.upload", upload_id=upload_id))


def discard_upload(upload_id: int) -> ResponseReturnValue:
    """Leave the file aside."""
    principal = web.current_principal()
    uploads.discard(principal, uploads.visible_upload(principal, upload_id), at=g.now)
    db.session.commit()
    flash(gettext("已放弃这个文件，什么也没有保存。"), "info")
    return redirect(url_for("staff.uploads"))


def marked_upload(upload_id: int) -> ResponseReturnValue:
    """The official's own file with the problems written beside their rows. By POST: who took it away is recorded."""
    principal = web.current_principal()
    upload = uploads.visible_upload(principal, upload_id)
    incoming, marks = uploads.incoming_of(upload), _marks(upload)
    # A long file takes a while, and others want to write meanwhile.
    db.session.rollback()
    # Unlinked as soon as it exists, and handed over open.
    made = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the answer closes it, once it is sent
    extension = write_marked_copy(incoming.content, marks, made, heading=gettext("问题"))
    audit.record(principal, "upload.take_marked_copy", "upload", upload_id, at=g.now, problems=len(marks))
    db.session.commit()
    stem = incoming.filename.rsplit(".", 1)[0]
    return as_download(made, gettext("%(name)s（标出问题）", name=stem) + f".{extension}")


def listed_upload(upload_id: int) -> ResponseReturnValue:
    """The listed lines as a workbook. By POST: they name people, and who took them away is recorded."""
    principal = web.current_principal()
    upload = uploads.visible_upload(principal, upload_id)
    report = upload.report or {}
    listed = report.get("listed", [])
    if not listed:
        raise NotVisible
    titles = list(listed[0])
    made = io.BytesIO()
    write_xlsx(made, [gettext(title) for title in titles], ([line.get(title) for title in titles] for line in listed))
    audit.record(principal, "upload.take_listed", "upload", upload_id, at=g.now, lines=len(listed))
    db.session.commit()
    stem = upload.filename.rsplit(".", 1)[0]
    return as_download(made, f"{stem}-{gettext(report['listed_title'])}.xlsx")


def _marks(upload: Upload) -> dict[tuple[str | None, int], str]:
    """The sentences for each row that has problems."""
    sentences = uploads.kind_of(upload.kind).sentences
    rows: dict[tuple[str | None, int], list[str]] = {}
    for problem in (upload.report or {}).get("problems", []):
        words = _sentence(sentences, problem["problem"])
        rows.setdefault((problem["sheet"], problem["row"]), []).append(words)
    return {place: " ".join(dict.fromkeys(words)) for place, words in rows.items()}


def _sentence(sentences: Mapping[str, str], code: str) -> str:
    """A problem in words; the bare code where the kind has none for it."""
    return str(gettext(sentences[code])) if code in sentences else code
