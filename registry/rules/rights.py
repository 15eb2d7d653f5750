"""Who may do what with the registry, and the reasons that are asked for."""

import re
from enum import StrEnum

from core.errors import UserError
from core.msgid import N_
from core.plain_text import plain, plain_without_spaces
from core.principal import OrganisationKind, Role, permission

_WORKERS = (Role.PREPARER, Role.APPROVER)
_READERS = (*_WORKERS, Role.COMPLAINT_HANDLER, Role.VIEWER)

IMPORT_REGIONS = permission("registry.import_regions", {OrganisationKind.FINANCE: (Role.PREPARER,)}, N_("导入区划表"))
SEE_BENEFICIARIES = permission(
    "registry.see_beneficiaries",
    {
        OrganisationKind.FINANCE: _READERS,
        OrganisationKind.DEPARTMENT: _READERS,
        OrganisationKind.TOWNSHIP: _READERS,
        OrganisationKind.VILLAGE: _READERS,
        OrganisationKind.DISCIPLINE: _READERS,
        OrganisationKind.AUDIT: _READERS,
        OrganisationKind.HUMAN_RESOURCES: _READERS,
    },
    N_("查看受益人和未办卡台账（遮住证件号码、卡号和电话）"),
)
# Whoever only reads does not need the numbers themselves (PIPL §6: no more than the task needs).
REVEAL_PERSONAL_DATA = permission(
    "registry.reveal_personal_data",
    {
        OrganisationKind.FINANCE: (*_WORKERS, Role.COMPLAINT_HANDLER),
        OrganisationKind.DEPARTMENT: (*_WORKERS, Role.COMPLAINT_HANDLER),
        OrganisationKind.TOWNSHIP: (*_WORKERS, Role.COMPLAINT_HANDLER),
        OrganisationKind.VILLAGE: _WORKERS,
        OrganisationKind.DISCIPLINE: (*_WORKERS, Role.COMPLAINT_HANDLER),
        OrganisationKind.HUMAN_RESOURCES: _WORKERS,
    },
    N_("说明理由后查看完整的证件号码、卡号或电话"),
)
# A person's own right (个人信息保护法 §45); whoever works at a counter hands it out.
EXPORT_PERSON = permission(
    "registry.export_person",
    {OrganisationKind.TOWNSHIP: _WORKERS, OrganisationKind.FINANCE: _WORKERS},
    N_("应本人要求，说明理由后导出一个人的全部信息交给本人"),
)
EXPORT_CARD_GAPS = permission(
    "registry.export_card_gaps",
    {
        OrganisationKind.FINANCE: _WORKERS,
        OrganisationKind.DEPARTMENT: _WORKERS,
        OrganisationKind.TOWNSHIP: _WORKERS,
        OrganisationKind.HUMAN_RESOURCES: _WORKERS,
    },
    N_("导出未办卡台账"),
)


MANAGE_PEOPLE = permission(
    "registry.manage_people",
    {OrganisationKind.TOWNSHIP: _WORKERS},
    N_("登记收款人、在世状态、户编号，改正卡号和手机号码"),
)
IMPORT_PEOPLE_LISTS = permission(
    "registry.import_people_lists",
    {
        OrganisationKind.FINANCE: _WORKERS,
        OrganisationKind.TOWNSHIP: _WORKERS,
        OrganisationKind.HUMAN_RESOURCES: _WORKERS,
    },
    N_("导入死亡、迁出名单和户籍表"),
)
PROPOSE_MERGE = permission(
    "registry.propose_merge",
    {OrganisationKind.TOWNSHIP: _WORKERS, OrganisationKind.FINANCE: _WORKERS},
    N_("提出合并重复登记"),
)
CONFIRM_MERGE = permission(
    "registry.confirm_merge",
    {OrganisationKind.TOWNSHIP: (Role.APPROVER,), OrganisationKind.FINANCE: (Role.APPROVER,)},
    N_("审核合并重复登记（由另一人办理）"),
)
WORK_ON_GAPS = permission(
    "registry.work_on_gaps",
    {
        OrganisationKind.FINANCE: _WORKERS,
        OrganisationKind.TOWNSHIP: _WORKERS,
        OrganisationKind.HUMAN_RESOURCES: _WORKERS,
    },
    N_("办理未办卡台账：登记原因、措施、责任单位和进度"),
)
REQUEST_CARDS = permission(
    "registry.request_cards",
    {
        OrganisationKind.FINANCE: _WORKERS,
        OrganisationKind.TOWNSHIP: _WORKERS,
        OrganisationKind.HUMAN_RESOURCES: _WORKERS,
    },
    N_("生成批量办卡文件"),
)
ANSWER_CARDS = permission(
    "registry.answer_cards",
    {
        OrganisationKind.BANK: (Role.PREPARER,),
        OrganisationKind.FINANCE: _WORKERS,
        OrganisationKind.HUMAN_RESOURCES: _WORKERS,
    },
    N_("领取批量办卡文件，导入办卡结果和到账短信开通情况"),
)


class PersonalField(StrEnum):
    """What of a person is shown masked until somebody gives a reason."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    CARD = "card"


class Proof(StrEnum):
    """How somebody who asks for all that is held of a person has shown that he may have it."""

    IN_PERSON = "in_person"
    AUTHORISED = "authorised"
    RELATIVE = "relative"


def check_proof(proof: Proof, status: str) -> None:
    """Raise UserError where this proof does not fit the person: of the dead a near relative may ask (个人信息保护法
    §49), of the living he himself or whom he has authorised in writing."""
    if status == "dead" and proof != Proof.RELATIVE:
        raise UserError("登记为已故的人，由近亲属凭关系证明申请。登记错了的，请先改回“在世”。")
    if status != "dead" and proof == Proof.RELATIVE:
        raise UserError("这个人没有登记为已故：请本人持身份证来，或者由他书面委托的人来。")


SHORTEST_REASON, LONGEST_REASON = 4, 200


def checked_reason(text: str) -> str:
    """The reason for which somebody wants to see personal data, as it is recorded. Raises UserError for one that is
    too short to mean anything, too long, or that holds what looks like personal data itself."""
    reason = " ".join(plain(text).split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise UserError(
            "请写明查看的理由（%(least)s 到 %(most)s 个字），例如“核对六月发放失败的卡号”。",
            least=SHORTEST_REASON,
            most=LONGEST_REASON,
        )
    if _LONG_NUMBER.search(plain_without_spaces(reason)):
        raise UserError("理由会留在审计记录里，请不要写证件号码、卡号或电话。")
    return reason


def checked_explanation(text: str) -> str:
    """Why somebody changes a record, as it is kept beside the change. Raises UserError as checked_reason does, with
    the words for a change."""
    reason = " ".join(plain(text).split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise UserError(
            "请写明办理的理由（%(least)s 到 %(most)s 个字），让以后查账的人看得明白。",
            least=SHORTEST_REASON,
            most=LONGEST_REASON,
        )
    if _LONG_NUMBER.search(plain_without_spaces(reason)):
        raise UserError("理由里请不要写证件号码、卡号或电话。")
    return reason


def told_reason(reason: str) -> str:
    """A reason as the person himself may read it; "" for one that speaks of a complaint, a tip-off or an inquiry: he
    must not learn from it that somebody has reported something."""
    return "" if _SPEAKS_OF_A_CASE.search(reason) else reason


_SPEAKS_OF_A_CASE = re.compile(r"投诉|举报|检举|控告|信访|上访|线索|反映|匿名|调查|核查|查处|纪委|监委|巡察|审计")
# Phones have 11 digits, cards and ID numbers more; a year with a month or a document number has fewer.
_LONG_NUMBER = re.compile(r"[0-9]{10,}")
