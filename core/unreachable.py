"""The database does not answer: the house says so and stays up, instead of telling a fault of its own."""

import logging
from contextlib import suppress

from flask import Flask, Response, g, make_response
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError, OperationalError

from core import web
from core.database import db
from core.principal import NOBODY

ASK_AGAIN_SECONDS = 10
logger = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Answer 503 wherever a connection is refused or was cut; and end a request whose answer stands without one."""
    app.register_error_handler(OperationalError, answer)
    # Runs before Flask-SQLAlchemy's own, which then finds nothing to do.
    app.teardown_appcontext(leave)


def leave(_error: BaseException | None) -> None:
    """Give the connection back. One that was cut since the last statement cannot be rolled back: to stumble over that
    would turn an answer that is right, and may tell of what is committed, into a fault."""
    try:
        db.session.remove()
    except DBAPIError:
        logger.warning("a connection was cut after the last statement")
        db.session.registry.clear()


def answer(error: OperationalError) -> Response:
    """A page that needs no database. A commit whose answer was lost may have been carried out: it does not say that
    nothing was saved."""
    logger.error("the database does not answer", exc_info=error)
    # What is to be rolled back may be gone with the connection.
    with suppress(DBAPIError):
        db.session.rollback()
    # The pages of an official ask the database who he is and what he has to do.
    g.principal = NOBODY
    sentence = gettext("系统暂时连不上数据库。刚才的操作也许没有保存：请过一分钟再来看，没有保存的话再做一次。")
    response = make_response(web.error_page(503, sentence))
    response.headers["Retry-After"] = str(ASK_AGAIN_SECONDS)
    return response
