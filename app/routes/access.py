"""Whether a request may do what it asks for."""

from functools import partial

from flask import Flask, Response, g, request

from app.access.credentials import Credentials
from app.access.errors import TenantNotAllowed
from app.access.gate import Gate, refuse_beyond
from app.access.principal import ANYBODY, Principal
from app.access.privileges import Privilege, PrivilegesMissing
from app.access.rates import Rate
from app.limits import KEY_HEADER
from app.operations import OPERATIONS, Operation
from app.routes import requests
from app.services.profiles import Order
from app.services.readable import Readable


def register_access(app: Flask, gate: Gate) -> None:
    """Let ``app`` ask before every request; a route that is not in the table is never served."""
    app.before_request(partial(_check, gate))
    app.after_request(_tell_rate)


def principal() -> Principal | None:
    """Whoever the request comes from; None where nobody was asked, or nobody is known."""
    found: Principal | None = g.get("principal")
    return found


def may(privilege: Privilege) -> bool:
    found = principal()
    return found is not None and privilege in found.privileges


def readable() -> Readable:
    """What of stored profiles the principal may be told."""
    return Readable(
        attributes=may(Privilege.READ_PROFILE),
        records=may(Privilege.READ_EXTENSION),
        sensitive=may(Privilege.READ_SENSITIVE),
    )


def need(*privileges: Privilege) -> None:
    """:raises PrivilegesMissing: the principal lacks some of ``privileges``."""
    _need(principal(), privileges)


def need_for_answer(order: Order) -> None:
    """Who asks for the whole profile in the answer must be one who may read it.

    :raises PrivilegesMissing: the principal may not.
    """
    if order.whole:
        need(Privilege.READ_PROFILE, Privilege.READ_EXTENSION)


def _check(gate: Gate) -> None:
    """Before anything else of the request is looked at.

    An unknown path or method goes on to its 404 or 405, and OPTIONS, which browsers send
    without credentials, to its list of methods: neither says anything of a profile.
    """
    g.principal = None
    operation = OPERATIONS[request.endpoint] if request.endpoint else None
    address = request.remote_addr or ""
    if operation is None or operation.public or request.method == "OPTIONS":
        if operation is None or operation.limited:
            _count(gate, ANYBODY, address)
        return
    given = Credentials(requests.header("Authorization"), requests.header(KEY_HEADER))
    found = g.principal = gate.principal(given, address)
    _count(gate, found, address)
    if operation.of_tenant and not found.may_use(requests.tenant()):
        raise TenantNotAllowed
    _need(found, _needs(operation))


def _count(gate: Gate, caller: Principal, address: str) -> None:
    """:raises TooManyRequests: the limit of the caller, or of nobody's ``address``, is used up."""
    rate = g.rate = gate.spend(caller, address)
    if rate:
        refuse_beyond(rate)


def _need(found: Principal | None, privileges: tuple[Privilege, ...]) -> None:
    missing = [each for each in privileges if found is None or each not in found.privileges]
    if missing:
        raise PrivilegesMissing(missing)


def _needs(operation: Operation) -> tuple[Privilege, ...]:
    creates = operation.to_create and requests.precondition().asks_for_none
    return operation.to_create if creates else operation.needs


def _tell_rate(response: Response) -> Response:
    """As draft 10 of RateLimit header fields for HTTP has it
    (draft-ietf-httpapi-ratelimit-headers)."""
    rate: Rate | None = g.get("rate")
    if rate is not None:
        response.headers["RateLimit-Policy"] = f'"requests";q={rate.limit};w=1'
        response.headers["RateLimit"] = f'"requests";r={rate.remaining};t={rate.reset}'
    return response
