"""Whether a request may do what it asks for."""

from flask import Flask, g, request

from app.access.principal import ANYBODY, Principal
from app.access.privileges import Privilege, PrivilegesMissing
from app.operations import OPERATIONS


def register_access(app: Flask) -> None:
    """Let ``app`` ask before every request; a route that is not in the table is never served."""
    app.before_request(_check)


def principal() -> Principal:
    """Whoever the request comes from."""
    found: Principal = g.principal
    return found


def may(privilege: Privilege) -> bool:
    return privilege in principal().privileges


def need(*privileges: Privilege) -> None:
    """:raises PrivilegesMissing: the principal lacks some of ``privileges``."""
    missing = [each for each in privileges if not may(each)]
    if missing:
        raise PrivilegesMissing(missing)


def _check() -> None:
    g.principal = ANYBODY
    if request.endpoint is not None:
        need(*OPERATIONS[request.endpoint].needs)
