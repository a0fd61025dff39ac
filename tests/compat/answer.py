"""Comparing a whole answer with the one that is written."""

from werkzeug.wrappers import Response

from tests.compat.exchange import Exchange
from tests.compat.matching import Difference, Names, compact, in_order, problem

JSON, PROBLEM = "application/json", "application/problem+json"


def compare(exchange: Exchange, answered: Response, names: Names) -> Names:
    """``names``, and those that the answer gives.

    :raises Difference: it is not the one that is written; it gives no names then.
    """
    found, text = names.copy(), answered.get_data(as_text=True)
    what = f"{exchange.place}: {exchange.about}\n{answered.status}\n{answered.headers}{text}\n"
    found.compare(f"{what}status", str(exchange.status), str(answered.status_code))
    for name, written in exchange.answer.headers:
        found.compare(f"{what}{name}", written, _header(answered, name))
    for name, holds in _always(answered).items():
        if not holds:
            raise Difference(f"{what}{name} is wrong")
    body = exchange.answer.body
    if exchange.code:
        found.compare(what, problem(exchange.status, exchange.code, body), in_order(text))
    else:
        found.compare(what, compact(body or ""), compact(text))
    return found


def _header(answered: Response, name: str) -> str:
    """Its value, empty where the answer does not have it; the order of methods says nothing."""
    values = ", ".join(answered.headers.getlist(name))
    return ", ".join(sorted(values.split(", "))) if name == "Allow" else values


def _always(answered: Response) -> dict[str, bool]:
    """What holds for every answer, so that it needs no line in each."""
    status, headers = answered.status_code, answered.headers
    media_type = PROBLEM if status >= 400 else JSON
    return {
        "Content-Type": not answered.data or answered.content_type == media_type,
        "Cache-Control": status < 400 or headers.get("Cache-Control") == "no-store",
        "Retry-After": status != 503 or headers.get("Retry-After", "").isdecimal(),
        "Allow": status != 405 or bool(headers.get("Allow")),
    }
