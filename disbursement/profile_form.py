"""The form in which a person writes down how a bank writes its files."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from core.form_fields import choices
from core.staff_form import StaffForm
from disbursement.bank_files.profile_checks import read_codes, read_columns, written_columns
from disbursement.bank_files.profiles import (
    DATE_ORDERS,
    ENCODINGS,
    FIELDS,
    KINDS,
    PLACES,
    TOTALS,
    UNITS,
    Layout,
    Profile,
)

_REQUIRED = InputRequired(lazy_gettext("这一项必须填写。"))
_LONG = Length(max=4000)
_SHORT = Length(max=60)
_COLUMNS_HINT = lazy_gettext(
    "每行一列，按文件里的顺序：流水号、户名、卡号、金额、用途、代码、原因、日期、略过。"
    "定长文本在后面写字节数，数字靠右用 0 补足的再写“右 0”，例如“金额 15 右 0”。要改表头的写“户名=客户姓名”。"
)
_SUMMARY_HINT = lazy_gettext("合计行的各项，每行一个：标记、笔数、金额、成功、失败、不明、略过。写法同上。")


def _words(known: dict[str, str]) -> Any:
    return choices({key: lazy_gettext(word) for key, word in known.items()})


def _side(side: str) -> dict[str, Any]:
    """The fields of one layout."""
    return {
        f"{side}_kind": SelectField(lazy_gettext("文件类型"), choices=_words(KINDS)),
        f"{side}_encoding": SelectField(
            lazy_gettext("编码"), choices=choices({name: name.upper() for name in ENCODINGS})
        ),
        f"{side}_delimiter": StringField(
            lazy_gettext("分隔符"),
            [Length(max=3)],
            description=lazy_gettext("只用于分隔符文本。制表符写作 \\t。"),
        ),
        f"{side}_newline": SelectField(
            lazy_gettext("换行符"), choices=choices({"crlf": "CR LF (Windows)", "lf": "LF (Unix)"})
        ),
        f"{side}_header_lines": IntegerField(lazy_gettext("表头行数"), [NumberRange(0, 50)], default=0),
        f"{side}_columns": TextAreaField(lazy_gettext("各列"), [_REQUIRED, _LONG], description=_COLUMNS_HINT),
        f"{side}_unit": SelectField(lazy_gettext("金额单位"), choices=_words(UNITS)),
        f"{side}_date_order": SelectField(lazy_gettext("日期顺序"), choices=_words(DATE_ORDERS)),
        f"{side}_summary_place": SelectField(lazy_gettext("合计行的位置"), choices=_words(PLACES)),
        f"{side}_mark": StringField(lazy_gettext("合计行的标记"), [_SHORT]),
        f"{side}_summary": TextAreaField(lazy_gettext("合计行各项"), [_LONG], description=_SUMMARY_HINT),
    }


class _ProfileFields(StaffForm):
    """What is not about one file or the other."""

    name = StringField(
        lazy_gettext("标识"),
        [_REQUIRED, _SHORT],
        description=lazy_gettext("小写英文字母、数字和连字符，命令行和记录里用它，例如 rcb-2026。"),
    )
    title = StringField(lazy_gettext("名称"), [_REQUIRED, _SHORT])
    bank = StringField(lazy_gettext("银行"), [_SHORT])
    file_name = StringField(
        lazy_gettext("文件名"),
        [_REQUIRED, Length(max=100)],
        description=lazy_gettext("可以用 {programme} 项目编码、{period} 期别、{number} 文件编号。"),
    )
    paid_codes = StringField(lazy_gettext("表示成功的代码"), [Length(max=500)])
    failed_codes = StringField(lazy_gettext("表示失败的代码"), [Length(max=500)])
    unclear_codes = StringField(
        lazy_gettext("表示不明的代码"),
        [Length(max=500)],
        description=lazy_gettext("几个代码用空格分开。三类里都没有的代码一律算不明，查清以前不会再发。"),
    )


_BothSides: Any = type("_BothSides", (_ProfileFields,), _side("offer") | _side("result"))


class ProfileForm(_BothSides):
    """A whole profile."""

    def of_side(self, side: str) -> list[Any]:
        """The fields of one layout, in their order."""
        return [field for field in self if field.name.startswith(side + "_")]

    def profile(self) -> Profile:
        """What was written, whether it makes sense or not."""
        return Profile(
            name=(self.name.data or "").strip(),
            title=self.title.data or "",
            bank=self.bank.data or "",
            file_name=(self.file_name.data or "").strip(),
            paid_codes=read_codes(self.paid_codes.data or ""),
            failed_codes=read_codes(self.failed_codes.data or ""),
            unclear_codes=read_codes(self.unclear_codes.data or ""),
            offer=self._layout("offer"),
            result=self._layout("result"),
        )

    def _layout(self, side: str) -> Layout:
        given = {key: getattr(self, f"{side}_{key}").data for key in _KEYS}
        return Layout(
            columns=read_columns(given["columns"] or "", FIELDS),
            summary=read_columns(given["summary"] or "", TOTALS),
            kind=given["kind"],
            encoding=given["encoding"],
            delimiter=(given["delimiter"] or "").replace("\\t", "\t"),
            newline=given["newline"],
            header_lines=given["header_lines"] or 0,
            unit=given["unit"],
            date_order=given["date_order"],
            summary_place=given["summary_place"],
            mark=(given["mark"] or "").strip(),
        )


_KEYS = (
    "columns", "summary", "kind", "encoding", "delimiter", "newline",
    "header_lines", "unit", "date_order", "summary_place", "mark",
)  # fmt: skip


def form_data(profile: Profile, title: str, *, in_chinese: bool = True) -> dict[str, Any]:
    """A profile as the form shows it. ``title`` is its name in the language of the page; the columns are called in
    Chinese, or by their keys, which are English."""
    fields, totals = (FIELDS, TOTALS) if in_chinese else ({}, {})
    data: dict[str, Any] = {
        "name": profile.name,
        "title": title,
        "bank": profile.bank,
        "file_name": profile.file_name,
        "paid_codes": " ".join(sorted(profile.paid_codes)),
        "failed_codes": " ".join(sorted(profile.failed_codes)),
        "unclear_codes": " ".join(sorted(profile.unclear_codes)),
    }
    for side, layout in (("offer", profile.offer), ("result", profile.result)):
        for key in _KEYS:
            data[f"{side}_{key}"] = getattr(layout, key)
        data[f"{side}_columns"] = written_columns(layout.columns, fields)
        data[f"{side}_summary"] = written_columns(layout.summary, totals)
        data[f"{side}_delimiter"] = layout.delimiter.replace("\t", "\\t")
    return data


class TrialForm(StaffForm):
    """A sample of a result: pasted, or a file."""

    text = TextAreaField(lazy_gettext("粘贴几行回盘内容"), [Length(max=20_000)])
    file = FileField(lazy_gettext("或者上传一个回盘文件"))
