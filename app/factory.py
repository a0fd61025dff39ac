"""The composition root of HTTP: settings in, a Flask application out."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click
from flask import Blueprint, Flask, Response

from app import __version__, runtime
from app.access.gate import Gate
from app.access.rates import limiter
from app.access.watched import LOOK_SECONDS
from app.application import ProfilesApp
from app.authentication import open_authenticator
from app.core import Core, compose
from app.dao.base import Dao
from app.dao.measured import MeasuredDao
from app.logs import configure_logs
from app.openapi.documents import Documents
from app.parts import DEFINITIONS, DOCUMENTS, GATE, JOBS, SETTINGS, STORE, USAGE, WATCH, WATCHERS
from app.problems import register_problems
from app.routes import requests
from app.routes.access import register_access
from app.routes.dispatch import Dispatch
from app.routes.documents import DocumentRoutes
from app.routes.extensions import ExtensionRoutes
from app.routes.health import HealthRoutes
from app.routes.identification import IdentificationRoutes
from app.routes.metadata import MetadataRoutes
from app.routes.paths import Paths
from app.routes.profiles import ProfileRoutes
from app.routes.repeats import Repeats
from app.routes.server import ServerRoutes
from app.routes.watching import MetricsRoutes, Watch
from app.services.background import Background
from app.services.cursors import Cursors
from app.services.extensions import ExtensionService
from app.services.history import HistoryService
from app.services.identification import IdentifyService
from app.services.merges import MergeService
from app.services.receipts import Receipts
from app.services.sampling import Sampler
from app.services.server import ServerMode, Usage
from app.settings import AccessLog, Settings
from app.stores import open_dao
from app.watching import metrics, summary
from app.watching.spans import Tracing

if TYPE_CHECKING:
    from app.access.authenticator import Authenticator


def create_app(settings: Settings, dao: Dao | None = None) -> Flask:
    """The service as ``settings`` describe it, on ``dao`` or the store that they name.

    Opens no connection and starts no thread: that is left to the process that serves.

    :raises WrongSetting: the definition cannot be used.
    """
    configure_logs()
    metrics.tell_build(__version__)
    core = compose(settings, MeasuredDao(dao or open_dao(settings.store)))
    app = ProfilesApp("customer-profiles", static_folder=None)
    # One more than is taken: a streamed body is cut here, and so told from one that fits.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body + 1
    app.url_map.merge_slashes = False
    tracing = _open_tracing() if settings.tracing else None
    watch = Watch(tracing, log_each=settings.access_log is AccessLog.JSON)
    watch.register(app)
    register_problems(app)
    authenticator = open_authenticator(settings)
    gate = Gate(authenticator, limiter(settings.rate_limit, runtime.folder()))
    register_access(app, gate)
    if settings.cors_origins:
        from app.routes.cross_origin import register_cross_origin

        register_cross_origin(app, settings.cors_origins)
    mode, usage = ServerMode(core.dao), Usage(core.dao)
    sampler, documents = Sampler(core.dao), Documents(settings.base_path, settings.auth)
    app.extensions |= {STORE: core.dao, JOBS: core.runner, USAGE: usage, WATCH: watch, GATE: gate}
    app.extensions |= {DEFINITIONS: core.definitions, DOCUMENTS: documents, SETTINGS: settings}
    app.extensions[WATCHERS] = _watchers(settings, sampler, tracing)
    if authenticator:
        look = partial(_look_at_access_file, authenticator)
        app.extensions[WATCHERS].append(Background(look, LOOK_SECONDS))
    app.after_request(_counting(usage))
    app.register_blueprint(HealthRoutes(core.dao).blueprint())
    app.register_blueprint(MetricsRoutes(sampler).blueprint())
    for blueprint in (
        _profiles(core, mode, require_if_match=settings.require_if_match),
        _metadata(core),
        ServerRoutes(mode, usage).blueprint(),
        DocumentRoutes(documents).blueprint(Dispatch(core.definitions)),
    ):
        prefix = settings.base_path + (blueprint.url_prefix or "")
        app.register_blueprint(blueprint, url_prefix=prefix or None)
    return app


def _open_tracing() -> Tracing:
    from app.watching.tracing import OpenTelemetry

    return OpenTelemetry()


def _watchers(
    settings: Settings, sampler: Sampler, tracing: Tracing | None
) -> list[Sampler | Tracing | Background]:
    """What watches beside the requests."""
    watchers: list[Sampler | Tracing | Background] = [sampler]
    if tracing:
        watchers.append(tracing)
    if settings.access_log is AccessLog.SUMMARY:
        tell = summary.Summary(runtime.Election("summary").won, click.echo)
        watchers.append(Background(tell, summary.SECONDS))
    return watchers


def _look_at_access_file(authenticator: "Authenticator") -> None:
    """Also in a worker that is not asked, so that all of them have one version in force."""
    metrics.ACCESS_FILE_REFUSED.set(not authenticator.look())


def _profiles(core: Core, mode: ServerMode, *, require_if_match: bool) -> Blueprint:
    cursors, history = Cursors(core.dao), HistoryService(core.dao, core.survivors)
    merges = MergeService(core.dao, core.writer, core.survivors, core.keep_past_for)
    identify = IdentifyService(core.dao, core.survivors, core.jobs)
    extensions = ExtensionService(core.writer, core.survivors, core.keep_past_for)
    profiles, view = Paths("profiles", __name__), Dispatch(core.definitions)
    profiles.before_request(requests.check_acceptable)
    profiles.before_request(mode.check)
    if require_if_match:
        profiles.before_request(requests.require_precondition)
    Repeats(Receipts(core.dao), history, core.definitions).register(profiles)
    service = core.profile_service()
    ProfileRoutes(service, history, merges).register(profiles, view)
    IdentificationRoutes(identify, service, history, cursors).register(profiles, view)
    ExtensionRoutes(extensions, cursors).register(profiles, view)
    return profiles


def _metadata(core: Core) -> Blueprint:
    return MetadataRoutes(core.metadata_service(), core.jobs).blueprint(Dispatch(core.definitions))


def _counting(usage: Usage) -> Callable[[Response], Response]:
    def count(response: Response) -> Response:
        usage.count(response.status_code)
        return response

    return count
