"""TLS as the driver takes it, and what its failures mean."""

from typing import Any

from app.dao.errors import StoreUnavailable
from app.tls import Tls, WrongTls

_HUNG_UP = "it hung up; does it speak TLS (tls=true), or want to know who we are (cert, key)?"

# What OpenSSL and the machine say of a connection, and what it means for the URL of the store.
_MEANINGS = {
    "certificate is not valid for": "its certificate is not for the address that it has here;"
    " tls_name can say what it is for",
    "CERTIFICATE_VERIFY_FAILED": "its certificate has expired, or is not from an authority in ca",
    "WRONG_VERSION_NUMBER": "it does not speak TLS; leave tls=true out",
    "EOF occurred": _HUNG_UP,
    "reset by peer": _HUNG_UP,
    "CERTIFICATE_REQUIRED": _HUNG_UP,
}


def encryption(tls: Tls | None) -> dict[str, Any]:
    """Arguments for the driver, which compares a certificate with the node's IP address unless
    it is given a name.

    :raises StoreUnavailable: a file was there at the start, and is not now.
    """
    if tls is None:
        return {}
    try:
        context = tls.context()
    except WrongTls as error:
        raise StoreUnavailable(str(error)) from error
    named = {"ssl_options": {"server_hostname": tls.name}} if tls.name else {}
    return {"ssl_context": context, **named}


def meaning(failure: str) -> str:
    """``failure`` as it is told: what to do about it, where that is known."""
    return next((told for sign, told in _MEANINGS.items() if sign in failure), failure)
