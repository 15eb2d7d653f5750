"""Files that list regions: read, checked and saved as one kind of upload."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from flask_babel import gettext

from core.jobs import Progress
from core.msgid import N_
from core.principal import Principal
from core.tables.records import Form, Record, read_records
from core.uploads import FileProblem, Incoming, Report, UploadKind, register_kind
from registry import operations, queries, rules
from registry.rules import ReadRegion, RegionLine, RegionProblem

REGION_FORM = Form(
    "regions",
    {
        "code": (N_("区划代码"), "code", "代码", "编码", "区划编码", "行政区划代码", "统计用区划代码", "行政区划编码"),
        "name": (N_("名称"), "name", "区划名称", "行政区划名称", "地名", "行政区划", "区划"),
        "level": (N_("级别"), "level", "层级", "区划级别", "行政级别", "类型", "级次"),
        "parent_code": (
            N_("上级代码"),
            "parent_code",
            "上级区划代码",
            "上级编码",
            "父级代码",
            "上级行政区划代码",
            "所属代码",
        ),
    },
    frozenset({"code", "name"}),
)
RESULT = "/staff/registry/regions"
SHOWN = 10
"""Renamings and lines that a report shows, so that the official recognises his file."""


def check_file(_principal: Principal, incoming: Incoming, _at: datetime, _progress: Progress) -> Report:
    """What the file holds and what saving it would change. Raises UserError for a file without such a table."""
    tables = read_records(incoming.content, REGION_FORM)
    records = [record for table in tables for record in table.records]
    on_record = queries.region_names()
    good, problems = rules.check_regions(map(_line, records), on_record)
    return Report(
        good=len(good),
        total_fen=0,
        problems=[_located(records[position], problem) for position, problem in problems],
        columns=[column for table in tables for column in table.columns_json()],
        notes=list(_notes(good, on_record)),
        preview=[_preview(region) for region in good[:SHOWN]],
    )


def save_file(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    """Save the good lines; returns the address of the list of regions."""
    records = [record for table in read_records(incoming.content, REGION_FORM) for record in table.records]
    good, _ = rules.check_regions(map(_line, records), queries.region_names())
    operations.import_regions(principal, good, at=at)
    return RESULT


def _line(record: Record) -> RegionLine:
    return RegionLine(*(record.text(name) for name in ("code", "name", "level", "parent_code")))


def _located(record: Record, problem: RegionProblem) -> FileProblem:
    return FileProblem(record.sheet, record.row, problem.value)


def _preview(region: ReadRegion) -> dict[str, Any]:
    return {N_("区划代码"): region.code, N_("名称"): region.name, N_("上级代码"): region.parent_code or ""}


def _notes(good: list[ReadRegion], on_record: Mapping[str, str]) -> Iterator[str]:
    changes = rules.compare_regions(good, on_record)
    yield gettext("新增 %(count)s 个区划。", count=len(changes.added))
    if changes.renamed:
        yield gettext("改名 %(count)s 个区划，代码不变。", count=len(changes.renamed))
    for region, before in islice(changes.renamed, SHOWN):
        yield gettext("%(code)s：%(before)s 改为 %(after)s。", code=region.code, before=before, after=region.name)
    if changes.absent:
        yield gettext(
            "系统里有 %(count)s 个区划不在这个文件里（如 %(names)s）。它们会保留，不会删除。",
            count=len(changes.absent),
            names="、".join(on_record[code] for code in changes.absent[:3]),
        )


REGIONS_UPLOAD = register_kind(
    UploadKind("registry.regions", N_("区划表"), rules.IMPORT_REGIONS, check_file, save_file, rules.REGION_SENTENCES)
)
