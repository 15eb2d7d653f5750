"""What both doors share: blueprints that say who may enter, cookies of their own, headers, languages, error pages."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from babel import Locale
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_babel, gettext
from flask_wtf import CSRFProtect
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, NotFound

from core import clock, compression, errors
from core.addresses import IdConverter, NumberConverter
from core.audit.entries import PERSONAL
from core.audit.refusals import note_refusal
from core.database import db, set_only_reads
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.languages import DEFAULT_LANGUAGE, LANGUAGES, PREPARED, mark_chinese, offered
from core.msgid import N_
from core.principal import NOBODY, Principal
from core.requests import NUL, HouseRequest
from core.settings import Settings

STAFF_PREFIX = "/staff"
SIGN_IN = "accounts.login"
"""The one page of the staff door that is open to everybody."""
OPEN_TO_EVERYBODY = frozenset({SIGN_IN, "accounts.sign_in_with_passkey"})
LANGUAGE_COOKIE = "language"
TYPE_SIZE_COOKIE = "type_size"
LARGE_TYPE = "large"
TYPE_SIZES = frozenset({LARGE_TYPE, "normal"})
KEPT_OF_ADDRESSES = ("region", "page", "list", "line", "with", "year", "township")
"""Parts of a query that the way back from a switch keeps: they name no person."""
STATIC_ENDPOINTS = frozenset({"static", "bootstrap.static"})
_IPV6_NETWORK_BITS = 64
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    # Nothing from elsewhere, nothing inline: a stored script has nowhere to run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # For browsers that do not know frame-ancestors: many offices' are old.
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What every answer says, unless it says something stricter itself."""

csrf = CSRFProtect()
babel = Babel()


def settings() -> Settings:
    """The settings of the running application."""
    running: Settings = current_app.extensions["settings"]
    return running


def current_principal() -> Principal:
    """Who is asking in the present request; nobody outside one."""
    if not has_request_context():
        return NOBODY
    principal: Principal = g.get("principal", NOBODY)
    return principal


def staff_blueprint(name: str, import_name: str, path: str) -> Blueprint:
    """A room's pages at the staff door, under ``/staff/<path>``. Nobody enters without having signed in."""
    blueprint = Blueprint(name, import_name, url_prefix=f"{STAFF_PREFIX}/{path}".rstrip("/"))
    blueprint.before_request(require_official)
    return blueprint


def public_blueprint(name: str, import_name: str, path: str = "") -> Blueprint:
    """Pages at the public door, open to everybody."""
    return Blueprint(name, import_name, url_prefix=path or None)


def require_official() -> ResponseReturnValue | None:
    """Send whoever has not signed in to the sign-in page; what he was about to send is not lost without a word."""
    if current_principal().is_official or request.endpoint in OPEN_TO_EVERYBODY:
        return None
    if request.method not in READING_METHODS and g.get("session_has_ended"):
        return render_template("staff/signed_out.html"), 401
    target = here_in_full() if request.method in READING_METHODS else ""
    return redirect(url_for(SIGN_IN, next=target or None))


def local_target(target: str | None, fallback: str) -> str:
    """``target`` where it is a path on this site, else ``fallback``: no open redirect."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\n" in target:
        return fallback
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else fallback


def at_staff_door() -> bool:
    """Whether the present request is for the staff door."""
    return request.path == STAFF_PREFIX or request.path.startswith(f"{STAFF_PREFIX}/")


class DoorSessions(SecureCookieSessionInterface):
    """Each door has a session cookie of its own: a villager's session never meets an official's."""

    def get_cookie_name(self, app: Flask) -> str:
        """The cookie of the door that the request is for."""
        base = "ykt_staff" if at_staff_door() else "ykt_public"
        return f"__Host-{base}" if app.config["SESSION_COOKIE_SECURE"] else base


def address_at_hand() -> str:
    """Where the request comes from: the address, or of IPv6 the network, because one phone has many addresses there."""
    text = request.remote_addr or ""
    address = ip_address(text) if text else None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        # A socket for both kinds writes IPv4 addresses so; as a network they would all be one.
        return str(address.ipv4_mapped)
    if isinstance(address, IPv6Address):
        return str(int(address) >> _IPV6_NETWORK_BITS)
    return text


def select_locale() -> str:
    """The language chosen by the switch; Chinese otherwise, whatever the browser says (and in commands and jobs)."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    # Kept for the request: a page asks for it dozens of times.
    language: str | None = g.get("language")
    return _chosen_language() if language is None else language


def _chosen_language() -> str:
    chosen = _switched(LANGUAGE_COOKIE) or request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in offered_languages() else DEFAULT_LANGUAGE


def _switched(cookie: str) -> str:
    """What a form was sent again for: a page that answers a form cannot be asked for in another language (type size),
    its form can."""
    return request.args.get(cookie, "") if request.method == "POST" else ""


def _keep_switches(response: Response) -> Response:
    for cookie, allowed in ((LANGUAGE_COOKIE, offered_languages()), (TYPE_SIZE_COOKIE, TYPE_SIZES)):
        if _switched(cookie) in allowed:
            keep(response, cookie, _switched(cookie))
    return response


def keep(response: Response, cookie: str, choice: str) -> None:
    """Keep a choice for a year."""
    secure = settings().is_over_tls
    response.set_cookie(cookie, choice, max_age=31536000, samesite="Lax", httponly=True, secure=secure)


def offered_languages() -> Mapping[str, str]:
    """The names of the languages to choose from, by their codes."""
    languages: Mapping[str, str] = current_app.extensions["languages"]
    return languages


def type_size() -> str:
    """``large`` where the reader has chosen large type (关怀版), else ``normal``."""
    chosen = _switched(TYPE_SIZE_COOKIE) or request.cookies.get(TYPE_SIZE_COOKIE)
    return LARGE_TYPE if chosen == LARGE_TYPE else "normal"


def here() -> str:
    """Where a switch leads back to: the page at hand. What a query says of a person is never carried along; nor is an
    address that is none: somebody may have written a number into it."""
    if PERSONAL.search(request.path):
        return "/" if "public" in settings().doors else STAFF_PREFIX + "/"
    kept = [(name, request.args[name]) for name in KEPT_OF_ADDRESSES if name in request.args]
    return f"{request.path}?{urlencode(kept)}" if kept and request.method in READING_METHODS else request.path


def here_in_full() -> str:
    """The same at the staff door, with the filters of a list; without them where somebody wrote a number there."""
    full = request.full_path.rstrip("?") if request.method in READING_METHODS else request.path
    return here() if PERSONAL.search(full) else full


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


class Message(NamedTuple):
    """A sentence of the catalogue: as it stands there, as it stands in a page, and there without variables."""

    text: str
    markup: Markup
    finished: Markup | None


# The sentences of each language that were asked for. A page needs dozens, and to look each up anew through the
# extension costs more than to render the rest of the page. They change only with a new release.
_messages: dict[str, dict[str, Message]] = {code: {} for code in LANGUAGES}


def _message(text: str) -> Message:
    known = _messages[select_locale()]
    found = known.get(text)
    if found is None:
        translated = str(gettext(text))
        markup = Markup(translated)  # noqa: S704 - our own catalogue, not what somebody typed
        found = known[text] = Message(translated, markup, None if "%(" in translated else markup % {})
    return found


def message(text: str, **variables: object) -> Markup:
    """The sentence in the language of the request, safe to stand in a page: its variables are escaped.

    It is a format string in any case, as everywhere in templates: a literal percent sign is written twice.
    """
    found = _message(text)
    return found.markup % variables if variables or found.finished is None else found.finished


def plain_message(text: str) -> str:
    """The sentence in the language of the request as plain text, its places still open."""
    return _message(text).text


def set_headers(response: Response) -> Response:
    """Headers of every answer. Pages are never kept by a browser or proxy: they may be about a person."""
    given = {name.lower() for name, _ in response.headers}
    response.headers.extend({name: value for name, value in HEADERS.items() if name.lower() not in given})
    if settings().is_over_tls:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint in STATIC_ENDPOINTS and response.status_code in {200, 304}:
        # The address of a file of ours carries its fingerprint; Bootstrap's changes with its version only.
        lasting = "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=86400"
        response.headers["Cache-Control"] = lasting
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@cache
def fingerprint(path: Path) -> str:
    """A short hash of a file's content, so that a browser keeps a file until it changes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(filename: str) -> str:
    """The address of a file in static/, with its fingerprint."""
    known: dict[str, str] = current_app.extensions["assets"]
    if filename not in known:
        path = Path(current_app.static_folder or "") / filename
        known[filename] = url_for("static", filename=filename, v=fingerprint(path))
    return known[filename]


def error_page(status: int, sentence: str) -> ResponseReturnValue:
    """A page that says what is wrong and where to go on, in the layout of the door at hand."""
    template = "staff/error.html" if at_staff_door() and current_principal().is_official else "public/error.html"
    # By this number the line in the log is found; the page says nothing else of what went wrong inside.
    number = g.get("request_id", "") if status >= 500 else ""
    return render_template(template, status=status, sentence=sentence, number=number), status


STATUS_OF = {NotVisible: 404, PermissionDenied: 403, Conflict: 409}


def answer_user_error(error: UserError) -> ResponseReturnValue:
    """Every UserError that a view did not turn into something better becomes a page with its sentence."""
    db.session.rollback()
    if isinstance(error, NotVisible):
        mark_refused()
    return error_page(STATUS_OF.get(type(error), 400), gettext(error.sentence) % error.parameters)


SENTENCES = {
    400: N_("请求有误。请返回上一页重试。"),
    403: N_("您没有查看此页的权限。"),
    404: N_("没有找到这个页面。网址可能写错了，或者内容已经撤下。"),
    405: N_("这个页面不能这样打开。请从首页进入。"),
    413: N_("文件太大，没有收下。请压缩或分成几个文件再上传。"),
    429: N_("操作太频繁。请稍等一会儿再试。"),
    500: N_("系统出了点问题，您刚才的操作没有保存。请稍后再试。"),
}


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    """Errors of the web itself (404, 405, 413 …) in plain words; redirects and ready answers pass."""
    code = error.code or 500
    if code < 400 or error.response is not None:
        return error
    db.session.rollback()
    if code in {403, 404} and request.endpoint is not None:
        mark_refused()
    return error_page(code, gettext(SENTENCES.get(code, SENTENCES[400 if code < 500 else 500])))


def flash_error(error: UserError) -> None:
    """Show a UserError's sentence at the top of the next page; the work of the request is undone."""
    db.session.rollback()
    if isinstance(error, NotVisible):
        mark_refused()
    flash(gettext(error.sentence) % error.parameters, "danger")


def press(act: Callable[[], object], done: str, back: str) -> ResponseReturnValue:
    """Answer a button: do what it is for and say ``done``, or say why not, with everything as it was; then go to the
    page at ``back``. For whatever is neither a form nor a list."""
    try:
        act()
    except UserError as error:
        flash_error(error)
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(back)


def mark_refused() -> None:
    """Remember that the present request was refused something that only an official could have been allowed."""
    if has_request_context() and at_staff_door() and current_principal().is_official:
        g.refused = True


def _write_down_refusal(response: Response) -> Response:
    if g.get("refused") and request.endpoint is not None:
        note_refusal(current_principal(), request.endpoint, request.method, at=g.now)
    return response


def _mark_fallbacks(response: Response) -> Response:
    if select_locale() in PREPARED:
        mark_chinese(response)
    return response


def install(app: Flask, running: Settings) -> None:
    """Headers, sessions, languages, CSRF and error pages."""
    app.session_interface = DoorSessions()
    app.request_class = HouseRequest
    app.url_map.converters |= {"int": IdConverter, "number": NumberConverter}
    csrf.init_app(app)
    babel.init_app(app, locale_selector=lambda: _locale(select_locale()), default_timezone="Asia/Shanghai")
    app.add_template_global(message, "_")
    errors.tell_of_refusals(mark_refused)
    # The last one registered is the first one called: while this one is at work the answer is whole.
    app.after_request(compression.compress)
    app.after_request(_mark_fallbacks)
    app.after_request(_keep_switches)
    app.after_request(set_headers)
    app.after_request(_write_down_refusal)
    app.extensions["assets"] = {}
    app.extensions["languages"] = offered(map(Path, get_babel(app).translation_directories))
    app.add_template_global(asset)
    app.register_error_handler(UserError, answer_user_error)
    app.register_error_handler(HTTPException, answer_http_error)

    @app.before_request
    def _begin() -> None:
        set_only_reads(request.method in READING_METHODS)
        g.now = clock.utc_now()
        g.language = _chosen_language()
        if NUL in request.path:
            raise NotFound

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        # The thread goes on to other work, which may write.
        set_only_reads(False)

    @app.context_processor
    def _shared() -> dict[str, Any]:
        return {
            "settings": running,
            "principal": current_principal(),
            "languages": offered_languages(),
            "language": select_locale(),
            "large_type": type_size() == LARGE_TYPE,
            "here": here(),
            "here_in_full": here_in_full(),
            "today": clock.local_date(g.now) if "now" in g else clock.today(),
        }
