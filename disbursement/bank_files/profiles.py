"""How each bank writes its files: data, not code. A profile that a person has entered is a row of bank_profiles; those
of the house stand here and need no row."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.msgid import N_

DELIMITED, FIXED_WIDTH, XLSX = "delimited", "fixed_width", "xlsx"
KINDS = {DELIMITED: N_("分隔符文本"), FIXED_WIDTH: N_("定长文本"), XLSX: N_("Excel 表格（xlsx）")}
ENCODINGS = ("gbk", "gb18030", "utf-8")
UNITS = {"fen": N_("分（整数）"), "yuan": N_("元（两位小数）")}
DATE_ORDERS = {"ymd": N_("年月日"), "dmy": N_("日月年"), "mdy": N_("月日年")}
PLACES = {"last": N_("最后一行"), "first": N_("第一行"), "none": N_("没有合计行")}
NEWLINES = {"crlf": "\r\n", "lf": "\n"}
FIELDS = {
    "reference": N_("流水号"),
    "name": N_("户名"),
    "card": N_("卡号"),
    "amount": N_("金额"),
    "purpose": N_("用途"),
    "code": N_("代码"),
    "reason": N_("原因"),
    "date": N_("日期"),
    "other": N_("略过"),
}
TOTALS = {
    "mark": N_("标记"),
    "lines": N_("笔数"),
    "total": N_("金额"),
    "paid": N_("成功"),
    "failed": N_("失败"),
    "unclear": N_("不明"),
    "other": N_("略过"),
}


@dataclass(frozen=True)
class Column:
    """One column: what stands in it (a key of FIELDS or TOTALS) and its title. In a fixed-width file it has ``width``
    bytes of the file's encoding, filled with ``fill``, its text at the right edge where ``right``."""

    field: str
    title: str = ""
    width: int = 0
    right: bool = False
    fill: str = " "


@dataclass(frozen=True)
class Layout:
    """How one file is laid out. ``header_lines`` stand before the lines of people; ``summary`` are the columns of the
    line with the control totals, which begins with ``mark`` and stands where ``summary_place`` says."""

    columns: tuple[Column, ...]
    kind: str = DELIMITED
    encoding: str = "gbk"
    delimiter: str = "|"
    newline: str = "crlf"
    header_lines: int = 0
    unit: str = "fen"
    date_order: str = "ymd"
    summary_place: str = "last"
    mark: str = "TOTAL"
    summary: tuple[Column, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """What stands in the columns, in their order."""
        return tuple(column.field for column in self.columns)

    def place_of(self, field: str) -> int | None:
        """The number of a field's column, counted from 0."""
        return self.fields.index(field) if field in self.fields else None


@dataclass(frozen=True)
class Profile:
    """One bank's manner of writing. ``version`` 0 is the house's own; a code that is in none of the three sets leaves
    a payment unclear. ``file_name`` may hold {programme}, {period} and {number}."""

    name: str
    title: str
    offer: Layout
    result: Layout
    paid_codes: frozenset[str]
    failed_codes: frozenset[str]
    unclear_codes: frozenset[str] = frozenset()
    bank: str = ""
    file_name: str = "{programme}-{period}-{number}"
    version: int = 0

    def content(self) -> dict[str, Any]:
        """All but name, title, bank and version, as JSON."""
        return {
            "offer": asdict(self.offer),
            "result": asdict(self.result),
            "paid_codes": sorted(self.paid_codes),
            "failed_codes": sorted(self.failed_codes),
            "unclear_codes": sorted(self.unclear_codes),
            "file_name": self.file_name,
        }

    def file_name_for(self, programme: str, period: str, number: int) -> str:
        """The name under which an offer file is handed out."""
        words = {"{programme}": programme, "{period}": period, "{number}": str(number)}
        name = self.file_name
        for mark, word in words.items():
            name = name.replace(mark, word)
        return name + (".xlsx" if self.offer.kind == XLSX else ".txt")


def profile_from(content: Mapping[str, Any], *, name: str, title: str, bank: str, version: int) -> Profile:
    """The profile that ``Profile.content`` was made from."""
    return Profile(
        name=name,
        title=title,
        bank=bank,
        version=version,
        offer=_layout_from(content["offer"]),
        result=_layout_from(content["result"]),
        paid_codes=frozenset(content["paid_codes"]),
        failed_codes=frozenset(content["failed_codes"]),
        unclear_codes=frozenset(content["unclear_codes"]),
        file_name=content["file_name"],
    )


def _layout_from(content: Mapping[str, Any]) -> Layout:
    columns = tuple(Column(**column) for column in content["columns"])
    summary = tuple(Column(**column) for column in content["summary"])
    return Layout(**{**content, "columns": columns, "summary": summary})


def columns_of(*fields: str) -> tuple[Column, ...]:
    """Columns without widths."""
    return tuple(Column(field) for field in fields)


ALL_TOTALS = columns_of("mark", "lines", "total", "paid", "failed", "unclear")
USUAL_RESULT = ("reference", "name", "card", "amount", "code", "reason", "date")

SAMPLE = Profile(
    name="sample",
    title=N_("竖线分隔文本（GBK，金额以分计）"),
    offer=Layout(
        columns_of("reference", "name", "card", "amount", "purpose"), summary=columns_of("mark", "lines", "total")
    ),
    result=Layout(columns_of(*USUAL_RESULT), summary=ALL_TOTALS),
    paid_codes=frozenset({"0000"}),
    failed_codes=frozenset({"9999"}),
)
_REFERENCE = Column("reference", width=26)
_NAME = Column("name", width=60)
_CARD = Column("card", width=25)
_AMOUNT = Column("amount", width=15, right=True, fill="0")


def _number(field: str) -> Column:
    return Column(field, width=15 if field == "total" else 8, right=True, fill="0")


FIXED = Profile(
    name="fixed",
    title=N_("定长文本（GBK，按字节，金额以分计）"),
    offer=Layout(
        (_REFERENCE, _NAME, _CARD, _AMOUNT, Column("purpose", width=60)),
        kind=FIXED_WIDTH,
        mark="T",
        summary=(Column("mark", width=1), _number("lines"), _number("total")),
    ),
    result=Layout(
        (
            _REFERENCE,
            _NAME,
            _CARD,
            _AMOUNT,
            Column("code", width=4),
            Column("reason", width=40),
            Column("date", width=8),
        ),
        kind=FIXED_WIDTH,
        mark="T",
        summary=(
            Column("mark", width=1),
            *(_number(field) for field in ("lines", "total", "paid", "failed", "unclear")),
        ),
    ),
    paid_codes=frozenset({"0000"}),
    failed_codes=frozenset({"9999"}),
)
WORKBOOK = Profile(
    name="xlsx",
    title=N_("Excel 表格（xlsx，金额以元计）"),
    offer=Layout(
        columns_of("reference", "name", "card", "amount", "purpose"),
        kind=XLSX,
        encoding="gbk",
        header_lines=1,
        unit="yuan",
        mark="合计",
        summary=columns_of("mark", "lines", "other", "total"),
    ),
    result=Layout(
        columns_of(*USUAL_RESULT),
        kind=XLSX,
        header_lines=1,
        unit="yuan",
        mark="合计",
        summary=columns_of("mark", "lines", "other", "total", "paid", "failed", "unclear"),
    ),
    paid_codes=frozenset({"0000", "成功"}),
    failed_codes=frozenset({"9999", "失败"}),
    unclear_codes=frozenset({"处理中"}),
)
BUILT_IN: Mapping[str, Profile] = {profile.name: profile for profile in (SAMPLE, FIXED, WORKBOOK)}
