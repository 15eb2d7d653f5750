"""All that is held of a person, handed out for himself: as a page to print, and as a workbook."""

import tempfile
from typing import BinaryIO, cast

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import clock
from core.database import db
from core.downloads import as_download
from core.errors import PermissionDenied, UserError
from core.personal_records import Records
from core.tables.export import Sheet, write_workbook
from core.web import current_principal, settings
from registry import operations, queries, rules
from registry.door import blueprint
from registry.forms import PersonFileForm
from registry.operations import PersonFile
from registry.rules import Proof
from registry.words import PROOFS

PAGE, WORKBOOK = "page", "xlsx"
MOST_COLUMNS = 7
"""A table with more is printed line by line: on paper its columns would be too narrow to read."""


@blueprint.route("/beneficiaries/<int:beneficiary_id>/export", methods=["GET", "POST"])
def export_person(beneficiary_id: int) -> ResponseReturnValue:
    """Ask for proof and reason; then everything, as what was asked for. Each handing out is on record."""
    form, principal = PersonFileForm(), current_principal()
    principal.require(rules.EXPORT_PERSON)
    person = queries.beneficiary(principal, beneficiary_id)
    if form.validate_on_submit():
        wanted = WORKBOOK if request.form.get("form") == WORKBOOK else PAGE
        try:
            made = operations.export_person(
                principal, beneficiary_id, Proof(form.proof.data), form.reason.data, form=wanted, at=g.now
            )
        except PermissionDenied:
            raise
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
            person = queries.beneficiary(principal, beneficiary_id)
        else:
            answer = _workbook(made) if wanted == WORKBOOK else _page(made)
            db.session.commit()
            return answer
    return render_template("registry/export_person.html", person=person, form=form)


def _facts(made: PersonFile) -> list[tuple[str, str]]:
    return [
        (gettext("姓名"), made.person.name),
        (gettext("申请人"), str(PROOFS[made.proof.value])),
        (gettext("理由"), made.reason),
        (gettext("导出单位"), g.organisation_name or ""),
        (gettext("导出时间"), clock.local_time(made.at).strftime("%Y-%m-%d %H:%M")),
    ]


def _notes() -> list[str]:
    return [
        gettext(
            "依据个人信息保护法第四十五条，您可以查阅、复制您的个人信息；第四十六条，发现不准确的可以请求更正；"
            "第四十八条，可以要求解释处理规则；第四十九条，近亲属可以对死者的相关信息行使这些权利。"
        ),
        gettext(
            "本系统依照法定职责发放补贴（个人信息保护法第十三条、第三十四条），保存期限见“信息保存多久”，"
            "资金和账务的记录依会计档案的规定保存。"
        ),
        gettext("有不对的地方，请告诉把这份材料交给您的单位，或者拨打%(hotline)s。", hotline=settings().hotline),
    ]


def _page(made: PersonFile) -> Response:
    return Response(
        render_template(
            "registry/person_file.html",
            made=made,
            facts=_facts(made),
            notes=_notes(),
            most_columns=MOST_COLUMNS,
            back=url_for("registry.beneficiary", beneficiary_id=made.person.id),
        )
    )


def _workbook(made: PersonFile) -> Response:
    about = gettext("说明")
    head = Sheet(about, [(about, ""), *_facts(made), *[("", note) for note in _notes()]], (16, 100))
    # Unlinked as soon as it exists, and handed over open.
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the answer closes it, once it is sent
    write_workbook(file, [head, *map(_sheet, made.tables)])
    return as_download(file, f"{gettext('本人全部信息')}-{made.person.name}-{clock.local_date(made.at):%Y%m%d}.xlsx")


def _sheet(table: Records) -> Sheet:
    rows = table.rows or [[gettext("没有记录")]]
    note = [[], [table.note]] if table.note else []
    return Sheet(table.title, [list(table.columns), *map(list, rows), *note], [18] * len(table.columns))
