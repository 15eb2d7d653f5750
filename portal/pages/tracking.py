"""Coming back to a complaint with the receipt code: to read, to add, to say how well an answer settles it, to have it
reopened or reviewed."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from complaints.attachments import read_uploads
from complaints.operations import add_from_reporter, ask_review, rate, reopen, settle
from complaints.tracking import TrackedCase, track
from core import form_names, gate
from core.database import db, set_only_reads
from core.errors import NotVisible, UserError
from core.limits import Counter, count, used_up
from core.msgid import N_
from core.web import address_at_hand
from portal import rules
from portal.door import blueprint
from portal.forms import AdditionForm, TrackForm, came_with_files


@dataclass(frozen=True)
class Action:
    """What a reporter can do with his case: ``act`` takes the receipt code, his words and the name of his form."""

    act: Callable[[str, AdditionForm, str], object]
    title: str
    done: str


def _add_words(receipt_code: str, addition: AdditionForm, form_name: str) -> object:
    files = read_uploads(request.files.getlist("attachments"))
    return add_from_reporter(receipt_code, addition.text.data or "", files, at=g.now, form_name=form_name)


def _reopen(receipt_code: str, addition: AdditionForm, form_name: str) -> object:
    return reopen(receipt_code, addition.text.data or "", at=g.now, form_name=form_name)


def _ask_review(receipt_code: str, addition: AdditionForm, form_name: str) -> object:
    return ask_review(receipt_code, addition.text.data or "", at=g.now, form_name=form_name)


def _rate(receipt_code: str, addition: AdditionForm, _form_name: str) -> object:
    return rate(receipt_code, addition.satisfaction.data or "", addition.words.data or "", at=g.now)


def _settle(receipt_code: str, addition: AdditionForm, form_name: str) -> object:
    satisfaction, words = addition.satisfaction.data or "", addition.words.data or ""
    return settle(receipt_code, satisfaction, words, at=g.now, form_name=form_name)


_ACTIONS = {
    "add": Action(_add_words, N_("提交补充"), N_("补充的内容已经收到。")),
    "reopen": Action(_reopen, N_("对答复不满意，要求重新办理"), N_("已经转给办理单位重新办理。")),
    "review": Action(_ask_review, N_("请上一级单位复查"), N_("已经转给上一级单位复查。")),
    "rate": Action(_rate, N_("还没有解决，只记下评价"), N_("您的评价已经记下，办理单位看得到。")),
    "settle": Action(_settle, N_("问题已经解决"), N_("谢谢您的确认，这件事已经办结。")),
}


@blueprint.get("/complaints/track")
def track_form() -> ResponseReturnValue:
    """The field for the receipt code."""
    return _track_page(TrackForm())


def _track_page(
    form: TrackForm, *, missed: bool = False, question: gate.Question | None = None, form_name: str = ""
) -> str:
    """The field for the receipt code; what somebody was about to add to his case comes along."""
    name = request.form.get("action", "")
    return render_template(
        "portal/track.html",
        form=form,
        missed=missed,
        question=question,
        action_name=name,
        action=_ACTIONS.get(name),
        addition=AdditionForm(request.form),
        form_name=form_name or form_names.new_form_name(),
        files_gone=came_with_files(),
    )


@blueprint.post("/complaints/track")
def track_complaint() -> ResponseReturnValue:
    """The case of a receipt code; with ``action`` (one of _ACTIONS) something is done with it first."""
    set_only_reads(True)
    form = TrackForm(request.form)
    if not form.validate():
        return _track_page(form)
    counters = [
        Counter(rules.TRACKS_PER_ADDRESS, f"track/{address_at_hand()}"),
        Counter(rules.TRACKS_IN_ALL, "track"),
    ]
    if gate.must_answer(used_up(counters, at=g.now), request.form, at=g.now):
        return _track_page(form, question=gate.ask())
    receipt_code = form.receipt_code.data or ""
    try:
        case = track(receipt_code, at=g.now)
    except NotVisible:
        db.session.rollback()
        count(counters, at=g.now)
        return _track_page(form, missed=True)
    action = _ACTIONS.get(request.form.get("action", ""))
    if request.form.get("action") == "settle" and case.may_settle and not request.form.get("sure"):
        # It cannot be undone, and the button stands where a thumb lies.
        return _case_page(case, AdditionForm(request.form), receipt_code, asks_whether_sure=True)
    if action and came_with_files():
        # Pictures cost more than words, those that are refused too.
        db.session.rollback()
        count(counters, at=g.now)
    return _do(action, receipt_code) if action else _case_page(case, AdditionForm(), receipt_code)


def _do(action: Action, receipt_code: str) -> ResponseReturnValue:
    addition, done = AdditionForm(request.form), ""
    db.session.rollback()
    set_only_reads(False)
    try:
        _do_once(action, receipt_code, addition)
        done = gettext(action.done)
    except UserError as error:
        db.session.rollback()
        addition.form_errors.append(gettext(error.sentence) % error.parameters)
    case = track(receipt_code, at=g.now)
    return _case_page(case, addition if addition.form_errors else AdditionForm(), receipt_code, done)


def _do_once(action: Action, receipt_code: str, addition: AdditionForm) -> None:
    """Do it and commit. Where the same form comes twice at one moment, the slower of the two finds it done."""
    form_name = form_names.form_name_at_hand()
    try:
        action.act(receipt_code, addition, form_name)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        action.act(receipt_code, addition, form_name)
        db.session.commit()


def _case_page(
    case: TrackedCase, addition: AdditionForm, receipt_code: str, done: str = "", *, asks_whether_sure: bool = False
) -> str:
    if case.rating and not addition.satisfaction.data:
        addition.satisfaction.data, addition.words.data = case.rating.satisfaction, case.rating.words
    return render_template(
        "portal/case.html",
        case=case,
        form=addition,
        receipt_code=receipt_code,
        form_name=form_names.new_form_name(),
        done=done,
        asks_whether_sure=asks_whether_sure,
        failed=request.form.get("action", "") if addition.form_errors else "",
        files_gone=bool(addition.form_errors) and came_with_files(),
        again={"receipt_code": receipt_code},
    )


def unsent_addition(sentence: str) -> str:
    """The form with all that was typed, for one that was refused before it came here; under its own name, for it may
    have been taken before."""
    form = TrackForm(request.form)
    form.form_errors.append(sentence)
    return _track_page(form, form_name=form_names.form_name_again())
