"""The table: every route and every action of the complaints, and who may. How to add a line: see the package."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.form_names import FIELD, new_form_name
from tests.complaints.access.objects import Case, County
from tests.complaints.access.people import APPROVERS, DISCIPLINE, ENTERERS, HANDLERS, READERS, SIGNED_OUT, Group
from tests.complaints.access.places import (
    Place,
    Relation,
    approves,
    concerned,
    handles,
    may_know_reporter,
    only,
    sees,
    sees_and_handles,
    told,
)
from tests.complaints.county import AT, OTHER_TOWNSHIP, VILLAGE

FORBIDDEN, MISSING, CONFLICT = 403, 404, 409
SIGN_IN = -302
"""No status: a redirect, and to the sign-in; a button may lead elsewhere with the same."""
NO_CASE, NO_PLACE = Case(""), Place("nowhere")


@dataclass(frozen=True)
class Asked:
    """Who asks, and at what: a form may depend on it."""

    county: County
    person: str
    case: Case = NO_CASE
    place: Place = NO_PLACE


Form = Mapping[str, str] | Callable[[Asked], Mapping[str, str]]
NOTHING: Mapping[str, str] = MappingProxyType({})
NEVER: Mapping[str, int] = MappingProxyType({})


def _no_values(_county: County) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True)
class Entry:
    """Who may, and what is answered. ``may`` is a group of people, or for a case a relation to its place; ``kind``
    names the object in the address. See the package for the rest."""

    kind: str
    may: Group | Relation
    refusal: int
    gives: int
    form: Form
    stage: str = "received"
    unless: Mapping[str, int] = field(default_factory=dict)
    values: Callable[[County], Mapping[str, object]] = _no_values

    def at(self, person: str, place: Place) -> int:
        """What this person is answered at a case of that place."""
        assert callable(self.may)
        if person in SIGNED_OUT:
            return SIGN_IN
        if person not in sees(place):
            return MISSING
        return self.unless.get(place.name, self.gives) if person in self.may(place) else self.refusal

    def succeeds(self, person: str, place: Place) -> bool:
        """Whether he may, and the matter lets him."""
        assert callable(self.may)
        return person in self.may(place) and place.name not in self.unless

    def lets_in(self, person: str) -> bool:
        """Whether he may, where there is no case to ask of."""
        assert not callable(self.may)
        return person in self.may

    def without_object(self, person: str) -> int:
        """What he is answered where there is no object."""
        if person in SIGNED_OUT:
            return SIGN_IN
        return self.gives if self.lets_in(person) else self.refusal

    def filled(self, asked: Asked) -> dict[str, str]:
        """What is sent."""
        return dict(self.form(asked) if callable(self.form) else self.form)


def page(
    may: Group,
    *,
    gives: int = 200,
    otherwise: int = FORBIDDEN,
    form: Form = NOTHING,
    values: Callable[[County], Mapping[str, object]] = _no_values,
) -> Entry:
    """A page that is the same for all who may; ``otherwise``: what the other officials are answered. ``values`` fills
    its address."""
    return Entry("page", may, otherwise, gives, form, values=values)


def at_case(
    may: Relation,
    *,
    gives: int = 200,
    refusal: int = FORBIDDEN,
    form: Form = NOTHING,
    stage: str = "received",
    unless: Mapping[str, int] = NEVER,
) -> Entry:
    """Something at a case, besides its actions."""
    return Entry("case", may, refusal, gives, form, stage, unless)


def deed(stage: str, may: Relation, unless: Mapping[str, int] = NEVER) -> Entry:
    """An action of a case at that stage. In an ended case nothing can be done, where ``unless`` does not say so."""
    return Entry("case", may, FORBIDDEN, 303, _sheet, stage, {"ended": CONFLICT, **unless})


def by_id(kind: str, may: Group, *, gives: int = 200, refusal: int = FORBIDDEN, form: Form = NOTHING) -> Entry:
    """Something with an id of its own: for whoever has the right, another office's (or person's) does not exist."""
    return Entry(kind, may, refusal, gives, form)


def public(form: Form = NOTHING) -> Entry:
    """A page at the public door: for everybody."""
    return Entry("public", frozenset(), 200, 200, form)


def _sheet(asked: Asked) -> Mapping[str, str]:
    """Every field that an action may ask for, each with something good in it."""
    other = asked.county.offices["human resources" if asked.place.has == "department" else "department"]
    return {"text": "写明理由。", "days": "5", "organisation_id": str(other), "draft": asked.case.draft}


def _new_code(_asked: Asked) -> Mapping[str, str]:
    return {FIELD: new_form_name(), "reason": "身份证核实，是本人。"}


def _same_matter(asked: Asked) -> Mapping[str, str]:
    """Another case of the same desk."""
    return {"other": asked.county.case(asked.place.name, "accepted").number}


def _entered(asked: Asked) -> Mapping[str, str]:
    """What came by phone, from a place that lies in the office's own region."""
    region = OTHER_TOWNSHIP if asked.person.startswith("other township") else VILLAGE
    return ENTERED | {"region": region}


SEARCH = {"q": "1"}
WORDING = {"use": "conclude", "title": "已核实", "text": "已核实，会补发。"}
VIEW = {"page": "complaints.desk", "name": "快到期", "query": "urgency=soon"}
ENTERED = {
    "channel": "phone",
    "received_on": AT.date().isoformat(),
    "category": "not_received",
    "text": "来电说六月的没有到。",
    "about_organisation": "",
    "anonymous": "y",
}
HANDED_IN = {"category": "not_received", "text": "六月的没有到。", "region": VILLAGE, "anonymous": "y"}
NO_CODE = {"receipt_code": "1" * 20}

ACTIONS_ROUTE = ("complaints.act", "POST")
"""The route of all actions, which ACTIONS takes apart."""

ROUTES: dict[tuple[str, str], Entry] = {
    ("complaints.desk", "GET"): page(READERS),
    ("complaints.desk", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.supervised", "GET"): page(READERS),
    ("complaints.supervised", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.everything", "GET"): page(READERS),
    ("complaints.everything", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.sealed_room", "GET"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.sealed_room", "POST"): page(DISCIPLINE, otherwise=MISSING, gives=303, form=SEARCH),
    ("complaints.confidential", "GET"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.confidential", "POST"): page(DISCIPLINE, otherwise=MISSING, gives=303, form=SEARCH),
    ("complaints.statistics", "GET"): page(READERS | {"audit viewer"}),
    ("complaints.export_statistics", "POST"): page(READERS | {"audit viewer"}),
    ("complaints.statistics_report", "GET"): page(READERS | {"audit viewer"}),
    ("complaints.sealed_statistics", "GET"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.sealed_statistics_report", "GET"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.export_sealed_statistics", "POST"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.misrouted", "GET"): page(READERS),
    ("complaints.misrouted", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.retention", "GET"): page(READERS),
    ("complaints.retention", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.held", "GET"): page(READERS),
    ("complaints.held", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.sealed_retention", "GET"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.sealed_retention", "POST"): page(DISCIPLINE, otherwise=MISSING, gives=303, form=SEARCH),
    ("complaints.sealed_held", "GET"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.sealed_held", "POST"): page(DISCIPLINE, otherwise=MISSING, gives=303, form=SEARCH),
    ("complaints.approval", "GET"): page(READERS),
    ("complaints.approval", "POST"): page(APPROVERS, gives=303, form={"required": "1", "reason": "答复要两个人看过。"}),
    ("complaints.wordings", "GET"): page(HANDLERS),
    ("complaints.wordings", "POST"): page(HANDLERS, gives=303, form=WORDING),
    ("complaints.wording", "GET"): by_id("wording", HANDLERS),
    ("complaints.wording", "POST"): by_id("wording", HANDLERS, gives=303, form=WORDING),
    ("complaints.retire", "POST"): by_id("wording", HANDLERS, gives=303),
    ("complaints.save_view", "POST"): page(READERS, gives=303, otherwise=303, form=VIEW),
    ("complaints.remove_view", "POST"): by_id("view", READERS, gives=303, refusal=MISSING),
    ("complaints.enter", "GET"): page(ENTERERS),
    ("complaints.enter", "POST"): page(ENTERERS, form=_entered),
    ("complaints.case", "GET"): at_case(sees),
    ("complaints.attachment", "GET"): at_case(sees),
    ("complaints.reveal", "POST"): at_case(may_know_reporter, refusal=303, form={"reason": "电话核实。"}),
    ("complaints.issue_code", "POST"): at_case(only("entered by an official", handles), refusal=303, form=_new_code),
    ("complaints.link", "POST"): at_case(handles, gives=302, refusal=302, form=_same_matter, unless={"ended": 302}),
    ("complaints.unlink", "POST"): at_case(handles, gives=302, refusal=302, stage="linked", unless={"ended": 302}),
    ("portal.new_complaint", "GET"): public(),
    ("portal.hand_in_complaint", "POST"): public(HANDED_IN),
    ("portal.track_form", "GET"): public(),
    ("portal.track_complaint", "POST"): public(NO_CODE),
}

_UNDER_REVIEW = {"under review": CONFLICT}
_SEALED = {"sealed": CONFLICT, "sealed later": CONFLICT}

ACTIONS: dict[str, Entry] = {
    "accept": deed("received", handles, _UNDER_REVIEW),
    "investigate": deed("accepted", handles),
    "conclude": deed("investigating", handles),
    "hand_in": deed("investigating", handles),
    "approve": deed("drafted", approves),
    "send_back": deed("drafted", approves),
    # In an ended case nothing is unread, and to say so changes nothing.
    "mark_read": deed("unread", handles, {"ended": 303}),
    "ask": deed("received", handles),
    "note": deed("received", concerned),
    "ask_extension": deed("accepted", handles, _SEALED | _UNDER_REVIEW),
    "grant": deed("extension asked", approves, _SEALED | _UNDER_REVIEW),
    "refuse": deed("extension asked", approves, _SEALED | _UNDER_REVIEW),
    # Above the finance bureau there is nobody but the discipline commission: no office to choose.
    "redirect": deed("received", handles, _SEALED | _UNDER_REVIEW | {"about finance": 400}),
    "take_over": deed("received", told, {"taken over": CONFLICT}),
    "decline": deed("received", handles, _UNDER_REVIEW),
    "close": deed("answered", handles),
    "refer": deed("received", sees_and_handles, _SEALED),
}
