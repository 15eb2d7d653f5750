"""The front desk: builds the application from its settings and opens the doors that they name."""

import os
import sys
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

import accounts.audit_words
import accounts.cli
import accounts.sign_in
import accounts.views
import backups.audit_words
import backups.cli
import complaints.audit_words
import complaints.cli
import complaints.views
import core.audit.own_words
import core.cli
import core.screens
import core.views
import demo.cli
import disbursement.audit_words
import disbursement.cli
import disbursement.views
import portal.audit_words
import portal.views
import programmes.audit_words
import programmes.cli
import programmes.views
import publicity.audit_words
import publicity.cli
import publicity.views
import reconciliation.audit_words
import reconciliation.cli
import reconciliation.views
import registry.audit_words
import registry.cli
import registry.views
import sms.audit_words
import sms.cli
import sms.views
import sms.webhooks
from core import jobs, logs, unreachable, web
from core.database import db, migrate, tune_sqlite
from core.encryption import Keyring
from core.settings import Settings, SettingsError

STAFF_DOOR = (
    accounts.views.blueprint,
    complaints.views.blueprint,
    core.views.staff,
    disbursement.views.blueprint,
    portal.views.counter.blueprint,
    programmes.views.blueprint,
    publicity.views.blueprint,
    reconciliation.views.blueprint,
    registry.views.blueprint,
    sms.views.blueprint,
)
PUBLIC_DOOR = (portal.views.blueprint, sms.webhooks.blueprint)
COMMANDS = (
    accounts.cli,
    backups.cli,
    complaints.cli,
    core.cli,
    disbursement.cli,
    programmes.cli,
    publicity.cli,
    reconciliation.cli,
    registry.cli,
    sms.cli,
    demo.cli,
)


def settings_or_exit() -> Settings:
    """The settings of the environment. Where some are wrong, all faults are printed and the process ends."""
    try:
        return Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.exit(str(error))


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings (default: from the environment)."""
    settings = settings or settings_or_exit()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, instance_path=str(settings.instance.resolve()))
    configure(app, settings)
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            tune_sqlite(db.engine)
    logs.install(app)
    web.install(app, settings)
    unreachable.install(app)
    core.screens.install(app)
    accounts.sign_in.install(app)
    Bootstrap5(app)
    jobs.install(app, settings.jobs_url)
    open_doors(app, settings)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Flask's own settings, derived from ours."""
    app.extensions["settings"] = settings
    app.extensions["keyring"] = Keyring(settings.keys, settings.cipher)
    app.config.update(
        SECRET_KEY=settings.keys.signing,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
        MAX_CONTENT_LENGTH=(settings.upload_megabytes + 1) * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_over_tls,
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE="zh_CN",
    )
    if settings.is_production:
        app.config["TRUSTED_HOSTS"] = [
            settings.base_url.split("://", 1)[1].rsplit(":", 1)[0],
            "localhost",
            "127.0.0.1",
        ]
    if settings.proxies:
        count = settings.proxies
        # The host is the one that the proxy passes on as such: X-Forwarded-Host is the client's own word where a proxy
        # does not overwrite it. Flask's own way to put a layer around an application is to replace this method.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def engine_options(settings: Settings) -> dict[str, Any]:
    """How the database is reached."""
    # The values of a failed statement are people's data; an error names the statement only.
    common: dict[str, Any] = {"hide_parameters": True}
    if not settings.database_url.startswith("postgresql"):
        return common
    # After the server has stood up again no request meets a dead connection; one that is gone without a word is given
    # up after some seconds, so that no thread waits for ever.
    limits = {"connect_timeout": 5, "tcp_user_timeout": 20_000, "keepalives_idle": 30}
    # A database that was made without UTF-8 would answer in bytes; so it can still be told what is wrong with it.
    return common | {"pool_pre_ping": True, "connect_args": limits | {"client_encoding": "utf8"}}


def open_doors(app: Flask, settings: Settings) -> None:
    """Blueprints of the doors that this process opens, what is there at both, and the commands."""
    app.register_blueprint(core.views.blueprint)
    if "public" in settings.doors:
        for blueprint in PUBLIC_DOOR:
            app.register_blueprint(blueprint)
    if "staff" in settings.doors:
        for blueprint in STAFF_DOOR:
            app.register_blueprint(blueprint)
    for room in COMMANDS:
        for group in room.commands:
            app.cli.add_command(group)
