"""Files of regions, by command and by upload page."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from core import uploads
from core.audit import AuditEntry
from core.database import db
from core.errors import PermissionDenied
from core.principal import OrganisationKind, Role, system
from core.uploads import Report
from registry import operations, queries, rules
from registry.models import Region
from registry.region_files import REGIONS_UPLOAD
from registry.rules import RegionLine
from tests import factories
from tests.factories import AT, SAMPLES

SAMPLE = SAMPLES / "regions.csv"


def bring(content: bytes, *, dry_run: bool = False) -> Report:
    return uploads.import_at_once(system("test"), REGIONS_UPLOAD, content, "区划.csv", {}, at=AT, dry_run=dry_run)


def as_csv(*lines: str) -> bytes:
    return ("区划代码,区划名称,级别,上级区划代码\n" + "\n".join(lines)).encode()


def names() -> dict[str, str]:
    db.session.expire_all()
    return queries.region_names()


class TestTheSample:
    def test_is_imported_whole_and_only_once(self, app: Flask) -> None:
        first = bring(SAMPLE.read_bytes())
        assert (first.good, first.total_fen, first.problems) == (305, 0, [])
        before = names()
        assert len(before) == 305
        second = bring(SAMPLE.read_bytes())
        assert (second.good, second.notes) == (305, ["新增 0 个区划。"])
        assert names() == before

    def test_levels_and_parents_follow_the_codes(self, app: Flask) -> None:
        bring(SAMPLE.read_bytes())
        counted = db.session.execute(select(Region.level, func.count()).group_by(Region.level)).all()
        assert dict(counted) == {"county": 1, "township": 19, "village": 57, "group": 228}
        group = db.session.get_one(Region, "513426001200003")
        assert (group.parent_code, group.path) == ("513426001200", "鱼城街道青杠村3社")

    def test_a_dry_run_saves_nothing(self, app: Flask) -> None:
        assert bring(SAMPLE.read_bytes(), dry_run=True).good == 305
        assert names() == {}


class TestReimport:
    def test_a_renamed_region_keeps_its_code_and_an_absent_one_stays(self, app: Flask) -> None:
        bring(as_csv("513426,会东县,县,", "513426001,鱼城镇,镇,513426", "513426002,金江镇,镇,513426"))
        report = bring(as_csv("513426000000,会东县,县,", "513426001000,鱼城街道,街道,513426000000"))
        assert report.notes == [
            "新增 0 个区划。",
            "改名 1 个区划，代码不变。",
            "513426001000：鱼城镇 改为 鱼城街道。",
            "系统里有 1 个区划不在这个文件里（如 金江镇）。它们会保留，不会删除。",
        ]
        assert names() == {"513426000000": "会东县", "513426001000": "鱼城街道", "513426002000": "金江镇"}

    def test_what_changed_is_recorded_once(self, app: Flask) -> None:
        good, _ = rules.check_regions([RegionLine("513426", "会东县")], ())
        operations.import_regions(system("test"), good, at=AT)
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registry.import_regions"))
        assert entry.details == {"added": 1, "renamed": 0, "absent": 0}


class TestFilesOfThisKind:
    def test_problems_have_their_rows_and_the_rest_is_saved(self, app: Flask) -> None:
        report = bring(
            as_csv("513426,会东县,县,", "513426001,,镇,", "51342,某镇,镇,", "513426001200,青杠村,村,513426001")
        )
        assert report.good == 1
        assert [(problem.sheet, problem.row, problem.problem) for problem in report.problems] == [
            (None, 3, "region_name_missing"),
            (None, 4, "region_code_unreadable"),
            (None, 5, "region_parent_missing"),
        ]

    def test_a_workbook_with_a_title_other_words_another_order_and_numbers_as_codes(self, app: Flask) -> None:
        workbook = openpyxl.Workbook()
        workbook.create_sheet("说明", 0).append(["本表由民政局提供"])
        sheet = workbook.create_sheet("2020年")
        for row in (
            ["会东县行政区划代码表"],
            ["序号", "行政区划名称", "类型", "统计用区划代码"],
            [1, "会东县", "县", 513426],
            [2, "鱼城街道", "街道", 513426001000],
            ["序号", "行政区划名称", "类型", "统计用区划代码"],
            [3, "青杠村", "行政村", 513426001200],
            [4, "1社", "村民小组", 513426001200001],
            ["合计", None, None, 4],
            ["制表人：", None, None, None],
        ):
            sheet.append(row)
        sheet.merge_cells("A1:D1")
        stream = io.BytesIO()
        workbook.save(stream)
        report = bring(stream.getvalue())
        assert (report.good, report.problems) == (4, [])
        assert [(column["letter"], column["header"], column["column"]) for column in report.columns] == [
            ("D", "统计用区划代码", "区划代码"),
            ("B", "行政区划名称", "名称"),
            ("C", "类型", "级别"),
        ]

    def test_a_file_in_gb18030(self, app: Flask) -> None:
        assert bring("代码\t名称\n513426\t会东县\n513426001\t鱼城街道\n".encode("gb18030")).good == 2

    @pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "姓名,金额\n王秀英,90\n".encode(), b"%PDF-1.7"])
    def test_another_file_is_refused_in_a_sentence(self, app: Flask, content: bytes) -> None:
        with pytest.raises(Exception, match="。") as caught:
            bring(content)
        assert isinstance(caught.value, uploads.UserError)
        assert names() == {}


def test_only_finance_may_import(app: Flask) -> None:
    for kind, role in ((OrganisationKind.TOWNSHIP, Role.PREPARER), (OrganisationKind.FINANCE, Role.VIEWER)):
        with pytest.raises(PermissionDenied):
            operations.import_regions(factories.principal(kind, role), [], at=AT)


class TestTheCommand:
    def run(self, app: Flask, *arguments: str) -> tuple[int, str]:
        answer = app.test_cli_runner().invoke(args=["registry", "import-regions", *arguments])
        return answer.exit_code, answer.output

    def test_prints_one_json_object(self, app: Flask) -> None:
        code, output = self.run(app, str(SAMPLE), "--json")
        assert (code, json.loads(output)) == (0, {"good": 305, "total_fen": 0, "problems": []})
        assert len(names()) == 305

    def test_a_dry_run_says_the_same_and_saves_nothing(self, app: Flask, tmp_path: Path) -> None:
        path = tmp_path / "regions.csv"
        path.write_bytes(as_csv("513426,会东县,县,", "9,某镇,镇,"))
        code, output = self.run(app, str(path), "--dry-run", "--json")
        assert code == 0
        assert json.loads(output) == {
            "good": 1,
            "total_fen": 0,
            "problems": [{"sheet": None, "row": 3, "problem": "region_code_unreadable"}],
        }
        assert names() == {}

    def test_speaks_plainly_to_people(self, app: Flask, tmp_path: Path) -> None:
        path = tmp_path / "regions.csv"
        path.write_bytes(as_csv("513426,会东县,县,", "9,某镇,镇,"))
        _, output = self.run(app, str(path))
        assert "已导入 1 行。" in output
        assert "第 3 行：区划代码不对" in output

    def test_an_unreadable_file_ends_with_its_sentence(self, app: Flask, tmp_path: Path) -> None:
        path = tmp_path / "regions.csv"
        path.write_bytes(b"%PDF-1.7 ...")
        code, output = self.run(app, str(path), "--json")
        assert code == 1
        assert "PDF" in output
