"""Rolls in every layout that townships think of, with faults planted in known rows.

Everything follows from a seed: which columns there are, in which order and under which names, one header row or two,
villages in a column, a title, a sheet name or a row of their own, totals, signatures, headers again on each page, the
kind of file. Beside the file stands what must be found in it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.builders import tables

TODAY = date(2020, 7, 10)
TOWNSHIP = "513426100000"
TOWNSHIP_NAME = "鲹鱼河镇"
VILLAGES = ("石门坎村", "清水村", "红岩村")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗"
_GIVEN = "秀英伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰玉珍德昌建国仕贵䶮㛃喆"
_YI_NAMES = ("阿西·木呷", "吉克•曲布", "俄木・尔古", "海来．伍呷", "沙马‧拉且", "吉木·阿支莫", "马海尔且", "罗\u3000超")

# Wordings that townships use. They need not stand in the product's vocabulary in this very form.
WORDINGS: dict[str, tuple[str, ...]] = {
    "serial": ("序号", "编号", "序 号", "NO.", "顺序号"),
    "township": ("乡镇", "所属乡镇", "乡(镇)", "乡镇名称"),
    "village": ("村", "村名", "村（社区）", "行政村", "所在村", "村别", "村(居)"),
    "group": ("社", "组", "社别", "村民小组", "社（组）", "组别", "组 别"),
    "name": (
        "姓名", "姓 名", "受益人姓名", "户主姓名", "补贴对象", "领取人", "享受人姓名", "残疾人姓名",
        "农户姓名", "姓\n名", "受益人(户主)姓名", "对象姓名", "补助对象姓名",
    ),
    "id": (
        "身份证号", "身份证号码", "公民身份号码", "证件号码", "身份证\n号码", "居民身份证号码",
        "身份证号码（18位）", "身份证", "公民身份证号码", "身 份 证 号",
    ),
    "payee": ("收款人姓名", "领款人", "代领人姓名", "户名", "开户名", "账户名", "监护人姓名"),
    "payee_id": ("收款人身份证号", "代领人身份证号码", "监护人身份证号"),
    "relation": ("与受益人关系", "关系", "与户主关系"),
    "card": (
        "社保卡号", "社会保障卡账号", "一卡通账号", "银行账号", "卡号", "存折号", "社会保障卡号", "银行卡号",
        "开户账号", "一卡通号", "社保卡（一卡通）账号", "惠民惠农一卡通账号", "卡（折）号",
    ),
    "bank": ("开户银行", "开户行", "开户行名称", "银行名称", "发卡银行"),
    "phone": ("联系电话", "手机号", "电话", "联系方式", "手机号码"),
    "quantity": ("补贴面积(亩)", "月数", "人数", "数量", "面积", "享受月数", "核定面积（亩）"),
    "standard": ("补贴标准\n(元/月)", "标准", "补贴标准（元/亩）", "补助标准", "每亩标准", "发放标准"),
    "amount": (
        "金额", "补贴金额", "补贴金额(元)", "发放金额", "实发金额", "补助资金", "补贴资金（元）", "金额（元）",
        "兑付金额", "补助金额", "发放金额\n（元）", "应兑付金额", "本次发放金额", "补贴金额元",
    ),
    "due": ("应发金额", "应发数(元)", "应补金额"),
    "remark": ("备注", "备 注", "说明"),
    "sex": ("性别",),
    "age": ("年龄",),
    "certificate": ("残疾证号",),
    "kind": ("残疾等级", "类别", "低保类别"),
    "signed": ("领取人签字", "签字", "签名"),
}  # fmt: skip


def id_number(random_: random.Random, *, born: str | None = None, right: bool = True) -> str:
    """An invented ID number; with a wrong check digit if asked for."""
    day = born or f"{random_.randint(1935, 2012)}{random_.randint(1, 12):02}{random_.randint(1, 28):02}"
    stem = f"513426{day}{random_.randint(0, 999):03}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, stem, strict=True))
    digit = "10X98765432"[total % 11]
    return stem + (digit if right else "0" if digit != "0" else "1")


@dataclass
class Line:
    """One line of a roll as it is to be written, and what must be found: a code, or the amount in fen."""

    cells: dict[str, object]
    village: str
    group: str
    code: str | None = None
    fen: int = 0


@dataclass
class SheetPlan:
    """A grid of cells with its merged ranges (rows and columns from 0)."""

    name: str
    rows: list[list[object]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class MessyRoll:
    """A file and what is in it. ``problems`` are (sheet, row, code); sheets are None for text."""

    content: bytes
    kind: str
    good: int
    total_fen: int
    problems: list[tuple[str | None, int, str]]
    regions: dict[str, str]  # ID number of a good line → village and group, as "清水村/2"


class _Maker:
    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        r = self.r
        self.kind = r.choice(["xlsx", "xlsx", "xlsx", "xls", "csv", "csv", "tab", "bar", "html", "spreadsheetml"])
        self.is_text = self.kind in ("csv", "tab", "bar", "html")
        self.village_by = r.choice(["column", "column", "down", "merged", "sheet", "title", "section", "with_group"])
        if self.kind in ("csv", "tab", "bar", "html", "spreadsheetml") and self.village_by == "merged":
            self.village_by = "down"
        if self.is_text and self.village_by == "sheet":
            self.village_by = "title"
        self.has_group = r.random() < 0.8 or self.village_by == "with_group"
        self.group_down = r.random() < 0.5 and self.village_by != "with_group"
        self.group_style = r.choice(["{}社", "{}组", "第{}村民小组", "{}", "mixed"])
        self.two_levels = r.choice(["", "", "", "merged", "plain"]) if r.random() < 0.6 else ""
        self.in_ten_thousands = r.random() < 0.08
        self.problems: list[tuple[str | None, int, str]] = []
        self.good: dict[str, int] = {}
        self.regions: dict[str, str] = {}
        self.used: list[str] = []
        self.serial = 0
        self.standard = r.choice([90, 50, 105.2, 15, 80])
        self.columns = self._choose_columns()
        self.labels = {column: r.choice(WORDINGS[column]) for column in self.columns}
        if "due" in self.columns:
            self.labels["amount"] = r.choice(["实发金额", "实发金额（元）", "实际发放金额"])
        if "payee" in self.columns and self.labels["name"] in ("领取人", "户主姓名"):
            self.labels["name"] = "受益人姓名"
        if self.in_ten_thousands:
            self.labels["amount"] = "金额（万元）"

    # --- what there is ---------------------------------------------------------------------------

    def _choose_columns(self) -> list[str]:
        r = self.r
        columns = ["name", "id", "amount"]
        if r.random() < 0.9:
            columns.append("card")
        wanted = {"phone": 0.5, "bank": 0.3, "remark": 0.6, "sex": 0.2, "age": 0.2, "certificate": 0.15, "kind": 0.2}
        columns += [column for column, chance in wanted.items() if r.random() < chance]
        together = {("quantity", "standard"): 0.5, ("payee",): 0.25, ("signed",): 0.15}
        columns += [column for group, chance in together.items() if r.random() < chance for column in group]
        if "standard" in columns and r.random() < 0.3 and not self.in_ten_thousands:
            columns.append("due")
        if "payee" in columns:
            columns += [column for column in ("payee_id", "relation") if r.random() < 0.4]
        r.shuffle(columns)
        columns.sort(key=lambda column: column == "remark")
        if columns.index("payee") < columns.index("name") if "payee" in columns else False:
            at, to = columns.index("payee"), columns.index("name")
            columns[at], columns[to] = columns[to], columns[at]
        place = []
        if r.random() < 0.3:
            place.append("township")
        if self.village_by in ("column", "down", "merged", "with_group"):
            place.append("village")
        if self.has_group and self.village_by != "with_group":
            place.append("group")
        at = r.choice([0, 0, 0, len(columns) // 2])
        columns[at:at] = place
        if r.random() < 0.7:
            columns.insert(0, "serial")
        return columns

    def name(self) -> str:
        r = self.r
        if r.random() < 0.25:
            return r.choice(_YI_NAMES)
        name = r.choice(_SURNAMES) + "".join(r.sample(_GIVEN, r.choice([1, 2])))
        return name + r.choice(["", "", "", " ", "\t"]) if not self.is_text else name

    def line(self, village: str, group: str) -> Line:
        r = self.r
        quantity = r.choice([1, 3, 7.2, 0.7, 12])
        fen = round(quantity * self.standard * 100)
        number = id_number(r)
        cells: dict[str, object] = {
            "name": self.name(),
            "id": self._written_id(number),
            "card": f"6217{r.randint(0, 10**15 - 1):015}" if r.random() < 0.95 else r.choice(["", "无", "未办卡"]),
            "phone": f"1{r.choice('3589')}{r.randint(0, 10**9 - 1):09}",
            "bank": "会东县农村商业银行",
            "quantity": quantity,
            "standard": self.standard,
            "amount": self._written_amount(fen),
            "due": (fen + 1000) / 100,
            "remark": r.choice(["", "", "新增", "与户主合计"]),
            "sex": r.choice("男女"),
            "age": r.randint(8, 85),
            "certificate": number + r.choice(["43", "11B1"]),
            "kind": r.choice(["一级", "二级", "A类"]),
            "payee": self.name(),
            "payee_id": id_number(r),
            "relation": r.choice(["父子", "本人", "母女"]),
            "signed": "",
            "township": r.choice([TOWNSHIP_NAME, "鲹鱼河"]),
        }
        line = Line(cells, village, group, fen=fen)
        if r.random() < 0.14:
            self._spoil(line, number)
        if line.code is None:
            self.used.append(number)
            self.good[number] = fen
            self.regions[number] = f"{village}/{group}"
        return line

    def _written_id(self, number: str) -> object:
        ways: list[Callable[[str], str]] = [str] * 6
        ways.append(lambda n: n.translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)}))
        ways.append(str.lower)
        ways.append(lambda n: f" {n[:6]} {n[6:14]}{n[14:]} ")
        if not self.is_text:
            ways.append(lambda n: f"{n[:14]}\n{n[14:]}")
        if self.kind in ("csv", "tab"):
            ways += [lambda n: f'="{n}"'] * 2
        if self.kind == "csv":
            ways.append(lambda n: f"\t{n}")
        return self.r.choice(ways)(number)

    def _written_amount(self, fen: int) -> object:
        yuan = fen / 100
        if self.in_ten_thousands:
            return fen / 1_000_000
        return self.r.choice(
            [yuan, yuan, yuan, f"{yuan:.2f}", f"{yuan:,.2f}", f"{yuan:.2f}元", f"￥{yuan:.2f}", f" {yuan:.2f}"]
        )

    # --- faults ----------------------------------------------------------------------------------

    def _spoil(self, line: Line, number: str) -> None:
        """Plant one fault, or two; what is found is the one that comes first."""
        faults: list[Callable[[Line, str], str]] = [
            _no_name, _no_id, _fifteen_digits, _wrong_length, _no_such_day, _wrong_check_digit,
            _no_amount, _nought, _half_fen,
        ]  # fmt: skip
        if "card" in self.columns:
            faults.append(_bad_card)
        if self.village_by in ("column", "with_group"):
            faults.append(_no_such_village)
        if self.used:
            faults.append(self._again)
        if not self.is_text or self.kind == "csv":
            faults.append(self._number)
        first = self.r.choice(faults)
        before = dict(line.cells)
        line.code = first(line, number)
        if self.r.random() < 0.15:
            second = self.r.choice(faults)
            once = dict(line.cells)
            code = second(line, number)
            spoilt = {key for key in before if before[key] != once[key]}
            if any(line.cells[key] != once[key] for key in spoilt) or {line.code, code} == {
                "name_missing",
                "id_missing",
            }:
                line.cells = once  # two faults in one cell are one, and a line of nobody is no line
            else:
                line.code = min(line.code, code, key=_CODES.index)

    def _again(self, line: Line, number: str) -> str:
        line.cells["id"] = self.r.choice(self.used)
        return "duplicate_in_file"

    def _number(self, line: Line, number: str) -> str:
        digits = number.replace("X", "0")
        line.cells["id"] = f"{float(digits):.5E}" if self.is_text else int(digits)
        return "id_precision_lost"

    # --- layout ----------------------------------------------------------------------------------

    def sheet(self, name: str, villages: Sequence[str]) -> SheetPlan:
        r, plan = self.r, SheetPlan(name)
        title = (
            f"会东县{TOWNSHIP_NAME}{villages[0] if self.village_by == 'title' else ''}2020年困难残疾人生活补贴花名册"
        )
        width = len(self.columns)
        if self.village_by == "title" or r.random() < 0.6:
            plan.rows.append([title])
            if not self.is_text and width > 1 and r.random() < 0.7:
                plan.merged.append((0, 0, 0, width - 1))
            if r.random() < 0.5:
                plan.rows.append([f"填报单位：{TOWNSHIP_NAME}人民政府（盖章）", *[""] * 2, "单位：元"])
            if r.random() < 0.2:
                plan.rows.append([])
        self._header(plan)
        for village in villages:
            self._village(plan, village)
        if r.random() < 0.7:
            plan.rows.append(self._total(r.choice(["合计", "合  计", "总计", "合计："])))
        if r.random() < 0.6:
            signatures: list[object] = ["制表人：", "", "王小明", "", "审核人：", "", "填报日期：2020年7月6日"]
            plan.rows.append(signatures[: max(width, 4)])
        if r.random() < 0.3:
            plan.rows += [[], ["说明：1.本表一式三份；2.身份证号请用文本格式。"]]
        return plan

    def _header(self, plan: SheetPlan) -> None:
        labels: list[object] = [self.labels[column] for column in self.columns]
        people = [place for place, column in enumerate(self.columns) if column in ("name", "id")]
        together = len(people) == 2 and people[1] - people[0] == 1
        if not self.two_levels or not together or "payee" in self.columns:
            plan.rows.append(labels)
        else:
            top: list[object] = ["" if place in people else label for place, label in enumerate(labels)]
            top[people[0]] = self.r.choice(["受益人", "补贴对象", "享受补贴人员"])
            below: list[object] = ["" for _ in labels]
            for place in people:
                below[place] = "姓名" if self.columns[place] == "name" else self.labels["id"]
            row = len(plan.rows)
            plan.rows += [top, below]
            if self.two_levels == "merged":
                plan.merged.append((row, people[0], row, people[1]))
                plan.merged += [(row, place, row + 1, place) for place in range(len(labels)) if place not in people]
        if self.r.random() < 0.1 and len(labels) >= 3:
            numbers: list[object] = [str(place + 1) for place in range(len(labels))]
            plan.rows.append(numbers)

    def _village(self, plan: SheetPlan, village: str) -> None:
        r = self.r
        if self.village_by == "section":
            plan.rows.append([r.choice([village, f"一、{village}", f"{TOWNSHIP_NAME}{village}", f"{village}（12户）"])])
        begin, groups = len(plan.rows), sorted(r.choice("1234") for _ in range(r.randint(3, 12)))
        written_village = written_group = ""
        for group in groups:
            line = self.line(village, group if self.has_group else "")
            group_text = self._group_text(group)
            cells = line.cells
            cells.setdefault("village", village)
            if self.village_by == "with_group":
                cells["village"] = str(cells["village"]) + (group_text if group_text[-1] in "社组" else f"{group}社")
            elif self.village_by in ("down", "merged"):
                cells["village"] = village if written_village != village else ""
                written_village = village
            if self.has_group:
                cells["group"] = group_text if not self.group_down or written_group != group else ""
                written_group = group
            self._write(plan, line)
            if r.random() < 0.04:
                self._page_end(plan)
        if self.village_by == "merged" and len(plan.rows) - begin > 1:
            self._merge_village(plan, begin)
        if r.random() < 0.3 and self.village_by != "merged":
            plan.rows.append(self._total(r.choice([f"{village}小计", "小计", "本村合计"])))

    def _group_text(self, group: str) -> str:
        style = self.r.choice(["{}社", "{}组", "{}"]) if self.group_style == "mixed" else self.group_style
        return style.format(group)

    def _write(self, plan: SheetPlan, line: Line) -> None:
        self.serial += 1
        line.cells["serial"] = self.serial
        plan.rows.append([line.cells.get(column, "") for column in self.columns])
        if line.code is not None:
            row = _physical(plan.rows) if self.is_text and self.kind != "html" else len(plan.rows)
            self.problems.append((None if self.is_text else plan.name, row, line.code))

    def _page_end(self, plan: SheetPlan) -> None:
        if self.village_by == "merged":
            return
        what = self.r.choice(["header", "blank", "total", "prepared"])
        if what == "header":
            self._header(plan)
        elif what == "blank":
            plan.rows.append([])
        elif what == "total":
            plan.rows.append(self._total("本页小计"))
        elif "serial" in self.columns:
            self.serial += 1
            plan.rows.append([self.serial if column == "serial" else "" for column in self.columns])

    def _merge_village(self, plan: SheetPlan, begin: int) -> None:
        column = self.columns.index("village")
        if plan.rows[begin][column]:
            plan.merged.append((begin, column, len(plan.rows) - 1, column))

    def _total(self, word: str) -> list[object]:
        cells: list[object] = ["" for _ in self.columns]
        cells[0] = word
        at = self.columns.index("amount")
        if at:
            cells[at] = 1234.5
        return cells

    # --- the file ---------------------------------------------------------------------------------

    def file(self) -> MessyRoll:
        r = self.r
        if self.village_by == "sheet":
            plans = [self.sheet(village, [village]) for village in r.sample(VILLAGES, r.randint(1, 3))]
        elif self.village_by == "title":
            plans = [self.sheet("Sheet1", [r.choice(VILLAGES)])]
        else:
            plans = [self.sheet("花名册", r.sample(VILLAGES, r.randint(1, 3)))]
        if self.kind in ("xlsx", "xls", "spreadsheetml"):
            if r.random() < 0.3:
                plans.insert(0, SheetPlan("填表说明", [["1.身份证号、社保卡号请设置为文本格式；2.请勿改动表头。"]]))
            if r.random() < 0.3:
                plans.append(SheetPlan("汇总表", [["村", "人数", "金额"], ["清水村", 12, 3240], ["合计", 12, 3240]]))
            if r.random() < 0.3:
                plans.append(SheetPlan("Sheet9"))
        return MessyRoll(
            self._bytes(plans), self.kind, len(self.good), sum(self.good.values()), self.problems, self.regions
        )

    def _bytes(self, plans: list[SheetPlan]) -> bytes:
        sheets = {plan.name: plan.rows for plan in plans}
        if self.kind == "xlsx":
            return tables.xlsx(sheets, {plan.name: [_a1(*place) for place in plan.merged] for plan in plans})
        if self.kind == "xls":
            ranges = {plan.name: [(t, b, le, ri) for t, le, b, ri in plan.merged] for plan in plans}
            return tables.xls(sheets, ranges)
        if self.kind == "spreadsheetml":
            return tables.spreadsheetml(sheets)
        if self.kind == "html":
            return tables.html(plans[0].rows, self.r.choice(["utf-8", "gb18030"]))
        delimiter = {"csv": ",", "tab": "\t", "bar": "|"}[self.kind]
        encoding = self.r.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
        return tables.text(plans[0].rows, delimiter, encoding, self.r.choice(["\r\n", "\n"]))


def _physical(rows: list[list[object]]) -> int:
    """The physical line at which the last of these rows begins in a text file: quoted cells have line breaks."""
    return len(rows) + sum(str(cell).count("\n") for row in rows[:-1] for cell in row)


def _a1(top: int, left: int, bottom: int, right: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"


# --- the faults, each with its code -------------------------------------------------------------------

_CODES = (
    "name_missing", "id_missing", "id_precision_lost", "id_15_digits", "id_length", "id_birthdate", "id_checksum",
    "amount_unreadable", "amount_not_positive", "amount_below_fen", "card_unreadable", "unknown_region",
    "duplicate_in_file",
)  # fmt: skip


def _random_of(number: str) -> random.Random:
    return random.Random(number)


def _no_name(line: Line, _: str) -> str:
    line.cells["name"] = ""
    return "name_missing"


def _no_id(line: Line, _: str) -> str:
    line.cells["id"] = ""
    return "id_missing"


def _fifteen_digits(line: Line, number: str) -> str:
    line.cells["id"] = number[:6] + number[8:17]
    return "id_15_digits"


def _wrong_length(line: Line, number: str) -> str:
    line.cells["id"] = _random_of(number).choice(
        [number[:-2], number[:-1], number + "1", number[:10] + "A" + number[11:]]
    )
    return "id_length"


def _no_such_day(line: Line, number: str) -> str:
    day = _random_of(number).choice(["19901340", "20210101", "19900230", "18010101"])
    line.cells["id"] = id_number(_random_of(number), born=day)
    return "id_birthdate"


def _wrong_check_digit(line: Line, number: str) -> str:
    line.cells["id"] = number[:17] + ("0" if number[17] != "0" else "1")
    return "id_checksum"


def _no_amount(line: Line, number: str) -> str:
    line.cells["amount"] = _random_of(number).choice(["", "九十元", "待定", "#REF!", "270/月", "2 70 8x"])
    return "amount_unreadable"


def _nought(line: Line, number: str) -> str:
    line.cells["amount"] = _random_of(number).choice([0, -150, "-150.00", "0.00", "0元"])
    return "amount_not_positive"


def _half_fen(line: Line, number: str) -> str:
    line.cells["amount"] = _random_of(number).choice(["270.005元", "90.001元", "￥0.005"])
    return "amount_below_fen"


def _bad_card(line: Line, number: str) -> str:
    line.cells["card"] = _random_of(number).choice(["6.217E+18", "62170A2572034294702", "123", "6217 卡号不清"])
    return "card_unreadable"


def _no_such_village(line: Line, _: str) -> str:
    line.cells["village"] = "不存在村"
    return "unknown_region"


def messy_roll(seed: int) -> MessyRoll:
    """The roll of a seed."""
    return _Maker(seed).file()
