from app.serving.gunicorn_config import *  # noqa: F403
