"""What this room has for the file that is handed to a person: that there are complaints about his payments, as far as
they exist for the official who hands it out. Never what is sealed or confidential, no tip-off (who it is about must not
learn of it from here), never who complained or in what words. What he himself has handed in nobody can find by his
name: the receipt code is the only key."""

from collections.abc import Sequence

from flask_babel import gettext

from complaints.models import Complaint
from complaints.queries import cases
from complaints.rulebook import RULEBOOKS, Matter
from complaints.words import STATES, category_name
from core.database import db
from core.personal_records import Records, records
from core.principal import Principal
from disbursement.person_records import payments_of_person, titles
from registry.hooks import PERSON_RECORDS, PersonAsked

TOLD = (Matter.ENQUIRY, Matter.REQUEST, Matter.COMPLAINT)
NOT_TOLD = ("wrong_list",)
"""That somebody should not be on a list is said of him, not by him."""
_OF_A_CASE = "part of a case, which is read by its receipt code alone"
PERSON_RECORDS.leave_out(
    {
        "complaint_attachments": _OF_A_CASE,
        "complaint_clocks": _OF_A_CASE,
        "complaint_draft_answers": _OF_A_CASE,
        "complaint_entries": _OF_A_CASE,
        "complaint_escalations": _OF_A_CASE,
        "complaint_extensions": _OF_A_CASE,
        "complaint_holds": _OF_A_CASE,
        "complaint_links": _OF_A_CASE,
        "complaint_openings": _OF_A_CASE,
        "complaint_ratings": _OF_A_CASE,
        "complaint_recusals": _OF_A_CASE,
        "complaint_reviews": _OF_A_CASE,
        "complaint_routing_objections": _OF_A_CASE,
        "complaint_takeovers": _OF_A_CASE,
        "complaint_interests": "about officials who keep out of cases",
    }
)


@PERSON_RECORDS.provider(70, "complaints")
def complaints(principal: Principal, asked: PersonAsked) -> Sequence[Records]:
    """That there is something about a payment of his, when it came in and how far it is."""
    found = db.session.scalars(
        cases(principal)
        .where(Complaint.payment_id.in_(payments_of_person(asked)), Complaint.confidential.is_(False))
        .order_by(Complaint.received_at)
    ).all()
    told = [case for case in found if _is_told(case)]
    named = titles(asked) if told else {}
    return [
        records(
            gettext("关于本人发放的投诉"),
            (gettext("哪笔发放"), gettext("收到日期"), gettext("类别"), gettext("进度"), gettext("办理单位")),
            [
                (
                    *(named[case.payment_id or 0], case.received_on, category_name(case)),
                    *(STATES[case.state].text, case.owner.name),
                )
                for case in told
            ],
            gettext(
                "只列交给您这份材料的单位看得到的，不写是谁反映的、怎样说的；涉密件和举报不列，有没有都一样。"
                "您自己反映的事项，只能凭当时的 20 位查询码在群众入口查看：系统里不能按姓名查是谁反映的。"
            ),
        )
    ]


def _is_told(case: Complaint) -> bool:
    matter = RULEBOOKS[case.rules_version].category(case.category).matter
    return matter in TOLD and case.category not in NOT_TOLD
