"""Policy lists and fund plans as files, by command and by operation."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from core import uploads
from core.audit import AuditEntry
from core.clock import local_date
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind, Role, system
from core.uploads import Report, UploadKind
from programmes import operations, queries
from programmes.files import CATALOGUE_UPLOAD, FUND_PLAN_UPLOAD, read_plan
from programmes.models import FundLine, IncompatibilityRule, Programme, ProgrammeStandard
from tests import factories
from tests.disbursement.county import build_county, entry
from tests.factories import AT, SAMPLES

LIST, PLAN = SAMPLES / "programmes.xlsx", SAMPLES / "fund-plan-2020.xlsx"


def bring(kind: UploadKind, content: bytes, *, dry_run: bool = False) -> Report:
    return uploads.import_at_once(system("test"), kind, content, "文件", {}, at=AT, dry_run=dry_run)


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def programme(code: str) -> Programme:
    db.session.expire_all()
    return db.session.scalars(select(Programme).where(Programme.code == code)).one()


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def codes(report: Report) -> list[tuple[str | None, int, str]]:
    return [(problem.sheet, problem.row, problem.problem) for problem in report.problems]


@pytest.fixture
def catalogue(app: Flask) -> None:
    factories.organisation(OrganisationKind.DEPARTMENT, name="县民政局")
    bring(CATALOGUE_UPLOAD, LIST.read_bytes())


class TestThePolicyList:
    def test_the_sample_is_imported_whole(self, catalogue: None) -> None:
        assert (count(Programme), count(IncompatibilityRule)) == (10, 5)
        living = programme("DISABLED_LIVING")
        assert (
            living.name,
            living.standard,
            living.unit,
            living.frequency,
            living.publicity_days,
            living.policy_basis,
        ) == (
            "困难残疾人生活补贴",
            "90元/人·月",
            "人",
            "季度",
            7,
            "国发〔2015〕52号",
        )
        assert (living.channel, programme("YULU_EDUCATION").channel) == ("platform", "offline")

    def test_paper_only_is_no_default(self, catalogue: None) -> None:
        assert programme("ORPHAN_LIVING").publicity_days == 0

    def test_programmes_about_disability_and_orphans_are_sensitive(self, catalogue: None) -> None:
        sensitive = db.session.scalars(select(Programme.code).where(Programme.sensitive)).all()
        assert set(sensitive) == {"DISABLED_LIVING", "DISABLED_CARE", "ORPHAN_LIVING"}

    def test_departments_are_linked_as_far_as_they_exist(self, catalogue: None) -> None:
        assert programme("SENIOR_ALLOWANCE").department_id is not None
        assert programme("FARMLAND_FERTILITY").department_id is None
        office = factories.organisation(OrganisationKind.DEPARTMENT, name="县农业农村局")
        report = bring(CATALOGUE_UPLOAD, LIST.read_bytes())
        assert programme("FARMLAND_FERTILITY").department_id == office.id
        assert "还没有这些主管部门：县林业和草原局、县退役军人事务局、县乡村振兴局" in report.notes[-1]

    def test_the_same_file_again_changes_nothing(self, catalogue: None) -> None:
        report = bring(CATALOGUE_UPLOAD, LIST.read_bytes())
        assert (report.good, report.problems) == (15, [])
        assert report.notes[0].startswith("补贴项目：新增 0 个，修改 0 个。不相容规则：新增 0 条，修改 0 条。")
        assert (count(Programme), count(IncompatibilityRule)) == (10, 5)

    def test_a_programme_without_a_standard_gets_the_one_that_its_text_states(self, catalogue: None) -> None:
        number = programme("SENIOR_ALLOWANCE").id
        db.session.execute(delete(ProgrammeStandard).where(ProgrammeStandard.programme_id == number))
        report = bring(CATALOGUE_UPLOAD, LIST.read_bytes())
        assert any("还没有能核对的标准" in note and "高龄津贴" in note for note in report.notes)
        (standard,) = queries.standards_of(number)
        assert (standard.valid_from, standard.valid_until) == (None, None)
        assert not any("能核对的标准" in note for note in bring(CATALOGUE_UPLOAD, LIST.read_bytes()).notes)
        assert len(queries.standards_of(number)) == 1

    def test_the_frequency_by_which_payments_were_approved_stays(self, app: Flask) -> None:
        county = build_county()
        county.approved([entry(1)])
        content = workbook(
            清单=[
                ["编码", "项目名称", "主管部门", "补贴标准", "发放周期", "发放方式", "计算单位", "补贴对象"],
                ["DISABLED_LIVING", "困难残疾人生活补贴", "县民政局", "90元/人·月", "按月", "一卡通", "人", "残疾人"],
            ]
        )
        report = bring(CATALOGUE_UPLOAD, content)
        assert any("发放周期不改：困难残疾人生活补贴" in note for note in report.notes)
        assert (programme("DISABLED_LIVING").frequency, programme("DISABLED_LIVING").target) == ("季度", "残疾人")

    def test_a_dry_run_saves_nothing(self, app: Flask) -> None:
        assert bring(CATALOGUE_UPLOAD, LIST.read_bytes(), dry_run=True).good == 15
        assert count(Programme) == 0

    def test_a_later_list_changes_what_it_says_and_no_more(self, catalogue: None) -> None:
        known = programme("SENIOR_ALLOWANCE")
        known.sensitive = True
        db.session.flush()
        content = workbook(
            清单=[
                ["发放方式", "名称", "代码", "责任单位", "补助标准", "公示期"],
                ["线下", "高龄补贴", "SENIOR_ALLOWANCE", "县卫生健康局", "60元/人·月", "5天"],
            ],
            规则=[
                ["补贴项目甲", "补贴项目乙", "能否同时享受"],
                ["困难残疾人生活补贴", "最低生活保障金", "否"],
            ],
        )
        report = bring(CATALOGUE_UPLOAD, content)
        assert (report.good, report.problems) == (2, [])
        assert report.notes[0] == "补贴项目：新增 0 个，修改 1 个。不相容规则：新增 0 条，修改 1 条。"
        assert report.notes[1].startswith("高龄补贴：将修改项目名称、主管部门、")
        changed = programme("SENIOR_ALLOWANCE")
        assert (changed.name, changed.channel, changed.publicity_days, changed.sensitive) == (
            "高龄补贴",
            "offline",
            5,
            True,
        )
        assert changed.department_id is None
        assert count(Programme) == 10
        found = db.session.scalars(
            select(IncompatibilityRule).where(IncompatibilityRule.second_code == "MINIMUM_LIVING")
        )
        before, after = sorted(found, key=lambda rule: rule.id)
        today = local_date(AT)
        assert (before.valid_until, after.handling, after.valid_from) == (today - timedelta(days=1), "forbidden", today)
        assert any("从今天起" in note for note in report.notes)

    def test_problems_have_their_sheet_and_row(self, app: Flask) -> None:
        content = workbook(
            清单=[
                ["某县政策清单"],
                ["编码", "项目名称", "主管部门", "发放方式"],
                ["A", "甲补贴", "县民政局", ""],
                ["B", "乙补贴", None, "一卡通"],
                ["A", "丙补贴", "县民政局", "一卡通"],
                ["C", "丁补贴", "县民政局", "邮局"],
                ["D", "戊补贴", "县民政局", "一卡通"],
                ["合计", 5, None, None],
            ],
            不相容=[["补贴甲", "补贴乙", "处理"], ["A", "D", "不得同时享受"], ["A", "B", "不得同时享受"]],
            说明=[["本表由财政局提供"]],
        )
        report = bring(CATALOGUE_UPLOAD, content)
        assert report.good == 3
        assert codes(report) == [
            ("清单", 4, "department_missing"),
            ("清单", 5, "programme_duplicate"),
            ("清单", 6, "channel_unknown"),
            ("不相容", 3, "programme_unknown"),
        ]
        assert programme("A").channel == "undecided"
        assert any("甲补贴" in note and "待定" in note for note in report.notes)

    def test_what_was_changed_is_recorded(self, catalogue: None) -> None:
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "programmes.import_catalogue"))
        assert len(entry.details["added"]) == 10
        assert entry.details["new_rules"] == 5

    @pytest.mark.parametrize("content", ["姓名,金额\n王秀英,90\n".encode(), b"PK\x03\x04broken"])
    def test_another_file_is_refused_in_a_sentence(self, app: Flask, content: bytes) -> None:
        with pytest.raises(UserError, match="。"):
            bring(CATALOGUE_UPLOAD, content)


@pytest.mark.usefixtures("catalogue")
class TestTheFundPlan:
    def test_the_sample_is_imported_whole_and_only_once(self) -> None:
        first = bring(FUND_PLAN_UPLOAD, PLAN.read_bytes())
        assert (first.good, first.total_fen, first.problems) == (4, 460_000_050, [])
        second = bring(FUND_PLAN_UPLOAD, PLAN.read_bytes())
        assert (second.good, second.total_fen, count(FundLine)) == (4, 460_000_050, 4)
        assert second.notes == ["新增 0 笔，0.00 元。", "另有 4 笔已经登记过，不会重复。"]
        living = programme("DISABLED_LIVING")
        assert queries.allocated(living.id, 2020) == 120_000_00 + 1_080_000_00
        assert queries.allocated(living.id, 2021) == 0
        assert queries.allocated(programme("FARMLAND_FERTILITY").id, 2020) == 260_000_050

    def test_lines_say_where_the_money_comes_from(self) -> None:
        bring(FUND_PLAN_UPLOAD, PLAN.read_bytes())
        lines = queries.fund_lines_of(system("test"), programme("DISABLED_LIVING"))
        assert [(line.source, line.level, line.document_number, line.amount_fen) for line in lines] == [
            ("carried_over", "省级", "川财社〔2020〕11号", 12_000_000),
            ("current_year", "县级", "东财社〔2020〕8号", 108_000_000),
        ]

    def test_another_amount_for_the_same_money_is_no_edit(self) -> None:
        bring(FUND_PLAN_UPLOAD, PLAN.read_bytes())
        content = workbook(
            计划=[
                ["年度", "项目编码", "指标文号", "资金来源级次", "资金性质", "金额（元）"],
                [2020, "SENIOR_ALLOWANCE", "东财社[2020]9号", "县级", "当年下达", 900000],
                [2020, "SENIOR_ALLOWANCE", "东财社[2020]19号", "县级", "当年下达", 100000],
            ]
        )
        report = bring(FUND_PLAN_UPLOAD, content)
        assert codes(report) == [("计划", 2, "fund_line_differs")]
        assert queries.allocated(programme("SENIOR_ALLOWANCE").id, 2020) == 90_000_000

    def test_a_plan_in_ten_thousands_with_its_year_in_the_title(self) -> None:
        content = workbook(
            计划=[
                ["2020年惠民惠农资金计划表"],
                [None, None, None, None, "单位：万元"],
                ["补贴项目", "文号", "资金来源", "资金性质", "下达金额"],
                ["高龄津贴", "东财社（2020）9号", "县级", "本年下达", 80],
                ["高龄津贴", "川财社（2020）3号", "省级", "结转", "12.345678"],
                ["高龄津贴", "川财社（2020）4号", "省级", "结转", "12.3456789"],
                ["合计", None, None, None, 92.345678],
            ]
        )
        report = bring(FUND_PLAN_UPLOAD, content)
        assert (report.good, report.total_fen) == (2, 80_000_000 + 12_345_678)
        assert codes(report) == [("计划", 6, "amount_below_fen")]
        assert queries.allocated(programme("SENIOR_ALLOWANCE").id, 2020) == 92_345_678

    def test_cells_merged_downwards_count_for_each_row(self) -> None:
        book = openpyxl.load_workbook(
            io.BytesIO(
                workbook(
                    计划=[
                        ["年度", "项目名称", "指标文号", "资金性质", "金额"],
                        [2020, "高龄津贴", "甲〔2020〕1号", "当年下达", 1],
                        [None, None, "甲〔2020〕2号", "当年下达", 2],
                    ]
                )
            )
        )
        book.worksheets[0].merge_cells("A2:A3")
        book.worksheets[0].merge_cells("B2:B3")
        stream = io.BytesIO()
        book.save(stream)
        assert bring(FUND_PLAN_UPLOAD, stream.getvalue()).total_fen == 300

    def test_money_recorded_otherwise_in_the_meantime_is_a_conflict(self) -> None:
        lines = read_plan(PLAN.read_bytes(), AT).lines
        operations.record_fund_lines(system("test"), lines, at=AT)
        changed = [lines[0].__class__(**lines[0].__dict__ | {"amount_fen": 1})]
        with pytest.raises(Conflict, match="重新上传"):
            operations.record_fund_lines(system("test"), changed, at=AT)
        assert count(FundLine) == 4

    def test_what_was_recorded_is_recorded(self) -> None:
        bring(FUND_PLAN_UPLOAD, PLAN.read_bytes())
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "programmes.record_fund_lines"))
        assert (entry.details["lines"], entry.details["total_fen"]) == (4, 460_000_050)


def test_only_finance_brings_lists_and_plans(app: Flask) -> None:
    for kind, role in ((OrganisationKind.DEPARTMENT, Role.PREPARER), (OrganisationKind.FINANCE, Role.VIEWER)):
        somebody = factories.principal(kind, role)
        with pytest.raises(PermissionDenied):
            operations.import_catalogue(somebody, [], [], at=AT)
        with pytest.raises(PermissionDenied):
            operations.record_fund_lines(somebody, [], at=AT)


class TestCommands:
    def run(self, app: Flask, *arguments: str) -> dict[str, Any]:
        answer = app.test_cli_runner().invoke(args=["programmes", *arguments, "--json"])
        assert answer.exit_code == 0, answer.output
        found: dict[str, Any] = json.loads(answer.output)
        return found

    def test_lists_and_plans_by_command(self, app: Flask) -> None:
        assert self.run(app, "import", str(LIST), "--dry-run") == {"good": 15, "total_fen": 0, "problems": []}
        assert count(Programme) == 0
        self.run(app, "import", str(LIST))
        assert self.run(app, "import-plan", str(PLAN)) == {"good": 4, "total_fen": 460_000_050, "problems": []}
        assert self.run(app, "import-plan", str(PLAN))["good"] == 4
        assert count(FundLine) == 4

    def test_a_plan_before_its_programmes_has_nothing_to_save(self, app: Flask) -> None:
        answer = app.test_cli_runner().invoke(args=["programmes", "import-plan", str(PLAN), "--dry-run", "--json"])
        assert {problem["problem"] for problem in json.loads(answer.output)["problems"]} == {"programme_unknown"}
        refused = app.test_cli_runner().invoke(args=["programmes", "import-plan", str(PLAN)])
        assert refused.exit_code == 1
        assert "没有一行可以保存" in refused.output

    def test_a_missing_file_is_said_to_be_missing(self, app: Flask, tmp_path: Path) -> None:
        answer = app.test_cli_runner().invoke(args=["programmes", "import", str(tmp_path / "none.xlsx")])
        assert answer.exit_code != 0
        assert "none.xlsx" in answer.output
