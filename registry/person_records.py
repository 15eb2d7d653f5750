"""What the registry holds of a person, for the file that is handed to him; and what of it, and of the rooms below, is
not in that file."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from core.audit.words import action_words
from core.database import db
from core.identity import mask_card, mask_name
from core.personal_records import Records, records
from core.principal import Principal
from registry import hooks, queries
from registry.hooks import PERSON_RECORDS, PersonAsked
from registry.models import (
    Beneficiary,
    Card,
    CardChange,
    CardGap,
    CardRequest,
    CardRequestLine,
    Double,
    GapNote,
    Payee,
    PhoneChange,
    StatusChange,
    WrongNumber,
)
from registry.rules import told_reason
from registry.words import (
    DOUBLE_STATES,
    GAP_ACTIONS,
    GAP_REASONS,
    GAP_STATES,
    LINE_OUTCOMES,
    MEASURES,
    PAYEE_RELATIONS,
    PERSON_STATES,
    PERSONAL_FIELDS,
    PROOFS,
    REPORT_CHANNELS,
    REPORT_STATES,
    SOURCES,
    grounds_words,
)
from sms.models import Refusal

_OFFICIALS = "about officials' own accounts, not about people of the registry"
PERSON_RECORDS.leave_out(
    {
        "assisted_lookups": "does not say who was looked up: nobody's are found in it",
        "handset_messages": "the simulated handset of the demo county",
        "inbound_messages": "known by the phone, which a household shares: nobody can tell whose words they are",
        "lookup_codes": "good for ten minutes and deleted within the hour",
        "phone_codes": "a hash, deleted within an hour after it is over",
        "phone_days": "how many messages a phone was sent in a day, deleted after three",
        "rate_counters": "hashes that name nobody, deleted when their window is over",
        "recovery_codes": _OFFICIALS,
        "second_factors": _OFFICIALS,
        "staff_sessions": _OFFICIALS,
        "stored_files": "whole files with many people; his lines stand in the other tables, evidence is shown him",
        "uploads": "whole files with many people; his lines of them stand in the other tables",
        "workflow_steps": "steps of whole rolls, orders and files; those that are about one person stand in his tables",
    }
)


def _name(words: object, code: str) -> str:
    """What a code is called; the code itself where nobody has said."""
    found = words.get(code, code) if isinstance(words, dict) else code
    return str(getattr(found, "text", found))


def is_own(card: Card, person: Beneficiary) -> bool:
    """Whether a card is the person's own: in his name, and of no holder known by another ID number."""
    same_holder = card.holder_index is None or card.holder_index == person.id_number_index
    return same_holder and card.holder_name.replace(" ", "") == person.name.replace(" ", "")


def _shown(card: Card | None, person: Beneficiary) -> str:
    """The number of his own card in full; another's by its last digits."""
    if card is None:
        return ""
    return card.number if is_own(card, person) else mask_card(card.tail)


@PERSON_RECORDS.provider(10, "beneficiaries", "sms_refusals")
def identity(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """What is on record of him now, in full."""
    person = asked.person
    refused = None
    if person.phone:
        refused = db.session.scalar(select(Refusal.refused_at).where(Refusal.phone_index == person.phone))
    confirmed = person.phone_confirmed_at
    facts = [
        (gettext("姓名"), person.name),
        (gettext("证件号码"), person.id_number),
        (gettext("住址"), person.region.path),
        (gettext("手机号码"), person.phone),
        (gettext("手机号码的来源"), _name(SOURCES, person.phone_source) if person.phone else ""),
        (gettext("手机号码核实时间"), confirmed),
        (gettext("不收通知短信，自"), refused),
        (gettext("状态"), _name(PERSON_STATES, person.status)),
        (gettext("状态的日期"), person.status_on),
        (gettext("状态的来源"), person.status_source),
        (gettext("户编号"), person.household_number),
        (gettext("与户主关系"), person.household_relation),
        (gettext("登记时间"), person.created_at),
    ]
    doubles = [(gettext("已合并的登记"), f"{double.name} {double.id_number}") for double in queries.merged_into(person)]
    note = gettext("同户的其他人各有各的登记，不在这里。")
    known = [one for one in (*facts, *doubles) if one[1]]
    return [records(gettext("身份登记"), (gettext("登记项"), gettext("登记内容")), known, note)]


@PERSON_RECORDS.provider(12, "status_changes", "doubles")
def history(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """How his status changed, and with which other records his was compared."""
    changes = db.session.scalars(
        select(StatusChange).where(StatusChange.beneficiary_id.in_(asked.records)).order_by(StatusChange.at)
    )
    compared = db.session.scalars(
        select(Double).where(or_(Double.first_id.in_(asked.records), Double.second_id.in_(asked.records)))
    )
    return [
        records(
            gettext("在世状态变更"),
            [
                *(gettext("登记时间"), gettext("原状态"), gettext("新状态"), gettext("日期")),
                *(gettext("来源"), gettext("经办的人"), gettext("理由")),
            ],
            [
                (
                    *(one.at, _name(PERSON_STATES, one.before), _name(PERSON_STATES, one.after), one.event_on),
                    *(one.source, one.actor_name, one.reason),
                )
                for one in changes
            ],
        ),
        records(
            gettext("与其他登记的比较"),
            (gettext("发现时间"), gettext("比较的依据"), gettext("结果"), gettext("合并时间")),
            [
                (one.found_at, "；".join(grounds_words(one.grounds)), _name(DOUBLE_STATES, one.state), one.merged_at)
                for one in compared
            ],
            gettext("比较的另一条登记可能是别人的，不在这里。"),
        ),
    ]


@PERSON_RECORDS.provider(14, "cards", "card_changes")
def cards(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """The card that his money goes to now, and those before it."""
    person = asked.person
    now = [person.card] if person.card else []
    changes = db.session.scalars(
        select(CardChange).where(CardChange.beneficiary_id.in_(asked.records)).order_by(CardChange.at, CardChange.id)
    )
    return [
        records(
            gettext("社保卡（账户）"),
            [
                *(gettext("卡号"), gettext("持卡人"), gettext("开户银行")),
                *(gettext("银行到账短信"), gettext("登记时间")),
            ],
            [(_shown(card, person), card.holder_name, card.bank_name, _sms(card), card.created_at) for card in now],
            gettext("代领人或同户人的卡是他们的个人信息，只写后四位。"),
        ),
        records(
            gettext("换卡记录"),
            [
                *(gettext("时间"), gettext("原卡"), gettext("新卡"), gettext("来源")),
                *(gettext("经办的人"), gettext("理由"), gettext("经办人确认卡号无误")),
            ],
            [
                (
                    *(one.at, _shown(one.before, person), _shown(one.after, person), _name(SOURCES, one.source)),
                    *(one.actor_name, one.reason, gettext("是") if one.number_confirmed else ""),
                )
                for one in changes
            ],
        ),
    ]


def _sms(card: Card) -> str:
    if card.arrival_sms is None:
        return ""
    return str(gettext("已开通") if card.arrival_sms else gettext("未开通"))


@PERSON_RECORDS.provider(16, "card_gaps", "card_gap_notes", "card_request_lines")
def card_gaps(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """That he had no card, what was done about it, and when a bank was asked to issue one."""
    programmes = hooks.programme_names()
    gaps = db.session.scalars(
        select(CardGap).where(CardGap.beneficiary_id.in_(asked.records)).order_by(CardGap.opened_on, CardGap.id)
    ).all()
    names = {gap.id: programmes.get(gap.programme_code, gap.programme_code) for gap in gaps}
    notes = db.session.scalars(select(GapNote).where(GapNote.gap_id.in_(names)).order_by(GapNote.at, GapNote.id))
    lines = db.session.scalars(
        select(CardRequestLine)
        .join(CardRequest)
        .where(CardRequestLine.beneficiary_id.in_(asked.records))
        .order_by(CardRequest.created_at, CardRequestLine.id)
    )
    return [
        records(
            gettext("未办卡台账"),
            [
                *(gettext("补贴项目"), gettext("进度"), gettext("没有卡的原因"), gettext("措施"), gettext("责任单位")),
                *(gettext("列入日期"), gettext("办理期限"), gettext("销账日期"), gettext("银行未办成的原因")),
            ],
            [
                (
                    *(names[gap.id], _name(GAP_STATES, gap.state), _name(GAP_REASONS, gap.reason)),
                    *(_name(MEASURES, gap.measure), gap.responsible.name if gap.responsible else ""),
                    *(gap.opened_on, gap.due_on, gap.closed_on, gap.refusal),
                )
                for gap in gaps
            ],
        ),
        records(
            gettext("未办卡的办理经过"),
            (gettext("时间"), gettext("补贴项目"), gettext("做了什么"), gettext("经办的人"), gettext("理由")),
            [
                (note.at, names[note.gap_id], _name(GAP_ACTIONS, note.action), note.actor_name, note.reason)
                for note in notes
            ],
        ),
        records(
            gettext("向银行申请办卡"),
            [
                *(gettext("申请时间"), gettext("银行"), gettext("业务编号"), gettext("结果")),
                *(gettext("发卡日期"), gettext("未办成的原因")),
            ],
            [
                (
                    *(line.request.created_at, line.request.bank.name, line.reference),
                    *(_name(LINE_OUTCOMES, line.outcome), line.issued_on, line.refusal),
                )
                for line in lines
            ],
        ),
    ]


@PERSON_RECORDS.provider(18, "phone_changes", "wrong_numbers")
def phones(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """How his phone changed, and who said that it is not his."""
    changes = db.session.scalars(
        select(PhoneChange).where(PhoneChange.beneficiary_id.in_(asked.records)).order_by(PhoneChange.at)
    )
    reports = db.session.scalars(
        select(WrongNumber).where(WrongNumber.beneficiary_id.in_(asked.records)).order_by(WrongNumber.reported_at)
    )
    return [
        records(
            gettext("手机号码变更"),
            [
                *(gettext("时间"), gettext("原号码尾号"), gettext("新号码尾号")),
                *(gettext("来源"), gettext("经办的人"), gettext("理由")),
            ],
            [
                (
                    *(one.at, one.before_tail, one.after_tail),
                    *(_name(SOURCES, one.source), one.actor_name, one.reason),
                )
                for one in changes
            ],
            gettext("以前的号码只留后四位。"),
        ),
        records(
            gettext("手机号码报错"),
            [
                *(gettext("时间"), gettext("号码尾号"), gettext("途径"), gettext("结果")),
                *(gettext("经办的人"), gettext("理由"), gettext("处理时间")),
            ],
            [
                (
                    *(one.reported_at, one.phone_tail, _name(REPORT_CHANNELS, one.channel)),
                    *(_name(REPORT_STATES, one.state), one.actor_name, one.reason, one.settled_at),
                )
                for one in reports
            ],
        ),
    ]


@PERSON_RECORDS.provider(20, "payees")
def payees(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """Who received for him, and for whom he receives; of the others no more than their names, masked where they are
    those whose money it is."""
    theirs = db.session.scalars(select(Payee).where(Payee.beneficiary_id.in_(asked.records)).order_by(Payee.id))
    whose = aliased(Beneficiary)
    for_others = db.session.execute(
        select(Payee, whose.name)
        .join(whose, whose.id == Payee.beneficiary_id)
        .where(Payee.payee_id.in_(asked.records))
        .order_by(Payee.id)
    )
    return [
        records(
            gettext("收款人"),
            [
                *(gettext("收款人"), gettext("关系"), gettext("从哪天起"), gettext("终止"), gettext("理由")),
                *(gettext("证明材料"), gettext("证明文件"), gettext("登记人"), gettext("登记时间")),
                *(gettext("终止人"), gettext("终止时间"), gettext("终止理由")),
            ],
            [
                (
                    *(one.name, _name(PAYEE_RELATIONS, one.relation), one.from_on, one.until_on, one.reason),
                    *(one.document, one.evidence_name, one.set_by, one.set_at),
                    *(one.ended_by, one.ended_at, one.end_reason),
                )
                for one in theirs
            ],
            gettext("收款人的证件号码、电话和卡号是他的个人信息，不在这里。证明文件可以当面查阅。"),
        ),
        records(
            gettext("为别人代领"),
            (gettext("为谁"), gettext("关系"), gettext("从哪天起"), gettext("终止"), gettext("登记时间")),
            [
                (mask_name(name), _name(PAYEE_RELATIONS, one.relation), one.from_on, one.until_on, one.set_at)
                for one, name in for_others
            ],
            gettext("代领的钱是别人的，列在别人的登记里。"),
        ),
    ]


@PERSON_RECORDS.provider(90, "audit_entries")
def who_looked(_principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """Who looked at his full numbers and who worked on his record, when, from which office and for what reason."""
    entries = queries.entries_about(asked.records)
    looks = [one for one in entries if one.entry.action in queries.LOOKS]
    work = [one for one in entries if one.entry.action not in queries.LOOKS]
    return [
        records(
            gettext("谁看过完整的个人信息"),
            [
                *(gettext("时间"), gettext("单位"), gettext("经办的人")),
                *(gettext("做了什么"), gettext("查看的内容"), gettext("理由")),
            ],
            [
                (
                    *(one.at, one.office, one.entry.actor_name, action_words(one.entry.action)),
                    *(_what(one), told_reason(one.entry.details.get("reason", ""))),
                )
                for one in looks
            ],
            gettext(
                "办理补贴时在列表里看到姓名、遮住的号码，不逐人记录。理由里提到别的事情的，理由不列。"
                "六个月以前的审计记录可能已经归档，归档的由审计局保管。"
                "纪委监委依法履行职责时的查看，按个人信息保护法第十八条、第三十五条不在告知范围，有没有都不列出。"
            ),
        ),
        records(
            gettext("谁办理过本人的登记"),
            (gettext("时间"), gettext("单位"), gettext("经办的人"), gettext("做了什么")),
            [(one.at, one.office, _actor(one), action_words(one.entry.action)) for one in work],
        ),
    ]


def _what(look: queries.LooksAt) -> str:
    details = look.entry.details
    fields = {field.value: str(title) for field, title in PERSONAL_FIELDS.items()}
    if look.entry.action == "registry.export_person":
        return str(PROOFS.get(details.get("proof", ""), ""))
    return fields.get(details.get("what", ""), "")


def _actor(look: queries.LooksAt) -> str:
    return look.entry.actor_name if look.entry.official_id else str(gettext("系统"))
