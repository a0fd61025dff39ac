"""The documents that a process has made, one per revision of a definition and edition."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from threading import Lock
from uuid import UUID

from app.concurrency import deadline
from app.openapi.document import document
from app.openapi.editions import Edition, in_3_0
from app.services.definitions import Revision
from schemas.document import dump

MAX_DOCUMENTS = 100


@dataclass(frozen=True, slots=True)
class Document:
    """The JSON text, and the opaque tag that stands for it.

    The same in every process. Not the revision alone: a release or a setting changes the text.
    """

    text: bytes
    tag: str


class Documents:
    """Made when first asked for; the last `MAX_DOCUMENTS` that were used are kept."""

    def __init__(self, base_path: str, schemes: Iterable[str] = ()) -> None:
        """``schemes``: the ways to say who asks, as `document` takes them."""
        self._base_path = base_path
        self._schemes = tuple(schemes)
        self._lock = Lock()
        self._made: OrderedDict[tuple[int, UUID, Edition], Document] = OrderedDict()

    def of(self, revision: Revision, edition: Edition = Edition.V3_1) -> Document:
        key = (revision.tenant, revision.tag, edition)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        # Half a second of work for a large definition.
        made = deadline.without_blocking(partial(self._make, revision, edition))
        with self._lock:
            self._made[key] = made
            if len(self._made) > MAX_DOCUMENTS:
                self._made.popitem(last=False)
        return made

    def _make(self, revision: Revision, edition: Edition) -> Document:
        made = document(revision, self._base_path, self._schemes)
        text = dump(in_3_0(made) if edition is Edition.V3_0 else made)
        digest = blake2b(text, digest_size=16).hexdigest()
        return Document(text, f"{revision.number}-{digest}")
