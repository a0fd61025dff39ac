"""The ASGI entry point, for servers other than gunicorn: see `app.serving.bridge`."""

from app.serving.bridge import Bridge
from wsgi import app as wsgi_app

app = Bridge(wsgi_app)
