"""What stands around the lines of an official table: totals, signatures, notes, column numbers, units."""

import re
from collections.abc import Sequence
from itertools import pairwise

from core.plain_text import plain_without_spaces

# All patterns meet text that is NFKC and has no blanks: brackets and colons are the narrow ones.
_TOTAL = re.compile(
    r"[(\[【]?.{0,14}?(?:合计|小计|总计|共计|累计|总额|总数|总和|汇总|总人数|总金额|总户数)"
    r"(?:发放|应发|实发|兑付|补贴|补助|金额|资金|人数|户数|面积|大写|小写|数|额|为|人民币|\(.{0,20}\))*[:;]?(?P<rest>.*)"
)
_NUMERALS = "0-9零〇一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟萬.,"
_AFTER_TOTAL = re.compile(rf"[{_NUMERALS}元圆角分整正人户亩名个共计大小写金额。;、:()¥-]*")

_OFFICE = (
    "制表|填表|填报|编制|造册|审核|复核|审批|核对|核实|经办|负责|主管|分管|领导|签字|签名|签章|盖章|公章|会计|出纳|财务|"
    "站长|所长|主任|镇长|乡长|书记|村长|社长|组长|监督|监委|联系人|联系电话|报送|上报|日期|时间|年月日|单位"
)
_SIGNATURES = re.compile(
    "|".join(
        (
            rf".{{0,16}}?(?:{_OFFICE}).{{0,8}}?[:_].*",  # 制表人:张三, 单位负责人(签字):
            rf"(?:{_OFFICE}|人|员|意见|电话)+",  # 制表人, 分管领导签字
            rf".{{0,30}}\((?:{_OFFICE}|章)+\).*",  # 鲹鱼河镇人民政府(盖章)
            r"\d{0,4}年\d{0,2}月\d{0,2}日",
        )
    )
)
_NOTE = re.compile(
    r"(?:说明|注|备注|填表说明|填报说明|注意|提示|依据|附|单位):.*|注\d*[:.、].*|\*.*|\(?\d{1,2}[).、](?!\d).{6,}"
    r"|.{0,3}(?:以下空白|以下无正文|此页无正文|续表|续上表|接上页|转下页|见下页).{0,3}"
)
_COLUMN_NUMBER = re.compile(r"[(\[]?(\d{1,2}|[A-Za-z]|[甲乙丙丁戊己庚辛壬癸子丑寅卯])[)\]]?(?:=.*)?")
_UNIT = re.compile(
    r"[(\[]?(?:单位:)?[万千百]?(?:元|角|分|亩|人|户|月|年|个|只|头|岁|公斤|斤|吨|平方米|%)(?:[/每·*×].{1,5})?[)\]]?"
)
_LONG_ENOUGH = 200
"""Characters of a cell that are looked at: what is longer is prose."""


def _squeezed(text: str) -> str:
    return plain_without_spaces(text[:_LONG_ENOUGH])


def is_total(text: str) -> bool:
    """Whether a cell says that its row is a total: 合计, 小  计, 石门坎村小计：, 本页合计52人, 合计（大写）壹万元整."""
    match = _TOTAL.fullmatch(_squeezed(text))
    return match is not None and _AFTER_TOTAL.fullmatch(match["rest"]) is not None


def is_signature(text: str) -> bool:
    """Whether a cell belongs to the signatures and dates below or above a table: 制表人：, 审核人(签字), （盖章）."""
    return _SIGNATURES.fullmatch(_squeezed(text)) is not None


def is_note(text: str) -> bool:
    """Whether a cell is an explanation: 说明：…, 注：…, 1.身份证号请设置为文本格式."""
    return _NOTE.fullmatch(_squeezed(text)) is not None


def is_column_numbers(cells: Sequence[str]) -> bool:
    """Whether a row merely numbers the columns of a form: 1 2 3, (1) (2) (3), 甲 乙 1 2 3=1×2."""
    matches = [_COLUMN_NUMBER.fullmatch(_squeezed(cell)) for cell in cells if cell.strip()]
    numbers = [int(match[1]) if match[1].isdigit() else 0 for match in matches if match]
    counted = [number for number in numbers if number]
    return (
        len(numbers) == len(matches) >= 3
        and all(after == before + 1 for before, after in pairwise(counted))
        and len({match[1] for match in matches if match}) == len(matches)
    )


def is_unit(text: str) -> bool:
    """Whether a cell of a header is nothing but a unit: 元, (亩), 元/月."""
    return _UNIT.fullmatch(_squeezed(text)) is not None
