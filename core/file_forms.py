"""The page on which an official brings a file: a form, and on to the page that shows what is in it."""

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired

from core.database import db
from core.errors import UserError
from core.staff_form import StaffForm
from core.tables.records import Form
from core.uploads import UploadKind, receive
from core.web import current_principal


class FileForm(StaffForm):
    """One table file. Rooms that need to know more add fields."""

    file = FileField(
        lazy_gettext("文件"),
        [FileRequired(lazy_gettext("请选择要上传的文件。"))],
        description=lazy_gettext("Excel（xlsx、xls）、CSV 或文本格式的表格。先检查，您确认之后才保存。"),
    )


def take_in(
    kind: UploadKind, form: FileForm, parameters: Mapping[str, Any], template: str = "staff/file.html", **context: Any
) -> ResponseReturnValue:
    """Show the form; take a posted file in and go to its page. ``context`` (title, intro, columns …) goes to the
    template. Raises PermissionDenied without the kind's right."""
    current_principal().require(kind.right)
    if form.validate_on_submit():
        stored = form.file.data
        try:
            upload = receive(current_principal(), kind, stored.read(), stored.filename or "", parameters, at=g.now)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            return redirect(url_for("staff.upload", upload_id=upload.id))
    return render_template(template, form=form, kind=kind, **context)


def columns_of(form: Form) -> list[tuple[str, str, bool]]:
    """The columns of a form for the page that asks for the file: name, other wordings, whether it must be there."""
    return [(gettext(words[0]), "、".join(words[1:]), name in form.required) for name, words in form.wordings.items()]
