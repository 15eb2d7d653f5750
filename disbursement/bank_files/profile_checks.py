"""What is wrong with a bank file format, and how a person writes one down. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.msgid import N_
from disbursement.bank_files.profiles import (
    DATE_ORDERS,
    DELIMITED,
    ENCODINGS,
    FIELDS,
    FIXED_WIDTH,
    KINDS,
    NEWLINES,
    PLACES,
    TOTALS,
    UNITS,
    Column,
    Layout,
    Profile,
)

SIDES = {"offer": N_("代发文件"), "result": N_("回盘文件")}
_OFFER_NEEDS = ("reference", "name", "card", "amount")
_RESULT_NEEDS = ("name", "amount", "code")
_MAY_HAVE_NOUGHTS = frozenset({"amount", "lines", "total", "paid", "failed", "unclear"})
_WIDEST = 500
_MOST_COLUMNS = 60
_MOST_HEADER_LINES = 50
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_BAD_IN_NAMES = re.compile(r"[\\/:*?\"<>|\x00-\x1f]")
_COLUMN = re.compile(
    r"(?P<field>[^\s=]+)(?:=(?P<title>\S+))?(?:\s+(?P<width>\d{1,4}))?(?:\s+(?P<right>右|right))?(?:\s+(?P<fill>0))?"
)


@dataclass(frozen=True)
class Fault:
    """Something wrong: a sentence with its parameters."""

    sentence: str
    parameters: Mapping[str, object]

    @property
    def text(self) -> str:
        """The sentence in Chinese."""
        return self.sentence % self.parameters if self.parameters else self.sentence


def _fault(sentence: str, **parameters: object) -> Fault:
    return Fault(sentence, parameters)


def faults_of(profile: Profile) -> list[Fault]:
    """All that is wrong with a profile, at once."""
    faults = _layout_faults("offer", profile.offer, _OFFER_NEEDS) + _layout_faults(
        "result", profile.result, _RESULT_NEEDS
    )
    result = set(profile.result.fields)
    if not {"reference", "card"} & result:
        faults.append(_fault(N_("回盘文件既没有流水号也没有卡号，无法对上是哪一笔。")))
    if profile.offer.summary_place != "none" and not {"lines", "total"} <= _fields(profile.offer.summary):
        faults.append(_fault(N_("代发文件的合计行要有笔数和金额。")))
    if profile.offer.header_lines > 1:
        faults.append(_fault(N_("代发文件的表头最多一行。")))
    if not profile.paid_codes or not profile.failed_codes:
        faults.append(_fault(N_("请写明哪些代码表示成功、哪些表示失败。")))
    codes = (profile.paid_codes, profile.failed_codes, profile.unclear_codes)
    twice = sorted({code for one in codes for code in one if sum(code in other for other in codes) > 1})
    if twice:
        faults.append(_fault(N_("代码“%(codes)s”同时写在两类结果里。"), codes="、".join(twice)))
    return faults + _name_faults(profile.file_name)


def _name_faults(name: str) -> list[Fault]:
    unknown = [mark for mark in _PLACEHOLDER.findall(name) if mark not in ("{programme}", "{period}", "{number}")]
    if unknown:
        return [_fault(N_("文件名里的“%(marks)s”不认识。"), marks="、".join(unknown))]
    if "{number}" not in name or _BAD_IN_NAMES.search(name) or len(name) > 100:
        return [_fault(N_('文件名要含有 {number}，不超过 100 个字，不能有 \\ / : * ? " < > | 这些字符。'))]
    return []


def _fields(columns: Sequence[Column]) -> set[str]:
    return {column.field for column in columns}


def _layout_faults(side: str, layout: Layout, needs: Sequence[str]) -> list[Fault]:
    where = SIDES[side]
    faults = [
        _fault(N_("%(side)s：没有选对“%(what)s”。"), side=where, what=what)
        for what, value, known in (
            (N_("文件类型"), layout.kind, KINDS),
            (N_("编码"), layout.encoding, ENCODINGS),
            (N_("金额单位"), layout.unit, UNITS),
            (N_("日期顺序"), layout.date_order, DATE_ORDERS),
            (N_("合计行的位置"), layout.summary_place, PLACES),
            (N_("换行符"), layout.newline, NEWLINES),
        )
        if value not in known
    ]
    missing = [FIELDS[field] for field in needs if field not in layout.fields]
    if missing:
        faults.append(_fault(N_("%(side)s：缺少%(fields)s这些列。"), side=where, fields="、".join(missing)))
    if not 0 <= layout.header_lines <= _MOST_HEADER_LINES:
        faults.append(_fault(N_("%(side)s：表头行数要在 0 到 50 之间。"), side=where))
    if layout.kind == DELIMITED and (len(layout.delimiter) != 1 or layout.delimiter in "\r\n\x00-.0123456789"):
        faults.append(_fault(N_("%(side)s：分隔符要是一个字符，不能是数字、点、横线或换行。"), side=where))
    faults += _column_faults(where, layout, layout.columns, FIELDS)
    if layout.summary_place != "none":
        if "mark" in _fields(layout.summary) and not layout.mark.strip():
            faults.append(_fault(N_("%(side)s：请填写合计行的标记。"), side=where))
        if not {"lines", "total"} & _fields(layout.summary):
            faults.append(_fault(N_("%(side)s：合计行没有笔数，也没有金额。"), side=where))
        faults += _column_faults(where, layout, layout.summary, TOTALS)
    return faults


def _column_faults(where: str, layout: Layout, columns: Sequence[Column], known: Mapping[str, str]) -> list[Fault]:
    faults = []
    if len(columns) > _MOST_COLUMNS:
        faults.append(_fault(N_("%(side)s：列太多了，最多 60 列。"), side=where))
    fields = [column.field for column in columns if column.field != "other"]
    for field in sorted({field for field in fields if fields.count(field) > 1}):
        faults.append(_fault(N_("%(side)s：“%(field)s”这一列出现了两次。"), side=where, field=known.get(field, field)))
    for column in columns:
        if column.field not in known:
            faults.append(_fault(N_("%(side)s：不认识“%(field)s”这一列。"), side=where, field=column.field))
        elif layout.kind == FIXED_WIDTH and not 1 <= column.width <= _WIDEST:
            faults.append(
                _fault(
                    N_("%(side)s：定长文本的“%(field)s”要写明宽度，1 到 500 个字节。"),
                    side=where,
                    field=known[column.field],
                )
            )
        elif column.fill == "0" and (column.field not in _MAY_HAVE_NOUGHTS or not column.right):
            faults.append(
                _fault(
                    N_("%(side)s：“%(field)s”不能用 0 补足；只有靠右的笔数和金额可以，卡号前面的 0 是卡号的一部分。"),
                    side=where,
                    field=known[column.field],
                )
            )
    return faults


def read_columns(text: str, known: Mapping[str, str]) -> tuple[Column, ...]:
    """Columns as a person writes them, one a line: ``户名``, ``户名=客户名称``, ``金额 15 右 0``; the field's key
    serves as well as its Chinese word. A word that is none of ``known`` stays as it is, for ``faults_of`` to name."""
    columns = []
    for line in text.splitlines():
        words = line.strip()
        if not words:
            continue
        found = _COLUMN.fullmatch(words)
        if found is None:
            columns.append(Column(words[:40]))
            continue
        field = next((key for key, word in known.items() if found["field"] in (key, word)), found["field"][:40])
        columns.append(
            Column(
                field,
                title=found["title"] or "",
                width=int(found["width"] or 0),
                right=bool(found["right"]),
                fill=found["fill"] or " ",
            )
        )
    return tuple(columns)


def written_columns(columns: Sequence[Column], known: Mapping[str, str]) -> str:
    """The columns as ``read_columns`` takes them, in the words of ``known``; without any, by their English keys."""
    return "\n".join(
        known.get(column.field, column.field)
        + (f"={column.title}" if column.title else "")
        + (f" {column.width}" if column.width else "")
        + ((" 右" if known else " right") if column.right else "")
        + (" 0" if column.fill == "0" else "")
        for column in columns
    )


def read_codes(text: str) -> frozenset[str]:
    """Codes as a person writes them, separated by spaces, commas or 、."""
    return frozenset(code for code in re.split(r"[\s,，、;；]+", text) if code)
