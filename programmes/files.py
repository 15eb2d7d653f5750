"""Policy lists and fund plans as files: read, checked and saved as two kinds of upload."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Any

from flask_babel import gettext

from core.clock import local_date
from core.jobs import Progress
from core.money import format_yuan
from core.msgid import N_
from core.principal import Principal
from core.tables.records import Form, Record, RecordTable, read_records
from core.uploads import FileProblem, Incoming, Report, UploadKind, register_kind
from programmes import operations, queries, rules
from programmes.catalogue_lines import ProgrammeLine, ReadProgramme, ReadRule, RuleLine, check_programmes, check_rules
from programmes.fund_plan_lines import FundPlanLine, ReadFundLine, check_fund_plan, total_of
from programmes.rules import Channel, LineProblem
from programmes.wordings import year_in_title

PROGRAMME_FORM = Form(
    "programmes",
    {
        "code": (N_("项目编码"), "编码", "项目代码", "补贴项目编码", "补贴编码", "代码", "code"),
        "name": (N_("项目名称"), "补贴项目", "补贴项目名称", "补贴名称", "政策名称", "名称", "name"),
        "department": (N_("主管部门"), "业务主管部门", "责任部门", "责任单位", "牵头部门", "部门", "department"),
        "target": (N_("补贴对象"), "补助对象", "发放对象", "享受对象", "对象", "target"),
        "standard": (N_("补贴标准"), "补助标准", "发放标准", "执行标准", "标准", "standard"),
        "unit": (N_("计算单位"), "计量单位", "计发单位", "unit"),
        "frequency": (N_("发放周期"), "发放频次", "发放时间", "周期", "frequency"),
        "channel": (N_("发放方式"), "发放渠道", "发放途径", "是否纳入一卡通", "是否一卡通发放", "channel"),
        "publicity_days": (N_("公示天数"), "公示期", "公示期限", "公示时间", "publicity_days"),
        "policy_basis": (N_("政策依据"), "文件依据", "政策文件", "依据", "policy_basis"),
        "level_of_funds": (N_("资金级次"), "资金来源级次", "资金来源", "级次", "level_of_funds"),
        "valid_from": (N_("起始日期"), "开始日期", "执行日期", "生效日期", "起始时间", "valid_from"),
        "valid_until": (N_("截止日期"), "结束日期", "失效日期", "有效期至", "截止时间", "valid_until"),
    },
    frozenset({"code", "name"}),
)
RULE_FORM = Form(
    "incompatibility",
    {
        "first": (N_("补贴甲"), "补贴项目甲", "项目甲", "补贴一", "项目一", "补贴1", "项目1", "first"),
        "second": (N_("补贴乙"), "补贴项目乙", "项目乙", "补贴二", "项目二", "补贴2", "项目2", "second"),
        "handling": (
            N_("处理"),
            "处理方式",
            "处理意见",
            "能否同时享受",
            "可否同时享受",
            "是否可以同时享受",
            "handling",
        ),
        "basis": (N_("依据"), "政策依据", "文件依据", "basis"),
        "scope": (N_("适用范围"), "范围", "按人或按户", "scope"),
        "valid_from": (N_("起始日期"), "开始日期", "执行日期", "生效日期", "valid_from"),
        "valid_until": (N_("截止日期"), "结束日期", "失效日期", "有效期至", "valid_until"),
    },
    frozenset({"first", "second", "handling"}),
)
FUND_PLAN_FORM = Form(
    "fund_plan",
    {
        "year": (N_("年度"), "年份", "预算年度", "资金年度", "计划年度", "year"),
        "code": (N_("项目编码"), "编码", "项目代码", "补贴项目编码", "补贴编码", "代码", "code"),
        "name": (N_("项目名称"), "补贴项目", "补贴项目名称", "补贴名称", "名称", "name"),
        "department": (N_("主管部门"), "业务主管部门", "责任部门", "责任单位", "部门", "department"),
        "document": (N_("指标文号"), "文号", "文件号", "指标文件", "资金文号", "文件文号", "下达文号", "document"),
        "level": (N_("资金来源级次"), "资金级次", "级次", "来源级次", "资金来源", "level"),
        "source": (N_("资金性质"), "性质", "资金类别", "资金类型", "结转或当年", "source"),
        "amount": (N_("金额"), "资金额", "计划金额", "下达金额", "预算金额", "资金金额", "安排金额", "amount"),
    },
    frozenset({"source", "amount"}),
)
CATALOGUE = "/staff/programmes/catalogue"
FUND_LINES = "/staff/programmes/fund-lines"
SHOWN = 10
"""Lines and changes that a report shows, so that the official recognises his file."""


# --- Policy lists --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReadCatalogue:
    """A policy list that has been read."""

    tables: list[RecordTable]
    programmes: list[ReadProgramme]
    rules: list[ReadRule]
    problems: list[FileProblem]


def read_catalogue(content: bytes) -> ReadCatalogue:
    """Programmes and rules of a file. Raises UserError for a file without a table of programmes."""
    tables = read_records(content, PROGRAMME_FORM, RULE_FORM)
    names = queries.names_by_code()
    records = _records(tables, PROGRAMME_FORM)
    programmes, problems = check_programmes((_line(ProgrammeLine, record) for record in records), names)
    rule_records = _records(tables, RULE_FORM)
    known = {**names, **{programme.code: programme.name for programme in programmes}}
    found, rule_problems = check_rules((_line(RuleLine, record) for record in rule_records), known)
    located = [*_located(records, problems), *_located(rule_records, rule_problems)]
    return ReadCatalogue(tables, programmes, found, located)


def check_catalogue(_principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> Report:
    """What a policy list holds and what saving it would change."""
    read = read_catalogue(incoming.content)
    return Report(
        good=len(read.programmes) + len(read.rules),
        total_fen=0,
        problems=read.problems,
        columns=[column for table in read.tables for column in table.columns_json()],
        notes=list(_catalogue_notes(read, at)),
        preview=[_programme_preview(programme) for programme in read.programmes[:SHOWN]],
    )


def save_catalogue(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    """Save the good lines of a policy list; returns the address of the catalogue."""
    read = read_catalogue(incoming.content)
    operations.import_catalogue(principal, read.programmes, read.rules, at=at)
    return CATALOGUE


def _programme_preview(programme: ReadProgramme) -> dict[str, Any]:
    return {
        N_("项目编码"): programme.code,
        N_("项目名称"): programme.name,
        N_("主管部门"): programme.department_name,
        N_("政策文字里的补贴标准"): programme.standard,
        N_("公示天数"): programme.publicity_days,
    }


def _catalogue_notes(read: ReadCatalogue, at: datetime) -> Iterator[str]:
    changes = operations.compare_catalogue(read.programmes, read.rules, local_date(at))
    yield gettext(
        "补贴项目：新增 %(added)s 个，修改 %(changed)s 个。"
        "不相容规则：新增 %(new_rules)s 条，修改 %(changed_rules)s 条。",
        added=len(changes.added),
        changed=len(changes.changed),
        new_rules=len(changes.new_rules),
        changed_rules=len(changes.changed_rules),
    )
    for change in islice(changes.changed, SHOWN):
        yield gettext(
            "%(name)s：将修改%(columns)s。",
            name=change.programme.name,
            columns=gettext("、").join(
                gettext(PROGRAMME_FORM.wordings[_COLUMN_OF.get(c, c)][0]) for c in change.columns
            ),
        )
    yield from _notes_on_dated(changes, read)
    yield from _notes_on_new(changes.added)
    unlinked = queries.unknown_departments(programme.department_name for programme in read.programmes)
    if unlinked:
        yield gettext(
            "系统里还没有这些主管部门：%(names)s。项目照常保存；新增单位后再导入一次，就会关联上。",
            names=gettext("、").join(unlinked),
        )


def _notes_on_dated(changes: operations.CatalogueChanges, read: ReadCatalogue) -> Iterator[str]:
    """What is valid from a day on, and what stays because payments were approved by it."""
    if changes.without_standard:
        yield gettext(
            "补贴标准的文字没有变，但还没有能核对的标准，将按文字登记：%(names)s。",
            names=gettext("、").join(programme.name for programme in changes.without_standard),
        )
    if changes.kept_frequency:
        yield gettext(
            "已有审核通过的发放，发放周期不改：%(names)s。",
            names=gettext("、").join(programme.name for programme in changes.kept_frequency),
        )
    if changes.changed_rules:
        yield gettext(
            "修改的不相容规则从今天起（文件写了更晚的起始日期的，从那一天起）适用，以前的月份仍按原来的核对。"
        )
    if changes.kept_rules:
        names = {**queries.names_by_code(), **{programme.code: programme.name for programme in read.programmes}}
        pairs = [f"{names[rule.first_code]}+{names[rule.second_code]}" for rule in changes.kept_rules]
        yield gettext(
            "已登记同日或更晚生效的规则，没有改：%(pairs)s。登记错了的，请先在规则页面撤销那一版。",
            pairs=gettext("、").join(pairs),
        )


def _notes_on_new(added: Sequence[ReadProgramme]) -> Iterator[str]:
    undecided = [programme.name for programme in added if programme.channel == Channel.UNDECIDED]
    if undecided:
        yield gettext("没有写发放方式，列为“待定”：%(names)s。", names=gettext("、").join(undecided))
    sensitive = [programme.name for programme in added if rules.is_sensitive(programme.name, programme.target)]
    if sensitive:
        yield gettext(
            "涉及敏感个人信息，公示时只显示姓氏：%(names)s。可以在项目页面修改。", names=gettext("、").join(sensitive)
        )


# The model's names of columns that a file calls otherwise.
_COLUMN_OF = {"department_name": "department"}


# --- Fund plans ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReadPlan:
    """A fund plan that has been read."""

    tables: list[RecordTable]
    lines: list[ReadFundLine]
    problems: list[FileProblem]


def read_plan(content: bytes, at: datetime) -> ReadPlan:
    """The fund lines of a file. Raises UserError for a file without such a table. A plan may be made a year ahead."""
    tables = read_records(content, FUND_PLAN_FORM)
    pairs = [(record, _fund_plan_line(table, record)) for table in tables for record in table.records]
    lines, problems = check_fund_plan(
        (line for _, line in pairs),
        queries.known_programmes(),
        queries.recorded_amounts(),
        last_year=local_date(at).year + 1,
    )
    return ReadPlan(tables, lines, list(_located([record for record, _ in pairs], problems)))


def check_plan(_principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> Report:
    """What a fund plan holds and what saving it would add."""
    read = read_plan(incoming.content, at)
    names = {programme.id: programme.name for programme in queries.known_programmes()}
    known = queries.recorded_amounts()
    new = [line for line in read.lines if line.key not in known]
    notes = [gettext("新增 %(count)s 笔，%(yuan)s 元。", count=len(new), yuan=format_yuan(total_of(new)))]
    if len(new) < len(read.lines):
        notes.append(gettext("另有 %(count)s 笔已经登记过，不会重复。", count=len(read.lines) - len(new)))
    return Report(
        good=len(read.lines),
        total_fen=total_of(read.lines),
        problems=read.problems,
        columns=[column for table in read.tables for column in table.columns_json()],
        notes=notes,
        preview=[_fund_preview(line, names) for line in read.lines[:SHOWN]],
    )


def save_plan(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    """Save the good lines of a fund plan; returns the address of the list of fund lines."""
    operations.record_fund_lines(principal, read_plan(incoming.content, at).lines, at=at)
    return FUND_LINES


def _fund_preview(line: ReadFundLine, names: dict[int, str]) -> dict[str, Any]:
    return {
        N_("年度"): line.year,
        N_("项目名称"): names[line.programme_id],
        N_("指标文号"): line.document_number,
        N_("资金来源级次"): line.level,
        N_("金额（元）"): format_yuan(line.amount_fen),
    }


def _fund_plan_line(table: RecordTable, record: Record) -> FundPlanLine:
    return FundPlanLine(
        year=record.text("year") or ("" if "year" in table.places else year_in_title(table.title)),
        code=record.text("code"),
        name=record.text("name"),
        department=record.text("department"),
        document=record.text("document"),
        level=record.text("level"),
        source=record.text("source"),
        amount=record.text("amount"),
        amount_is_number=record.is_number("amount"),
        unit=table.units.get("amount", ""),
    )


# --- Both ----------------------------------------------------------------------------------------


def _records(tables: Sequence[RecordTable], form: Form) -> list[Record]:
    return [record for table in tables if table.form is form for record in table.records]


def _line(kind: Any, record: Record) -> Any:
    return kind(**{column.name: record.text(column.name) for column in fields(kind)})


def _located(records: Sequence[Record], problems: Sequence[tuple[int, LineProblem]]) -> Iterator[FileProblem]:
    for position, problem in problems:
        yield FileProblem(records[position].sheet, records[position].row, problem.value)


CATALOGUE_UPLOAD = register_kind(
    UploadKind(
        "programmes.catalogue", N_("政策清单"), rules.IMPORT_CATALOGUE, check_catalogue, save_catalogue, rules.SENTENCES
    )
)
FUND_PLAN_UPLOAD = register_kind(
    UploadKind(
        "programmes.fund_plan", N_("项目资金计划"), rules.IMPORT_FUND_PLAN, check_plan, save_plan, rules.SENTENCES
    )
)
