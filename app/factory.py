"""The composition root: settings in, a Flask application out."""

from flask import Flask, Response

from app.dao.base import ProfileDao
from app.definition import load_schema
from app.logs import configure_logs
from app.problems import register_problems
from app.routes.health import HealthRoutes
from app.routes.profiles import ProfileRoutes
from app.services.profiles import ProfileService
from app.settings import Settings
from app.stores import open_dao

STORE = "profiles.store"


class JsonResponse(Response):
    """Also the answers that Flask makes itself, such as to OPTIONS, are no HTML."""

    default_mimetype = "application/json"


class ProfilesApp(Flask):
    """The Flask application of this service."""

    response_class = JsonResponse


def create_app(settings: Settings, dao: ProfileDao | None = None) -> Flask:
    """The service as ``settings`` describe it, on ``dao`` or the store that they name.

    Opens no connection: that is left to the process that serves.

    :raises WrongSetting: the definition cannot be used.
    """
    configure_logs()
    schema = load_schema(settings)
    dao = dao or open_dao(settings.store)
    service = ProfileService(dao, schema.extensions, settings.keep_past_for)
    app = ProfilesApp("customer-profiles", static_folder=None)
    # One more than is taken: a streamed body is cut here, and so told from one that fits.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body + 1
    app.url_map.merge_slashes = False
    app.extensions[STORE] = dao
    register_problems(app)
    app.register_blueprint(HealthRoutes(dao).blueprint())
    profiles = ProfileRoutes(service, schema).blueprint()
    app.register_blueprint(profiles, url_prefix=settings.base_path or None)
    return app
