"""The definition of a tenant, as one process knows it while it is changed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from app.dao.errors import DeadlineExceeded, DefinitionChanged, VersionConflict
from app.dao.values import DocumentKey, StoredDocument
from app.services.definitions import Definitions, Revision
from app.services.errors import ExtensionNotDefined
from schemas.faults import Fault, Invalid
from tests.api.failing_dao import FailingDao
from tests.unit.schemas import a_definition

TENANT = 1
SEED, CHANGED = a_definition({"A": {}}), a_definition({"B": {}})


class Documents(FailingDao):
    """Keeps documents; ``meanwhile`` is called while the next one is put."""

    def __init__(self) -> None:
        super().__init__(None)
        self.kept: dict[DocumentKey, StoredDocument] = {}
        self.meanwhile: Callable[[], Any] | None = None

    def get_document(self, *arguments: Any) -> StoredDocument | None:
        return self.kept.get(arguments[0])

    def put_document(self, *arguments: Any, **options: Any) -> None:
        key, content = arguments
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        if self._tag(key) != options["expected"]:
            raise VersionConflict
        self.kept[key] = StoredDocument(key.name, options["tag"], content)

    def _tag(self, key: DocumentKey) -> UUID | None:
        return self.kept[key].tag if key in self.kept else None


@pytest.fixture
def dao() -> Documents:
    return Documents()


@pytest.fixture
def definitions(dao: Documents) -> Definitions:
    return Definitions(dao, SEED)


def test_a_change_is_known_at_once_where_it_was_made(definitions: Definitions) -> None:
    changed = definitions.replace(definitions.current(TENANT), CHANGED)
    assert definitions.current(TENANT) == changed
    assert (changed.number, changed.definition) == (2, CHANGED)


def test_tenants_with_one_definition_share_what_is_compiled_of_it(
    definitions: Definitions, dao: Documents
) -> None:
    ours, theirs = definitions.current(TENANT), definitions.current(2)
    assert (theirs.schema, theirs.identity) == (ours.schema, ours.identity)
    assert theirs.tag != ours.tag
    changed = definitions.replace(theirs, CHANGED)
    assert definitions.current(TENANT) == ours
    assert changed.schema != ours.schema
    elsewhere = Definitions(dao, SEED).refreshed(2)
    assert (elsewhere, elsewhere.schema) == (changed, changed.schema)


class Away(Documents):
    """Nobody can ask it for a document once it is ``away``."""

    away = False

    def get_document(self, *arguments: Any) -> StoredDocument | None:
        if self.away:
            raise DeadlineExceeded
        return super().get_document(*arguments)


@pytest.mark.parametrize("refusal", [Invalid([Fault("/A", "x")]), ExtensionNotDefined()])
def test_what_is_wrong_is_told_also_where_there_is_no_time_to_ask_again(
    refusal: Exception,
) -> None:
    dao = Away()
    definitions = Definitions(dao, SEED)

    def refuse(_: Revision) -> None:
        dao.away = True
        raise refusal

    with pytest.raises(type(refusal)):
        definitions.run(TENANT, refuse)


def test_what_was_just_defined_is_not_refused(definitions: Definitions, dao: Documents) -> None:
    seeded = definitions.current(TENANT)
    definitions.confirm(seeded)
    Definitions(dao, SEED).replace(seeded, CHANGED)

    def known(revision: Revision) -> str:
        if revision.definition != CHANGED:
            raise Invalid([Fault("/B", "is not known here")])
        return "taken"

    assert definitions.run(TENANT, known) == "taken"


def test_a_change_that_nobody_can_be_asked_for_is_no_fault_of_the_body() -> None:
    dao = Away()
    definitions = Definitions(dao, SEED)

    def change(_: Revision) -> None:
        dao.away = True
        raise DefinitionChanged

    with pytest.raises(DeadlineExceeded):
        definitions.run(TENANT, change)


def test_a_read_during_a_change_does_not_hide_it(definitions: Definitions, dao: Documents) -> None:
    seeded = definitions.current(TENANT)
    definitions.confirm(seeded)
    read = list[Revision]()
    dao.meanwhile = lambda: read.append(definitions.refreshed(TENANT))
    changed = definitions.replace(seeded, CHANGED)
    assert [each.tag for each in read] == [seeded.tag]
    assert definitions.current(TENANT) == changed
