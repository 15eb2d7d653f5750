"""The table: every route and every action of the complaints, and who may. How to add a line: see the package."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.form_names import FIELD, new_form_name
from core.principal import Principal
from tests.complaints.access.cases import NOT_TAKEN_ON
from tests.complaints.access.objects import Case, County
from tests.complaints.access.people import (
    APPROVE_ROUTING,
    APPROVERS,
    DISCIPLINE,
    ENTERERS,
    HANDLERS,
    OFFICIALS,
    READERS,
    SIGNED_OUT,
    WRITE_ROUTING,
    Group,
)
from tests.complaints.access.places import (
    PLACES,
    Place,
    Relation,
    approves,
    concerned,
    decides,
    handles,
    keeps,
    may_know_reporter,
    only,
    recuses_colleague,
    recuses_himself,
    sees,
    sees_and_handles,
    told,
)
from tests.complaints.access.versions import RULE, draft, proposed
from tests.complaints.county import AT, OTHER_TOWNSHIP, VILLAGE

WRONG, FORBIDDEN, MISSING, CONFLICT = 400, 403, 404, 409
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
    names the object in the address; for ``hidden_from`` it does not exist, whatever the case; ``all_of_them``: for whom
    every office's object is there; ``writes``: that who may has changed something. See the package for the rest."""

    kind: str
    may: Group | Relation
    refusal: int
    gives: int
    form: Form
    stage: str = "received"
    unless: Mapping[str, int] = field(default_factory=dict)
    values: Callable[[County], Mapping[str, object]] = _no_values
    hidden_from: Group = frozenset()
    all_of_them: Group = frozenset()
    writes: bool = False

    def at(self, person: str, place: Place) -> int:
        """What this person is answered at a case of that place."""
        assert callable(self.may)
        if person in SIGNED_OUT:
            return SIGN_IN
        if person not in sees(place) or person in self.hidden_from:
            return MISSING
        return self.unless.get(place.name, self.gives) if person in self.may(place) else self.refusal

    def succeeds(self, person: str, place: Place) -> bool:
        """Whether he may, and the matter lets him."""
        assert callable(self.may)
        return person in self.may(place) - self.hidden_from and place.name not in self.unless

    def lets_in(self, person: str) -> bool:
        """Whether he may, where there is no case to ask of."""
        assert not callable(self.may)
        return person in self.may

    def without_object(self, person: str) -> int:
        """What he is answered where there is no object."""
        if person in SIGNED_OUT:
            return SIGN_IN
        if person in self.hidden_from:
            return MISSING
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
    hidden_from: Group = frozenset(),
    writes: bool = False,
) -> Entry:
    """A page that is the same for all who may; ``otherwise``: what the other officials are answered. ``values`` fills
    its address, and brings about what that names."""
    return Entry("page", may, otherwise, gives, form, values=values, hidden_from=hidden_from, writes=writes)


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


def deed(
    stage: str,
    may: Relation,
    unless: Mapping[str, int] = NEVER,
    *,
    refusal: int = FORBIDDEN,
    hidden_from: Group = frozenset(),
    once_ended: bool = False,
) -> Entry:
    """An action of a case at that stage. In an ended case nothing can be done, where neither ``unless`` nor
    ``once_ended`` says so; in one that nobody has taken on, nothing that comes after that."""
    impossible = {} if once_ended else {"ended": CONFLICT}
    if stage not in (*NOT_TAKEN_ON, "held"):
        impossible["misrouted"] = CONFLICT
    return Entry("case", may, refusal, 303, _sheet, stage, impossible | dict(unless), hidden_from=hidden_from)


def by_id(
    kind: str,
    may: Group,
    *,
    gives: int = 200,
    refusal: int = FORBIDDEN,
    form: Form = NOTHING,
    all_of_them: Group = frozenset(),
) -> Entry:
    """Something with an id of its own: for whoever has the right, another office's (or person's) does not exist."""
    return Entry(kind, may, refusal, gives, form, all_of_them=all_of_them)


def public(form: Form = NOTHING) -> Entry:
    """A page at the public door: for everybody."""
    return Entry("public", frozenset(), 200, 200, form)


def _sheet(asked: Asked) -> Mapping[str, str]:
    """Every field that an action may ask for, each with something good in it."""
    other = asked.county.offices["human resources" if asked.place.has == "department" else "department"]
    return {
        "text": "写明理由。",
        "days": "5",
        "organisation_id": str(other),
        "official_id": str(_colleague(asked).official_id),
        "draft": asked.case.draft,
        "choice": "other",
    }


def _colleague(asked: Asked) -> Principal:
    """Another one of his office; a stranger for whoever has none, or none that he could recuse."""
    principals, office = asked.county.principals, asked.person.rpartition(" ")[0]
    wanted = f"{office} {'approver' if asked.person.endswith('handler') else 'handler'}"
    if asked.person == "discipline approver" or wanted not in principals:
        return principals["other township handler" if office == "township" else "township handler"]
    return principals[wanted]


def _interest(asked: Asked) -> Mapping[str, str]:
    """His own; the one handler of the commission can have none, and enters another's."""
    named = asked.county.principals.get(asked.person, asked.county.principals["township handler"])
    if asked.person == "discipline handler":
        named = asked.county.principals["township handler"]
    office = asked.county.offices["audit" if asked.person == "discipline handler" else "bank"]
    return INTEREST | {"official": str(named.official_id), "organisation": str(office)}


def _period(asked: Asked) -> Mapping[str, str]:
    """The commission decides upon its own room, the finance bureau upon all the rest."""
    category = "sealed" if asked.person.startswith("discipline") else "service"
    return {"category": category, "years": "7", "reason": "县里统一规定。"}


def _new_code(_asked: Asked) -> Mapping[str, str]:
    return {FIELD: new_form_name(), "reason": "身份证核实，是本人。"}


def _same_matter(asked: Asked) -> Mapping[str, str]:
    """Another case of the same desk."""
    return {"other": asked.county.case(asked.place.name, "unread").number}


def _entered(asked: Asked) -> Mapping[str, str]:
    """What came by phone, from a place that lies in the office's own region."""
    region = OTHER_TOWNSHIP if asked.person.startswith("other township") else VILLAGE
    return ENTERED | {"region": region}


SEARCH = {"q": "1"}
TWO_PEOPLE = {"required": "1", "reason": "答复要两个人看过。"}
INTEREST = {"region": "", "since": AT.date().isoformat(), "reason": "配偶在那里工作"}
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

_DECIDING = WRITE_ROUTING | APPROVE_ROUTING
"""Who sees a version that waits."""
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
    ("complaints.extensions", "GET"): page(READERS),
    ("complaints.extensions", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.retention", "GET"): page(READERS),
    ("complaints.retention", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.held", "GET"): page(READERS),
    ("complaints.held", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.sealed_retention", "GET"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.sealed_retention", "POST"): page(DISCIPLINE, otherwise=MISSING, gives=303, form=SEARCH),
    ("complaints.sealed_held", "GET"): page(DISCIPLINE, otherwise=MISSING),
    ("complaints.sealed_held", "POST"): page(DISCIPLINE, otherwise=MISSING, gives=303, form=SEARCH),
    ("complaints.periods", "GET"): page(READERS),
    ("complaints.periods", "POST"): page(
        frozenset({"finance approver", "discipline approver"}), gives=303, form=_period, writes=True
    ),
    ("complaints.interests", "GET"): page(READERS),
    ("complaints.interests", "POST"): page(READERS, gives=303, form=SEARCH),
    ("complaints.register", "GET"): page(READERS),
    ("complaints.register", "POST"): page(READERS, gives=303, form=_interest, writes=True),
    ("complaints.interest", "GET"): by_id("interest", READERS, refusal=MISSING, all_of_them=DISCIPLINE),
    # Who sees one and may not end it is told so as a message: test_others_ids.py says who ends it.
    ("complaints.interest", "POST"): by_id(
        "interest", READERS, gives=302, refusal=MISSING, form={"reason": "已调离。"}, all_of_them=DISCIPLINE
    ),
    ("complaints.routing", "GET"): page(READERS),
    ("complaints.begin_routing", "POST"): page(
        WRITE_ROUTING, gives=303, otherwise=303, form={"base": "0"}, writes=True
    ),
    # Of which versions somebody sees, and who moves them on: test_versions.py.
    ("complaints.routing_version", "GET"): page(WRITE_ROUTING, hidden_from=READERS - WRITE_ROUTING, values=draft),
    # Here the right is asked for before the version: whether there is a draft is told to nobody else.
    ("complaints.add_routing_rule", "GET"): page(WRITE_ROUTING, values=draft),
    ("complaints.add_routing_rule", "POST"): page(WRITE_ROUTING, gives=303, form=RULE, values=draft, writes=True),
    ("complaints.change_routing_rule", "GET"): page(WRITE_ROUTING, values=draft),
    ("complaints.change_routing_rule", "POST"): page(
        WRITE_ROUTING, gives=303, form=RULE | {"start": "department"}, values=draft, writes=True
    ),
    ("complaints.arrange_routing_rule", "POST"): page(
        WRITE_ROUTING, gives=302, otherwise=302, values=draft, writes=True
    ),
    ("complaints.set_routing_otherwise", "POST"): page(
        WRITE_ROUTING, gives=302, otherwise=302, form={"otherwise": "finance"}, values=draft, writes=True
    ),
    # It leads back to the version, and there it is asked who may.
    ("complaints.preview_routing", "GET"): page(frozenset(OFFICIALS), gives=302, values=proposed),
    ("complaints.preview_routing", "POST"): page(_DECIDING, hidden_from=READERS - _DECIDING, values=proposed),
    ("complaints.move_routing", "POST"): page(
        WRITE_ROUTING,
        gives=303,
        otherwise=303,
        form={"action": "withdraw"},
        hidden_from=READERS - _DECIDING,
        values=proposed,
        writes=True,
    ),
    ("complaints.approval", "GET"): page(READERS),
    ("complaints.approval", "POST"): page(APPROVERS, gives=303, form=TWO_PEOPLE, writes=True),
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
_NOBODY_GRANTS = _SEALED | _UNDER_REVIEW | {"passed up": CONFLICT}


def _all_but(*places: str) -> Mapping[str, int]:
    return {name: CONFLICT for name in PLACES if name not in places}


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
    "ask_extension": deed("accepted", handles, _NOBODY_GRANTS),
    "grant": deed("extension asked", approves, _NOBODY_GRANTS),
    "refuse": deed("extension asked", approves, _NOBODY_GRANTS),
    "withdraw_extension": deed("extension asked", handles, _NOBODY_GRANTS),
    # Whoever has an office above him objects, and that one decides. Nobody stands above the discipline commission, but
    # what complains of the finance bureau can go to no other office either.
    "redirect": deed("received", handles, {**_all_but("passed up"), "about finance": WRONG}),
    "object": deed(
        "received",
        handles,
        # Too late after five working days; once; and only where somebody stands above.
        _SEALED | _UNDER_REVIEW | dict.fromkeys(("late", "misrouted", "about finance", "passed up"), CONFLICT),
    ),
    "pass_on": deed("received", decides, _all_but("misrouted")),
    "refuse_objection": deed("received", decides, _all_but("misrouted")),
    "take_over": deed("received", told, {"taken over": CONFLICT}),
    "decline": deed("received", handles, _UNDER_REVIEW),
    "close": deed("answered", handles),
    "refer": deed("received", sees_and_handles, _SEALED),
    # For everybody but the commission there is no such thing, nor of what is not sealed.
    "record_outcome": deed(
        "investigating", handles, _all_but("sealed", "sealed later"), hidden_from=READERS - DISCIPLINE
    ),
    "hold": deed("received", keeps, _all_but("ended"), once_ended=True),
    "lift_hold": deed("held", keeps, _all_but("ended"), once_ended=True),
    # What has ended is still there to be kept from somebody.
    "recuse": deed("received", recuses_himself, refusal=CONFLICT, once_ended=True),
    # Of the commission one is away already.
    "recuse_other": deed("received", recuses_colleague, {"passed up": WRONG}, refusal=WRONG, once_ended=True),
    "lift": deed("received", sees, _all_but("passed up")),
}
