"""The audit log in words: each room says what its actions and its things are called, once, in its audit_words.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from core.money import Fen, format_yuan
from core.words import ORGANISATION_WORDS, ROLE_WORDS


class Sort(Enum):
    """What the value of a detail is, where it is not what it looks like."""

    PLAIN = auto()
    MONEY = auto()
    OFFICE = auto()
    OFFICIAL = auto()
    ROLES = auto()
    KIND = auto()


@dataclass(frozen=True)
class Detail:
    """What a detail is called, and what its value is."""

    title: LazyString
    sort: Sort = Sort.PLAIN


@dataclass(frozen=True)
class Names:
    """The names behind the ids of offices and officials."""

    offices: Mapping[int, str] = field(default_factory=dict)
    officials: Mapping[int, str] = field(default_factory=dict)


_actions: dict[str, tuple[str, LazyString]] = {}
_subjects: dict[str, LazyString] = {}
_counted: dict[str, LazyString] = {}
NEVER_SHOWN = frozenset({"nonce"})


def words(room: str, *, actions: Mapping[str, LazyString], subjects: Mapping[str, LazyString]) -> None:
    """Register what a room's actions and things are called. An action is said as what its actor did."""
    _actions.update({action: (room, said) for action, said in actions.items()})
    _subjects.update(subjects)


def counted(things: Mapping[str, LazyString]) -> None:
    """Register what a room counts in the detail ``counts``."""
    _counted.update(things)


def actions() -> Mapping[str, tuple[str, LazyString]]:
    """Every action with its room and its words."""
    return dict(_actions)


def subjects() -> Mapping[str, LazyString]:
    """Every kind of thing with its words."""
    return dict(_subjects)


def action_words(action: str) -> str:
    """What was done, in words; the bare name of an action of a former version that nobody knows any more."""
    return str(_actions[action][1]) if action in _actions else action


def subject_words(kind: str) -> str:
    """What a kind of thing is called."""
    return str(_subjects.get(kind, kind))


def detail_words(details: Mapping[str, Any], names: Names) -> str:
    """The details of an entry as one line of text."""
    told = []
    for key, value in details.items():
        if key in NEVER_SHOWN or value in (None, "", [], {}):
            continue
        sort = DETAILS[key].sort if key in DETAILS else Sort.PLAIN
        told.append(f"{_title(key)}{gettext('：')}{_said(value, sort, names)}")
    return str(gettext("；")).join(told)


def _said(value: Any, sort: Sort, names: Names) -> str:
    if isinstance(value, bool):
        return str(gettext("是") if value else gettext("否"))
    if isinstance(value, list):
        return str(gettext("、")).join(_said(one, sort, names) for one in value)
    if isinstance(value, dict):
        inner = (f"{_title(key)} {_said(one, sort, names)}" for key, one in value.items())
        return str(gettext("、")).join(inner)
    if sort == Sort.MONEY and isinstance(value, int):
        return format_yuan(Fen(value))
    known: Mapping[Any, object] = _KNOWN.get(sort) or {Sort.OFFICE: names.offices, Sort.OFFICIAL: names.officials}.get(
        sort, {}
    )
    return str(known.get(value, value))


def _title(key: str) -> str:
    return str(DETAILS[key].title if key in DETAILS else _counted.get(key, key))


_KNOWN: Mapping[Sort, Mapping[Any, object]] = {Sort.ROLES: ROLE_WORDS, Sort.KIND: ORGANISATION_WORDS}
# The same words for every room: a detail of one name means one thing.
DETAILS: Mapping[str, Detail] = {
    "absent": Detail(lazy_gettext("新表中没有的")),
    "added": Detail(lazy_gettext("新增")),
    "after": Detail(lazy_gettext("改后")),
    "agrees": Detail(lazy_gettext("同意")),
    "amount_fen": Detail(lazy_gettext("金额"), Sort.MONEY),
    "announced": Detail(lazy_gettext("预告删除")),
    "asked": Detail(lazy_gettext("询问方式")),
    "assigned": Detail(lazy_gettext("分派件数")),
    "attempts": Detail(lazy_gettext("代发笔数")),
    "base": Detail(lazy_gettext("原版本")),
    "batch": Detail(lazy_gettext("批次")),
    "before": Detail(lazy_gettext("改前")),
    "booked_on": Detail(lazy_gettext("记账日")),
    "called_off": Detail(lazy_gettext("取消删除")),
    "card_gaps": Detail(lazy_gettext("未办卡人数")),
    "cards": Detail(lazy_gettext("卡数")),
    "carried_to": Detail(lazy_gettext("结转到")),
    "category": Detail(lazy_gettext("类别")),
    "changed": Detail(lazy_gettext("修改")),
    "changed_rules": Detail(lazy_gettext("修改的规则")),
    "channel": Detail(lazy_gettext("途径")),
    "closed": Detail(lazy_gettext("办结件数")),
    "closing_fen": Detail(lazy_gettext("期末余额"), Sort.MONEY),
    "code": Detail(lazy_gettext("编码")),
    "codes": Detail(lazy_gettext("二维码个数")),
    "correction": Detail(lazy_gettext("改正编号")),
    "count": Detail(lazy_gettext("条数")),
    "counts": Detail(lazy_gettext("数量")),
    "days": Detail(lazy_gettext("天数")),
    "deciding_id": Detail(lazy_gettext("裁定单位"), Sort.OFFICE),
    "decision": Detail(lazy_gettext("决定")),
    "differences": Detail(lazy_gettext("差异条数")),
    "enabled": Detail(lazy_gettext("已开通")),
    "endpoint": Detail(lazy_gettext("页面")),
    "erased": Detail(lazy_gettext("删除件数")),
    "errors": Detail(lazy_gettext("错误数")),
    "evidence": Detail(lazy_gettext("附有证明")),
    "failures": Detail(lazy_gettext("失败笔数")),
    "file_sha256": Detail(lazy_gettext("文件摘要（SHA-256）")),
    "files": Detail(lazy_gettext("附件数")),
    "findings": Detail(lazy_gettext("提示条数")),
    "format": Detail(lazy_gettext("格式")),
    "found": Detail(lazy_gettext("找到")),
    "from_organisation_id": Detail(lazy_gettext("原单位"), Sort.OFFICE),
    "fund_lines": Detail(lazy_gettext("资金计划条数")),
    "gaps": Detail(lazy_gettext("未办卡条数")),
    "gateway": Detail(lazy_gettext("运营商")),
    "good": Detail(lazy_gettext("合格行数")),
    "granted": Detail(lazy_gettext("准许")),
    "had_card": Detail(lazy_gettext("已有卡")),
    "handler_id": Detail(lazy_gettext("经办人"), Sort.OFFICIAL),
    "has_phone": Detail(lazy_gettext("有手机号码")),
    "held_back": Detail(lazy_gettext("暂不发送")),
    "in_household": Detail(lazy_gettext("已入户")),
    "issued": Detail(lazy_gettext("已制卡")),
    "kept": Detail(lazy_gettext("保留的编号")),
    "kind": Detail(lazy_gettext("种类")),
    "kinds": Detail(lazy_gettext("种类")),
    "limit_reached": Detail(lazy_gettext("当天次数")),
    "lines": Detail(lazy_gettext("行数")),
    "linked": Detail(lazy_gettext("并案件数")),
    "lists": Detail(lazy_gettext("公示表张数")),
    "lookup": Detail(lazy_gettext("查询编号")),
    "made_at": Detail(lazy_gettext("备份时间")),
    "merged": Detail(lazy_gettext("并入的编号")),
    "messages": Detail(lazy_gettext("短信条数")),
    "method": Detail(lazy_gettext("方式")),
    "missing": Detail(lazy_gettext("未提意见的单位"), Sort.KIND),
    "month": Detail(lazy_gettext("月份")),
    "monthly": Detail(lazy_gettext("按月")),
    "moved": Detail(lazy_gettext("变动")),
    "name": Detail(lazy_gettext("名称")),
    "narrowed_by": Detail(lazy_gettext("筛选条件")),
    "new_rules": Detail(lazy_gettext("新规则")),
    "not_sent_yet": Detail(lazy_gettext("尚未发送的笔数")),
    "number": Detail(lazy_gettext("版本号")),
    "number_confirmed": Detail(lazy_gettext("号码已核对")),
    "offer_file": Detail(lazy_gettext("代发文件编号")),
    "office": Detail(lazy_gettext("单位类别"), Sort.KIND),
    "official_id": Detail(lazy_gettext("经办人"), Sort.OFFICIAL),
    "on": Detail(lazy_gettext("日期")),
    "opening_fen": Detail(lazy_gettext("期初余额"), Sort.MONEY),
    "organisation_id": Detail(lazy_gettext("单位"), Sort.OFFICE),
    "otherwise": Detail(lazy_gettext("其余事项")),
    "outcome": Detail(lazy_gettext("结果")),
    "pair": Detail(lazy_gettext("两个项目")),
    "passed_up": Detail(lazy_gettext("上转件数")),
    "payee": Detail(lazy_gettext("代领人编号")),
    "payments": Detail(lazy_gettext("明细笔数")),
    "people": Detail(lazy_gettext("人数")),
    "people_added": Detail(lazy_gettext("新增人数")),
    "per": Detail(lazy_gettext("计量")),
    "phone_code": Detail(lazy_gettext("验证码编号")),
    "phone_confirmed": Detail(lazy_gettext("手机已确认")),
    "photo": Detail(lazy_gettext("附有照片")),
    "posted_on": Detail(lazy_gettext("张贴日期")),
    "problems": Detail(lazy_gettext("问题数")),
    "programme": Detail(lazy_gettext("项目")),
    "programmes": Detail(lazy_gettext("项目")),
    "proof": Detail(lazy_gettext("申请人身份")),
    "proposal": Detail(lazy_gettext("提议")),
    "proposed_id": Detail(lazy_gettext("建议单位"), Sort.OFFICE),
    "reason": Detail(lazy_gettext("理由")),
    "recorded": Detail(lazy_gettext("记录笔数")),
    "recused_id": Detail(lazy_gettext("回避人"), Sort.OFFICIAL),
    "redirected": Detail(lazy_gettext("改发笔数")),
    "refusal": Detail(lazy_gettext("拒签编号")),
    "refused": Detail(lazy_gettext("未成")),
    "region": Detail(lazy_gettext("区划")),
    "relation": Detail(lazy_gettext("关系")),
    "removed": Detail(lazy_gettext("已删除")),
    "renamed": Detail(lazy_gettext("更名")),
    "repeated": Detail(lazy_gettext("重复笔数")),
    "report": Detail(lazy_gettext("登记编号")),
    "required": Detail(lazy_gettext("需要")),
    "resolution": Detail(lazy_gettext("处理办法")),
    "reversal": Detail(lazy_gettext("冲销编号")),
    "roles": Detail(lazy_gettext("角色"), Sort.ROLES),
    "roles_before": Detail(lazy_gettext("原角色"), Sort.ROLES),
    "roll": Detail(lazy_gettext("花名册编号")),
    "rolls": Detail(lazy_gettext("花名册编号")),
    "rows": Detail(lazy_gettext("行数")),
    "rule": Detail(lazy_gettext("规则编号")),
    "rules": Detail(lazy_gettext("规则指纹")),
    "scope": Detail(lazy_gettext("范围")),
    "sealed": Detail(lazy_gettext("封存件数")),
    "passkey": Detail(lazy_gettext("用通行密钥")),
    "second_factor": Detail(lazy_gettext("动态验证码有误")),
    "set_aside": Detail(lazy_gettext("搁置行数")),
    "severity": Detail(lazy_gettext("轻重")),
    "shown": Detail(lazy_gettext("显示的内容")),
    "signatures_fallen": Detail(lazy_gettext("失效的签章")),
    "size": Detail(lazy_gettext("字节数")),
    "source": Detail(lazy_gettext("来源")),
    "spellings": Detail(lazy_gettext("写法个数")),
    "start": Detail(lazy_gettext("起点")),
    "status": Detail(lazy_gettext("状态")),
    "template": Detail(lazy_gettext("模板")),
    "terms": Detail(lazy_gettext("内容")),
    "times": Detail(lazy_gettext("当天第几次")),
    "to_organisation_id": Detail(lazy_gettext("新单位"), Sort.OFFICE),
    "total_fen": Detail(lazy_gettext("金额"), Sort.MONEY),
    "until": Detail(lazy_gettext("截止")),
    "valid_from": Detail(lazy_gettext("起始日")),
    "valid_until": Detail(lazy_gettext("终止日")),
    "value": Detail(lazy_gettext("设定值")),
    "version": Detail(lazy_gettext("版本号")),
    "voucher_on": Detail(lazy_gettext("凭证日期")),
    "waits": Detail(lazy_gettext("等待公示期满")),
    "warnings": Detail(lazy_gettext("提示数")),
    "what": Detail(lazy_gettext("查看的内容")),
    "why": Detail(lazy_gettext("原因")),
    "without_standard": Detail(lazy_gettext("没有标准的项目")),
    "word": Detail(lazy_gettext("回复内容")),
    "working": Detail(lazy_gettext("上班")),
    "year": Detail(lazy_gettext("年度")),
    "years": Detail(lazy_gettext("年数")),
}
