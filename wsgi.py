"""The WSGI entry point: one application per worker process, made after the fork."""

from app.factory import create_app
from app.settings import read_settings

app = create_app(read_settings())
