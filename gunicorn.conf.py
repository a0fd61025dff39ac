from app.server import *  # noqa: F403
