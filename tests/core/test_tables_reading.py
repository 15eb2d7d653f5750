"""Reading tables of every kind: the same rows come out, whatever they came in."""

import datetime as dt
import threading
from pathlib import Path

import pytest

from core.tables.headers import columns_by_wording, find_header, label_of, unit_of
from core.tables.reading import ReadLimits, TableError, open_table, read_all
from core.tables.rows import Merged
from tests.builders import tables

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
PEOPLE = [
    ["序号", "姓名", "身份证号码", "金额"],
    ["1", "阿西·木呷", "513426199509167030", "270.00"],
    ["2", "罗\u3000超", "513426195003210910", "1,080.50"],
    ["3", "李䶮", "51342619620608017X", "90"],
]


def cells_of(content: bytes) -> list[list[str]]:
    (sheet,) = read_all(content)
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"], ids=str.upper
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
def test_text_in_any_encoding_and_delimiter(delimiter: str, encoding: str, end: str) -> None:
    assert cells_of(tables.text(PEOPLE, delimiter, encoding, end)) == PEOPLE


def test_gbk_without_rare_characters() -> None:
    rows = PEOPLE[:3]
    assert cells_of(tables.text(rows, "|", "gbk")) == rows


@pytest.mark.parametrize(
    "build",
    [
        lambda: tables.xlsx({"Sheet1": PEOPLE}),
        lambda: tables.xls({"Sheet1": PEOPLE}),
        lambda: tables.html(PEOPLE),
        lambda: tables.html(PEOPLE, "gb18030"),
        lambda: tables.spreadsheetml({"Sheet1": PEOPLE}),
        lambda: tables.ods(PEOPLE),
    ],
    ids=["xlsx", "xls", "html", "html-gb18030", "spreadsheetml", "ods"],
)
def test_spreadsheets_of_any_kind(build: object) -> None:
    assert callable(build)
    assert cells_of(build()) == PEOPLE


def test_the_extension_is_not_believed(tmp_path: Path) -> None:
    lying = tmp_path / "roll.xls"
    lying.write_bytes(tables.text(PEOPLE, ",", "gb18030"))
    assert [row.cells for row in read_all(lying)[0].rows] == PEOPLE
    lying = tmp_path / "roll.csv"
    lying.write_bytes(tables.xlsx({"花名册": PEOPLE}))
    with open_table(lying) as table:
        assert table.kind == "xlsx"
        assert [sheet.name for sheet in table.sheets()] == ["花名册"]


def test_columns_by_position_in_bytes_of_gbk() -> None:
    lines = []
    for number, name, card, amount in [
        ("1", "王秀英", "6217002572034294702", "270.00"),
        ("2", "李丽", "6217001435088152666", "1,270.00"),
        ("13", "罗\u3000超", "", "90.00"),
        ("14", "阿西·木呷", "6217005115139858612", "270.00"),
    ]:
        wide = len(name.encode("gbk"))
        lines.append(f"{number:<5}{name}{' ' * (12 - wide)}{card:<21}{amount:>12}")
    assert cells_of("\r\n".join(lines).encode("gbk")) == [
        ["1", "王秀英", "6217002572034294702", "270.00"],
        ["2", "李丽", "6217001435088152666", "1,270.00"],
        ["13", "罗\u3000超", "", "90.00"],
        ["14", "阿西·木呷", "6217005115139858612", "270.00"],
    ]


def test_columns_divided_by_blanks() -> None:
    content = "姓名 身份证号 金额\n王秀英 513426199509167030 270\n李丽   513426196605279004   1,080.00\n"
    assert cells_of(content.encode()) == [
        ["姓名", "身份证号", "金额"],
        ["王秀英", "513426199509167030", "270"],
        ["李丽", "513426196605279004", "1,080.00"],
    ]


def test_guards_of_long_numbers_are_taken_off() -> None:
    content = '姓名,身份证号,社保卡号\n王秀英,"=""513426199509167030""",\t6217002572034294702\n'
    assert cells_of(content.encode("gb18030"))[1] == ["王秀英", "513426199509167030", "6217002572034294702"]


def test_row_numbers_are_physical() -> None:
    content = '标题\n\n姓名,"住\n址",金额\n甲,"一\n二",1\n\n乙,三,2\n'
    (sheet,) = read_all(content.encode())
    assert [(row.number, row.cells[0]) for row in sheet.rows] == [(1, "标题"), (3, "姓名"), (5, "甲"), (8, "乙")]
    assert sheet.row_count == 8

    (sheet,) = read_all(tables.xlsx({"S": [[], [None, "a"], [], [None, None, "b"]]}))
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ["", "a", ""]), (4, ["", "", "b"])]
    assert sheet.row_count == 4


def test_what_a_cell_held_is_known() -> None:
    day, moment = dt.date(2020, 7, 6), dt.datetime(2020, 7, 6, 8, 30)  # noqa: DTZ001 - cells have no time zone
    row: list[object] = ["text", 7.0, 105.2, 0.1 + 0.2, 513426199509167030, 7 * 14.99, -0.5, 1e-7, True, day, moment]
    whole = [row]
    for content in (tables.xlsx({"S": whole}), tables.xls({"S": [cells[:-2] for cells in whole]})):
        (sheet,) = read_all(content)
        numbers = ["7", "105.2", "0.3", "513426199509167000", "104.93", "-0.5", "0.0000001"]
        assert sheet.rows[0].cells[:9] == ["text", *numbers, "TRUE"]
        assert sheet.rows[0].kinds[:9] == "tnnnnnnnb"
    (sheet,) = read_all(tables.xlsx({"S": whole}))
    assert sheet.rows[0].cells[9:] == ["2020-07-06", "2020-07-06T08:30:00"]
    assert sheet.rows[0].kinds[9:] == "dd"


def test_merged_ranges_are_given_not_filled() -> None:
    rows: list[list[object]] = [["标题", None, None], ["社别", "姓名", "金额"], ["1社", "甲", 90], [None, "乙", 90]]
    for content in (
        tables.xlsx({"S": rows}, {"S": ["A1:C1", "A3:A4"]}),
        tables.xls({"S": rows}, {"S": [(0, 0, 0, 2), (2, 3, 0, 0)]}),
    ):
        (sheet,) = read_all(content)
        assert sorted(sheet.merged) == [Merged(1, 0, 1, 2), Merged(3, 0, 4, 0)]
        assert [row.cells[0] for row in sheet.rows] == ["标题", "社别", "1社", ""]


def test_merged_cells_of_web_pages_keep_columns_in_place() -> None:
    page = (
        "<table><tr><th rowspan=2>序号<th colspan=2>受益人<th rowspan=2>金额</tr><tr><th>姓名<th>身份证号</tr>"
        "<tr><td>1<td>甲&nbsp;<td>5134<br>26<td>90</tr></table>"
    )
    (sheet,) = read_all(page.encode())
    assert [row.cells for row in sheet.rows] == [
        ["序号", "受益人", "", "金额"],
        ["", "姓名", "身份证号", ""],
        ["1", "甲", "5134\n26", "90"],
    ]
    assert sheet.merged == [Merged(1, 0, 2, 0), Merged(1, 1, 1, 2), Merged(1, 3, 2, 3)]


def test_a_hidden_sheet_is_announced_and_not_read() -> None:
    for content in (
        tables.xlsx({"花名册": PEOPLE, "旧数据": PEOPLE}, hidden=["旧数据"]),
        tables.spreadsheetml({"花名册": PEOPLE, "旧数据": PEOPLE}, hidden=["旧数据"]),
    ):
        sheets = read_all(content)
        assert [(sheet.name, sheet.hidden, len(sheet.rows)) for sheet in sheets] == [
            ("花名册", False, 4),
            ("旧数据", True, 0),
        ]


def test_sheets_may_be_left_unread() -> None:
    content = tables.xlsx({"一": PEOPLE * 1000, "二": [["x"]]})
    with open_table(content) as table:
        first, second = table.sheets()
        assert (first.name, second.name) == ("一", "二")
        assert list(second.rows()) == []  # passed already: rows come once
    with open_table(content) as table:
        for sheet in table.sheets():
            assert next(sheet.rows()).number == 1


def test_lost_characters_do_not_cost_the_file() -> None:
    content = tables.text(PEOPLE * 30, ",", "gb18030")
    damaged = content.replace("罗".encode("gb18030"), b"\xff\xff", 1)
    with open_table(damaged) as table:
        (sheet,) = table.sheets()
        assert sheet.name is None
    with open_table(damaged) as table:
        for sheet in table.sheets():
            rows = list(sheet.rows())
            assert len(rows) == 120
            assert [(remark.code, remark.row) for remark in sheet.remarks] == [("characters_lost", 3)]


def test_progress_is_told() -> None:
    told: list[int] = []
    with open_table(tables.text(PEOPLE * 1000), progress=told.append) as table:
        for sheet in table.sheets():
            sheet.skip()
    assert told == [1000, 2000, 3000, 4000]


def test_an_open_file_and_several_threads_at_once() -> None:
    content, found = tables.xlsx({"S": PEOPLE * 50}), []

    def read() -> None:
        found.append([row.cells for row in read_all(content)[0].rows])

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [PEOPLE * 50] * 6
    with (SAMPLES / "programmes.xlsx").open("rb") as file:
        file.seek(99)
        assert [sheet.name for sheet in read_all(file)] == ["政策清单", "不相容补贴"]


def test_unpaired_quotation_mark_is_named() -> None:
    rows = tables.text([["1", '"甲', "513426", "90"]]).replace(b'"""', b'"').replace(b',"', b',"', 1)
    content = "序号,姓名,证号,金额\n".encode() + rows.replace(b'"\xe7\x94\xb2"', b'"\xe7\x94\xb2') + b"2,x,y,90\n" * 50
    with pytest.raises(TableError) as refused:
        read_all(content)
    assert refused.value.code == "open_quote"
    assert "第 2 行" in str(refused.value)


# --- headers -----------------------------------------------------------------------------------

_WORDS_LISTED = "序号 社别 受益人 收款人 姓名 身份证号码 社会保障卡号 补贴标准 补贴金额 备注"
WORDS = set(map(label_of, _WORDS_LISTED.split()))


def test_two_level_header_with_merged_cells() -> None:
    sheet = next(s for s in read_all(SAMPLES / "roll-困难残疾人生活补贴-202006-鲹鱼河镇.xlsx") if s.name == "清水村")
    header = find_header(sheet.rows, WORDS.__contains__, sheet.merged)
    assert header is not None
    assert (header.first_row, header.last_row) == (3, 4)
    assert [header.label(column) for column in (2, 3, 4, 5, 8)] == [
        "受益人姓名",
        "受益人身份证号码",
        "收款人姓名",
        "收款人社会保障卡号",
        "补贴标准",
    ]
    assert header.text(8) == "补贴标准 (元/月)"


def test_two_level_header_without_merged_cells_and_with_column_numbers() -> None:
    rows = [
        ["会东县某镇花名册"],
        ["填报单位：某镇人民政府（盖章）", "", "", "", "单位：元"],
        ["序号", "受益人", "", "收款人", "", "补贴金额"],
        ["", "姓名", "身份证号码", "姓名", "社会保障卡号", "（万元）"],
        ["甲", "1", "2", "3", "4", "5=1×2"],
        ["1", "王秀英", "513426199509167030", "王秀英", "6217002572034294702", "270"],
    ]
    (sheet,) = read_all(tables.text(rows))
    header = find_header(sheet.rows, WORDS.__contains__)
    assert header is not None
    assert (header.first_row, header.last_row) == (3, 5)
    assert [header.label(column) for column in range(5)] == [
        "序号",
        "受益人姓名",
        "受益人身份证号码",
        "收款人姓名",
        "收款人社会保障卡号",
    ]
    assert unit_of(header.text(5)) == "万元"


def test_columns_by_own_wording() -> None:
    (sheet, _) = read_all(SAMPLES / "programmes.xlsx")
    wordings = {"code": ("项目编码",), "name": ("项目名称",), "days": ("公示天数",), "none": ("没有",)}
    known = {label_of(word) for words in wordings.values() for word in words}
    header = find_header(sheet.rows, known.__contains__)
    assert header is not None
    assert header.last_row == 2
    assert columns_by_wording(header, wordings) == {"code": 0, "name": 1, "days": 8}


def test_default_limits_are_generous() -> None:
    assert ReadLimits().megabytes == 50
