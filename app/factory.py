"""The composition root of HTTP: settings in, a Flask application out."""

from collections.abc import Callable

from flask import Blueprint, Flask, Response

from app.core import Core, compose
from app.dao.base import Dao
from app.logs import configure_logs
from app.problems import register_problems
from app.routes import requests
from app.routes.access import register_access
from app.routes.dispatch import Dispatch
from app.routes.extensions import ExtensionRoutes
from app.routes.health import HealthRoutes
from app.routes.identification import IdentificationRoutes
from app.routes.metadata import MetadataRoutes
from app.routes.profiles import ProfileRoutes
from app.routes.server import ServerRoutes
from app.services.cursors import Cursors
from app.services.extensions import ExtensionService
from app.services.history import HistoryService
from app.services.identification import IdentifyService
from app.services.merges import MergeService
from app.services.server import ServerMode, Usage
from app.settings import Settings
from app.stores import open_dao

STORE = "profiles.store"
JOBS = "profiles.jobs"
USAGE = "profiles.usage"


class JsonResponse(Response):
    """Also the answers that Flask makes itself, such as to OPTIONS, are no HTML."""

    default_mimetype = "application/json"


class ProfilesApp(Flask):
    """The Flask application of this service."""

    response_class = JsonResponse


def create_app(settings: Settings, dao: Dao | None = None) -> Flask:
    """The service as ``settings`` describe it, on ``dao`` or the store that they name.

    Opens no connection and starts no thread: that is left to the process that serves.

    :raises WrongSetting: the definition cannot be used.
    """
    configure_logs()
    core = compose(settings, dao or open_dao(settings.store))
    app = ProfilesApp("customer-profiles", static_folder=None)
    # One more than is taken: a streamed body is cut here, and so told from one that fits.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body + 1
    app.url_map.merge_slashes = False
    register_problems(app)
    register_access(app)
    mode, usage = ServerMode(core.dao), Usage(core.dao)
    app.extensions |= {STORE: core.dao, JOBS: core.runner, USAGE: usage}
    app.after_request(_counting(usage))
    app.register_blueprint(HealthRoutes(core.dao).blueprint())
    for blueprint in (
        _profiles(core, mode),
        _metadata(core),
        ServerRoutes(mode, usage).blueprint(),
    ):
        prefix = settings.base_path + (blueprint.url_prefix or "")
        app.register_blueprint(blueprint, url_prefix=prefix or None)
    return app


def _profiles(core: Core, mode: ServerMode) -> Blueprint:
    cursors, history = Cursors(core.dao), HistoryService(core.dao, core.survivors)
    merges = MergeService(core.dao, core.writer, core.survivors, core.keep_past_for)
    identify = IdentifyService(core.dao, core.survivors, core.jobs)
    extensions = ExtensionService(core.writer, core.survivors, core.keep_past_for)
    profiles, view = Blueprint("profiles", __name__), Dispatch(core.definitions)
    profiles.before_request(requests.check_acceptable)
    profiles.before_request(mode.check)
    ProfileRoutes(core.profile_service(), history, merges).register(profiles, view)
    IdentificationRoutes(identify, history, cursors).register(profiles, view)
    ExtensionRoutes(extensions, cursors).register(profiles, view)
    return profiles


def _metadata(core: Core) -> Blueprint:
    return MetadataRoutes(core.metadata_service(), core.jobs).blueprint(Dispatch(core.definitions))


def _counting(usage: Usage) -> Callable[[Response], Response]:
    def count(response: Response) -> Response:
        usage.count(response.status_code)
        return response

    return count
