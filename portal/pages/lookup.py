"""Lookup: ID number, name and one proof; the payments; a code by SMS; the end of a visit.

Every miss gets one answer: the same work is done for somebody who does not exist, the same page is made, and it leaves
at the same time. Only a number that is itself mistyped is said to be so.
"""

import time
from collections.abc import Callable
from datetime import datetime

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from core import clock, gate
from core.addresses import as_number
from core.database import db, only_reads, set_only_reads
from core.identity import name_key
from core.limits import Counter, count, is_past, used_up
from core.moulds import mould, place
from core.principal import NOBODY
from core.screens import county_clock
from core.web import address_at_hand
from disbursement.queries import payments_of
from portal import operations, queries, rules, visits
from portal.door import blueprint
from portal.forms import LookupForm, PersonForm
from portal.own_page import OwnPage, own_page, totals_by_year
from portal.queries import Person
from portal.result_page import result_page
from publicity import queries as publicity

MOST_LOOKS = 50
"""So many looks are told on a phone; all of them stand in the file that the township hands out."""


@blueprint.get("/lookup")
def lookup() -> ResponseReturnValue:
    """The form; whoever has just looked up goes to his result."""
    if visits.current(at=g.now):
        return redirect(url_for("portal.lookup_result"))
    return _form_page(LookupForm(), with_code=request.args.get("with") == "code")


@blueprint.post("/lookup")
def look_up() -> ResponseReturnValue:
    """Compare, and show the payments in the same answer: on a slow network a second round trip costs seconds."""
    came_at = time.monotonic()
    # A lookup writes nothing itself. Begun as a writer it would queue up behind every other writer on SQLite.
    set_only_reads(True)
    if visits.is_over(request.form.get("visit", ""), at=g.now):
        return _ended()
    form = LookupForm(request.form)
    with_code = bool(form.sms_code.data)
    if not form.validate():
        return _form_page(form, with_code=with_code)
    id_number = form.checked_id_number
    daily = Counter(rules.MISSES_A_DAY, f"lookup/{id_number}")
    counters = [*_counters(id_number), daily]
    past = used_up(counters, at=g.now)
    if daily in past and not with_code and not form.has_long_tail:
        form.card_tail.errors = [gettext(rules.MORE_DIGITS)]
        return _form_page(form)
    if gate.must_answer([counter for counter in past if counter != daily], request.form, at=g.now):
        return _unanswered_page(form, with_code=with_code, question=gate.ask())
    person = _proven(form, id_number)
    if person is None:
        return _miss(form, counters, with_code=with_code, came_at=came_at)
    visit = visits.begin(person.id, person.held_card_id, request.form.get("visit", ""), at=g.now)
    visits.remember_region(person.region_code)
    return _result(person, visit.until)


def _counters(id_number: str) -> list[Counter]:
    return [
        Counter(rules.LOOKUPS_PER_PERSON, f"lookup/{id_number}"),
        Counter(rules.LOOKUPS_PER_ADDRESS, f"lookup/{address_at_hand()}"),
        Counter(rules.LOOKUPS_IN_ALL, "lookup"),
    ]


def _proven(form: LookupForm, id_number: str) -> Person | None:
    """The person who has given proof, or None. Both proofs and the name are looked at in every case, so that a miss
    takes as long whichever of them is wrong. Somebody who receives for others proves himself by the card they are paid
    to, too, and needs no record of his own."""
    person, typed = queries.person_by_id_number(id_number), form.name.data or ""
    named = rules.same_name(person.name_key, typed)
    digits, code = form.proof
    tail, long_enough = digits[-rules.CARD_TAIL_DIGITS :], not form.has_long_tail
    proven = _use_code(id_number, code) if code else rules.is_among(tail, (person.card_tail or "",))
    if named and proven and long_enough:
        return person
    proven |= queries.was_paid_to_tail(person.id, tail)
    if not long_enough:
        long_enough = rules.is_among(digits, queries.long_tails(person.id, id_number, tail, len(digits)))
    holders = [
        holder
        for holder in queries.holders_by_id_number(id_number)
        if rules.same_name(holder.name_key, typed)
        & (proven | rules.is_among(tail, (holder.card_tail or "",)))
        & long_enough
    ]
    if person.id == queries.NOBODY_ID:
        return holders[0] if holders else None
    return person if named and ((proven and long_enough) or holders) else None


def _use_code(id_number: str, code: str) -> bool:
    db.session.rollback()
    with only_reads(False):
        right = operations.use_code(id_number, code, at=g.now)
        db.session.commit()
    return right


def _miss(form: LookupForm, counters: list[Counter], *, with_code: bool, came_at: float) -> ResponseReturnValue:
    db.session.rollback()
    count(counters, at=g.now)
    answer = make_response(_unanswered_page(form, with_code=with_code))
    # The connection goes back before the wait: waiting costs a thread, never the database.
    db.session.remove()
    time.sleep(max(0.0, rules.MISS_SECONDS - (time.monotonic() - came_at)))
    return answer


# The page of a miss and that of a question, for whoever they are: a flood of tries is answered from a mould.
_ANYBODY = LookupForm(data={name: place(name) for name in ("id_number", "name", "card_tail", "sms_code")})
_ANY_QUESTION = gate.Question(place("question_token"), place("question_sentence"))


def _unanswered_page(form: LookupForm, *, with_code: bool, question: gate.Question | None = None) -> str:
    """The form again, because nobody was found, or because of a question to answer first."""
    shell = mould(
        "portal/lookup.html",
        "visit",
        form=_ANYBODY,
        with_code=with_code,
        missed=question is None,
        question=_ANY_QUESTION if question else None,
    )
    return shell.fill(
        **{field.name: field.data or "" for field in form},
        visit=visits.new_form(),
        question_token=question.token if question else "",
        question_sentence=question.sentence if question else "",
        csrf_token=generate_csrf(),
    )


def _form_page(
    form: PersonForm, *, with_code: bool = False, sent: bool = False, question: gate.Question | None = None
) -> str:
    return render_template(
        "portal/lookup.html", form=form, visit=visits.new_form(), with_code=with_code, sent=sent, question=question
    )


def _result(person: Person, until: datetime) -> str:
    lists = publicity.open_lists(person.region_code, on=clock.local_date(g.now))
    return result_page(person, _page_of(person), lists, until)


def _page_of(person: Person) -> OwnPage:
    year = request.args.get("year", type=as_number)
    return own_page(payments_of(person.id), queries.received_by(person), clock.local_date(g.now), year)


def _during_visit(answer: Callable[[Person, datetime], str]) -> ResponseReturnValue:
    """A page of the person who has looked up, while the visit lasts."""
    visit = visits.current(at=g.now)
    if visit is None:
        return _ended()
    return answer(queries.person_of(visit.principal), visit.until)


def _ended() -> ResponseReturnValue:
    flash(gettext("为了保护您的信息，查询已经自动结束。请重新查询。"), "info")
    return redirect(url_for("portal.lookup"))


@blueprint.get("/lookup/result")
def lookup_result() -> ResponseReturnValue:
    """The payments again, or of another year."""
    return _during_visit(_result)


@blueprint.get("/lookup/totals")
def lookup_totals() -> ResponseReturnValue:
    """What has arrived in each year, by programme."""
    return _during_visit(
        lambda person, until: render_template(
            "portal/totals.html",
            name=person.name,
            until=county_clock(until),
            own=totals_by_year(payments_of(person.id)),
            received=totals_by_year(queries.received_by(person)),
        )
    )


@blueprint.get("/lookup/seen")
def lookup_seen() -> ResponseReturnValue:
    """When officials have looked at the person's full numbers, and of which office they were."""
    return _during_visit(
        lambda person, until: render_template(
            "portal/seen.html",
            name=person.name,
            until=county_clock(until),
            looks=queries.looks_at(person, most=MOST_LOOKS),
            most=MOST_LOOKS,
        )
    )


@blueprint.get("/lookup/print")
def lookup_print() -> ResponseReturnValue:
    """One year as a sheet to print: what somebody can show at a counter."""
    return _during_visit(
        lambda person, _until: render_template("portal/print.html", person=person, page=_page_of(person), at=g.now)
    )


@blueprint.post("/lookup/end")
def end_lookup() -> ResponseReturnValue:
    """Forget who looked up: the next person may use the same phone."""
    visits.end()
    flash(gettext("查询已经结束，您的信息不会留在这部手机上。"), "success")
    return redirect(url_for("portal.home"))


@blueprint.post("/lookup/code")
def send_code() -> ResponseReturnValue:
    """Ask for a code by SMS. The answer is one and the same whether somebody is known or not."""
    came_at = time.monotonic()
    set_only_reads(True)
    form = LookupForm(request.form)
    if not PersonForm.validate(form):
        return _form_page(form, with_code=True)
    id_number = form.checked_id_number
    # With the name, and a message leaves for no other: who knows somebody's number alone cannot use up his codes.
    daily = Counter(rules.MOST_CODES_A_DAY, f"code/{id_number}/{name_key(form.name.data or '')}")
    if is_past([daily], at=g.now):
        flash(gettext("今天给这个身份证号码发的验证码已经够多了。请用卡号最后四位查询，或者明天再试。"), "warning")
        return _form_page(form)
    counters = [
        Counter(rules.CODES_PER_PERSON, f"code/{id_number}"),
        Counter(rules.CODES_PER_ADDRESS, f"code/{address_at_hand()}"),
        Counter(rules.CODES_IN_ALL, "code"),
    ]
    if gate.must_answer(used_up(counters, at=g.now), request.form, at=g.now):
        return _form_page(form, with_code=True, question=gate.ask())
    person = queries.person_by_id_number(id_number)
    named = rules.same_name(person.name_key, form.name.data or "")
    payee_id = queries.payee_to_text(id_number, form.name.data or "", clock.local_date(g.now))
    db.session.rollback()
    count([*counters, daily], at=g.now)
    with only_reads(False):
        operations.request_code(NOBODY, id_number, person.id if named else None, payee_id, at=g.now)
        db.session.commit()
    answer = make_response(_form_page(form, with_code=True, sent=True))
    db.session.remove()
    time.sleep(max(0.0, rules.MISS_SECONDS - (time.monotonic() - came_at)))
    return answer


def unsent_lookup(sentence: str) -> str:
    """The form with all that was typed, for one that was refused before it came here."""
    form = LookupForm(request.form)
    form.form_errors.append(sentence)
    return _form_page(form, with_code=bool(form.sms_code.data))
