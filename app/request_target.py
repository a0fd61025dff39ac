"""What HTTP demands of the target and the Host of a request, whichever server took it in.

Servers and proxies differ in what they take for one path or host. What some of them may read
in another way is refused here, so that no rule of a proxy is passed by.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Any

from werkzeug.exceptions import NotFound

from app.request_faults import InvalidHost

MAX_HOST = 255
_MAX_PORT = 65535
_ENCODED_SLASH = re.compile("%2f", re.IGNORECASE)
# Names as DNS and container networks have them; RFC 3986 would take more, also a comma, by which
# servers join two Host headers.
_HOST = re.compile(
    r"(?:[A-Za-z0-9._~-]+|\[(?P<address>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{0,5}))?"
)


def check_path(environ: Mapping[str, Any]) -> None:
    """
    :raises NotFound: the path has an empty segment, or a slash within one. No path of the
        service has, and routing would pass over the first ones.
    """
    if "//" in environ["PATH_INFO"]:
        raise NotFound
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if "%" in target and _ENCODED_SLASH.search(re.split("[?#]", target, maxsplit=1)[0]):
        raise NotFound


def check_host(environ: Mapping[str, Any]) -> None:
    """
    :raises InvalidHost: what RFC 9112 section 3.2 has a server refuse.
    """
    host: str | None = environ.get("HTTP_HOST")
    if host is None:
        if environ["SERVER_PROTOCOL"] == "HTTP/1.1":
            raise InvalidHost("header", {"Host": "is missing"})
    elif not is_host(host):
        raise InvalidHost("header", {"Host": "must be one host, with or without a port"})


@lru_cache(maxsize=64)
def is_host(text: str) -> bool:
    """Whether it is one host, with or without a port."""
    found = _HOST.fullmatch(text)
    if found is None or len(text) > MAX_HOST or int(found["port"] or 0) > _MAX_PORT:
        return False
    try:
        IPv6Address(found["address"] or "::")
    except AddressValueError:
        return False
    return True
