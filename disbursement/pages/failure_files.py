"""The pages by which a township takes its failures away as a table, and brings them back corrected."""

import io

from flask import g, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import audit
from core.clock import local_date
from core.database import db
from core.downloads import as_download
from core.file_forms import FileForm, columns_of, take_in
from core.web import current_principal
from disbursement import rules
from disbursement.door import blueprint
from disbursement.failure_files import CORRECTIONS_FORM, CORRECTIONS_UPLOAD, failures_to_correct, write_failures


@blueprint.post("/failures/download")
def download_failures() -> ResponseReturnValue:
    """What waits for the township, as a workbook to be filled in. It names people: the download is on record."""
    principal = current_principal()
    principal.require(rules.CORRECT_PAYMENT)
    found = failures_to_correct(principal)
    file = io.BytesIO()
    write_failures(file, found)
    audit.record(principal, "failure.download", "payments", "", at=g.now, payments=len(found))
    db.session.commit()
    return as_download(file, gettext("发放失败清单-%(day)s.xlsx", day=f"{local_date(g.now):%Y%m%d}"))


@blueprint.route("/failures/upload", methods=["GET", "POST"])
def upload_corrections() -> ResponseReturnValue:
    """Bring the filled-in table; it is checked first and saved when confirmed."""
    title = gettext("上传改好的失败清单")
    return take_in(
        CORRECTIONS_UPLOAD,
        FileForm(),
        {},
        title=title,
        intro=gettext("先下载失败清单，在后面几列填上新卡号、新户名和依据；不改的行留空。卡号一列要设成文本。"),
        crumbs=[(gettext("发放失败明细"), url_for("disbursement.failures")), (title, None)],
        columns=columns_of(CORRECTIONS_FORM),
    )
