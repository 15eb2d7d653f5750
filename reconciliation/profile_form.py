"""The form in which a person writes down how a bank writes its statements."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.staff_form import StaffForm
from reconciliation.profile_checks import read_words, written_words
from reconciliation.profiles import COLUMNS, LABELS, StatementProfile

_REQUIRED = InputRequired(lazy_gettext("这一项必须填写。"))
_SHORT = Length(max=60)
_LONG = Length(max=2000)


class _ProfileFields(StaffForm):
    """What is not about the wordings."""

    name = StringField(
        lazy_gettext("标识"),
        [_REQUIRED, _SHORT],
        description=lazy_gettext("小写英文字母、数字和连字符，命令行和记录里用它，例如 rcb-2026。"),
    )
    title = StringField(lazy_gettext("名称"), [_REQUIRED, _SHORT])
    bank = StringField(lazy_gettext("银行"), [_SHORT])


def _wordings(prefix: str, names: dict[str, str]) -> dict[str, Any]:
    return {f"{prefix}_{key}": TextAreaField(lazy_gettext(words), [_LONG]) for key, words in names.items()}


_All: Any = type("_All", (_ProfileFields,), _wordings("column", COLUMNS) | _wordings("label", LABELS))


class StatementProfileForm(_All):
    """A whole profile."""

    def of_kind(self, prefix: str) -> list[Any]:
        """The fields of columns or labels, in their order."""
        return [field for field in self if field.name.startswith(prefix + "_")]

    def profile(self) -> StatementProfile:
        """What was written, whether it makes sense or not."""
        columns = {key: read_words(self[f"column_{key}"].data or "") for key in COLUMNS}
        labels: dict[str, Any] = {key: read_words(self[f"label_{key}"].data or "") for key in LABELS}
        return StatementProfile(
            (self.name.data or "").strip(),
            self.title.data or "",
            {key: words for key, words in columns.items() if words},
            bank=self.bank.data or "",
            **labels,
        )


def form_data(profile: StatementProfile, title: str) -> dict[str, Any]:
    """A profile as the form shows it; ``title`` is its name in the language of the page."""
    columns = {f"column_{key}": written_words(profile.columns.get(key, ())) for key in COLUMNS}
    labels = {f"label_{key}": written_words(getattr(profile, key)) for key in LABELS}
    return {"name": profile.name, "title": title, "bank": profile.bank, **columns, **labels}


class StatementTrialForm(StaffForm):
    """A sample of a statement: pasted, or a file."""

    text = TextAreaField(
        lazy_gettext("粘贴一段对账单"),
        [Length(max=20_000)],
        description=lazy_gettext("连同表头和上面的账号一起。可以从 Excel 里直接复制。"),
    )
    file = FileField(lazy_gettext("或者上传一个对账单文件"))
