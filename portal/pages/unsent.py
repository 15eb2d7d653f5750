"""Forms that are refused before their page sees them: what was typed stands in them again.

A page here is never kept by a browser (the phone may be lent), so whoever goes back from an error page finds his form
empty. Long words typed with two thumbs must not be lost to a session that has ended or a picture that is too large.
"""

import io
from collections.abc import Callable, Mapping

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from core.database import set_only_reads
from core.errors import UserError
from core.msgid import N_
from core.web import answer_http_error, answer_user_error
from portal.door import blueprint
from portal.pages.complaints import unsent_complaint
from portal.pages.lookup import unsent_lookup
from portal.pages.tracking import unsent_addition

_PAGES: Mapping[str, Callable[[str], str]] = {
    "portal.hand_in_complaint": unsent_complaint,
    "portal.track_complaint": unsent_addition,
    "portal.look_up": unsent_lookup,
    "portal.send_code": unsent_lookup,
}
_ENDED = N_("这一页放得太久了，还没有提交。您填的内容还在，请再按一次。")
_TOO_LARGE = N_("附件太大，没有收下，也还没有提交。文字还在，请少选几个附件，或者压缩后再交。")
MOST_READ = 120 * 1024 * 1024
"""Bytes that are read on to find the words beside files that are too large: four times what a form may bring."""


@blueprint.errorhandler(CSRFError)
def page_has_expired(error: CSRFError) -> ResponseReturnValue:
    """The session has ended, or its cookie is gone: the form again, with a new token."""
    return _again(_ENDED, error)


@blueprint.errorhandler(RequestEntityTooLarge)
def files_too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """The files are too large: the form again, with its words."""
    if request.endpoint not in _PAGES or (request.content_length or 0) > MOST_READ:
        return answer_http_error(error)
    _, form, files = FormDataParser(
        stream_factory=lambda *_, **__: _Nowhere(),
        max_form_memory_size=request.max_form_memory_size,
        max_content_length=MOST_READ,
        cls=ImmutableMultiDict,
    ).parse_from_environ(request.environ)
    # werkzeug's own parser makes them immutable, too, and its annotation is of the mutable kind.
    request.form, request.files = form, files  # type: ignore[assignment]
    return _again(_TOO_LARGE, error)


class _Nowhere(io.BytesIO):
    """Where the bytes of files go that nobody wants."""

    def write(self, data: object, /) -> int:
        # What io calls a readable buffer has a length; its annotation, that of any object, has not.
        return len(data)  # type: ignore[arg-type]


def _again(sentence: str, error: CSRFError | RequestEntityTooLarge) -> ResponseReturnValue:
    page = _PAGES.get(request.endpoint or "")
    if page is None:
        return answer_http_error(error)
    set_only_reads(True)
    try:
        return page(gettext(sentence)), error.code or 400
    except UserError as refused:
        return answer_user_error(refused)
