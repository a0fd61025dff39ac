"""``profiles serve``: run the service under gunicorn."""

import os
import socket
import sys

import click

from app.definition import load_definition
from app.protection import check_protected
from app.settings import Settings, WrongSetting, host_of, read_settings

_GUNICORN = ["gunicorn", "--config", "python:app.serving.gunicorn_config"]


@click.command()
def serve() -> None:
    """Serve on PROFILES_BIND until Ctrl-C or SIGTERM."""
    settings = read_settings()
    load_definition(settings)
    check_access(settings)
    check_free(settings.bind)
    os.execv(sys.executable, [sys.executable, "-m", *_GUNICORN])  # noqa: S606


def check_access(settings: Settings) -> None:
    """:raises WrongSetting: anybody could come in, or nobody could."""
    from app.authentication import check_access_file

    check_protected(settings, host_of(settings.bind))
    check_access_file(settings)


def check_free(bind: str) -> None:
    """:raises WrongSetting: the service cannot listen there."""
    port = bind.rpartition(":")[2]
    try:
        info = socket.getaddrinfo(host_of(bind), int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(*info[:3]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(info[4])
    except OSError as error:
        raise WrongSetting(
            f"Cannot listen on {bind} ({error.strerror}): end what listens there,"
            " or choose another address with PROFILES_BIND."
        ) from None
