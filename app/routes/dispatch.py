"""From a handler to a view: under the definition that is in force for the tenant."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g

from app.routes import requests
from app.services.definitions import Definitions, Revision

Handler = Callable[..., Response]
View = Callable[..., Response]


class Dispatch:
    """Makes views of handlers, whose first argument is the definition's revision.

    A handler is called again where the definition was changed meanwhile.
    """

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def __call__(self, handler: Handler, *, fresh: bool = False) -> View:
        """``fresh``: not even a revision of half a second ago will do."""

        @wraps(handler)
        def view(**path: Any) -> Response:
            def handle(revision: Revision) -> Response:
                g.revision = revision
                return handler(revision, **path)

            return self._definitions.run(requests.tenant(), handle, fresh=fresh)

        return view
