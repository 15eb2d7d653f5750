"""The form of the staff door, for all rooms."""

from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import FileField, MultipleFileField


class StaffForm(FlaskForm):
    """A form with its CSRF token. A file sent under the name of a field that holds words counts as nothing sent:
    Flask-WTF would hand it to validators that ask for its length."""

    class Meta(FlaskForm.Meta):
        """How what was sent reaches the fields."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """What was sent, files for fields of files only; None where nothing was."""
            sent = super().wrap_formdata(form, formdata)
            if sent is None:
                return None
            of_files = {field.name for field in form if isinstance(field, FileField | MultipleFileField)}
            kept = (
                (name, value)
                for name, value in sent.items(multi=True)
                if name in of_files or not isinstance(value, FileStorage)
            )
            return MultiDict(list(kept))
