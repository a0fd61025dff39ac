"""Documents of the service itself: one row each, written on the condition of its tag."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from app.dao.base import DocumentDao
from app.dao.errors import VersionConflict
from app.dao.values import SERVER, DocumentKey, StoredDocument
from tests.contract.steps import until
from tests.support.creators import a_tenant

WRITERS = 8


def a_document(
    dao: DocumentDao, key: DocumentKey, content: bytes = b"{}", keep_for: int = 0
) -> UUID:
    """The tag of a document that was not there before."""
    tag = uuid4()
    dao.put_document(key, content, expected=None, tag=tag, keep_for=keep_for)
    return tag


def a_key(name: str = "name") -> DocumentKey:
    return DocumentKey(a_tenant(), "kind", name)


def test_a_document_that_never_existed_is_none(dao: DocumentDao) -> None:
    assert dao.get_document(a_key()) is None


def test_what_is_put_is_read_back(dao: DocumentDao) -> None:
    tag = a_document(dao, key := a_key("näme"), b'{"a": "\xc3\xa9\\u00e9"}')
    assert dao.get_document(key) == StoredDocument("näme", tag, b'{"a": "\xc3\xa9\\u00e9"}')


def test_a_document_is_replaced_by_whoever_knows_its_tag(dao: DocumentDao) -> None:
    first, second = a_document(dao, key := a_key()), uuid4()
    dao.put_document(key, b"2", expected=first, tag=second)
    assert dao.get_document(key) == StoredDocument("name", second, b"2")


@pytest.mark.parametrize("expected", [None, uuid4()])
def test_a_document_with_another_tag_is_kept(dao: DocumentDao, expected: UUID | None) -> None:
    tag = a_document(dao, key := a_key(), b"1")
    with pytest.raises(VersionConflict):
        dao.put_document(key, b"2", expected=expected, tag=uuid4())
    assert dao.get_document(key) == StoredDocument("name", tag, b"1")


def test_a_document_that_is_not_there_has_no_tag_to_expect(dao: DocumentDao) -> None:
    with pytest.raises(VersionConflict):
        dao.put_document(key := a_key(), b"1", expected=uuid4(), tag=uuid4())
    assert dao.get_document(key) is None


def test_of_writers_that_expect_one_tag_just_one_is_applied(dao: DocumentDao) -> None:
    first = a_document(dao, key := a_key())

    def applied(number: int) -> bool:
        try:
            dao.put_document(key, b"%d" % number, expected=first, tag=uuid4())
        except VersionConflict:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        outcomes = list(pool.map(applied, range(WRITERS)))
    assert sum(outcomes) == 1
    stored = dao.get_document(key)
    assert stored
    assert stored.content == b"%d" % outcomes.index(True)


def test_a_document_is_deleted_by_whoever_knows_its_tag(dao: DocumentDao) -> None:
    tag = a_document(dao, key := a_key())
    dao.delete_document(key, uuid4())
    assert dao.get_document(key) is not None
    dao.delete_document(key, tag)
    dao.delete_document(key, tag)
    assert dao.get_document(key) is None
    a_document(dao, key, b"again")


def test_documents_of_a_kind_are_listed_by_name(dao: DocumentDao) -> None:
    scope = a_tenant()
    keys = [DocumentKey(scope, "kind", name) for name in ("b", "", "c", "a")]
    tags = {key.name: a_document(dao, key, key.name.encode()) for key in keys}
    a_document(dao, DocumentKey(scope, "kinds", "d"))
    a_document(dao, DocumentKey(scope + 10**15, "kind", "e"))
    dao.delete_document(keys[2], tags["c"])
    assert dao.list_documents(scope, "kind") == [
        StoredDocument(name, tags[name], name.encode()) for name in ("", "a", "b")
    ]
    assert dao.list_documents(scope, "none") == []


def test_the_server_has_documents_of_its_own(dao: DocumentDao) -> None:
    kind = uuid4().hex
    tag = a_document(dao, DocumentKey(SERVER, kind))
    assert dao.list_documents(SERVER, kind) == [StoredDocument("", tag, b"{}")]
    assert dao.list_documents(a_tenant(), kind) == []


def test_the_scopes_that_have_a_document_of_a_kind_are_listed_in_order(dao: DocumentDao) -> None:
    kind, scopes = uuid4().hex, [a_tenant() for _ in range(3)]
    for scope in reversed(scopes):
        a_document(dao, DocumentKey(scope, kind, "a"))
        a_document(dao, DocumentKey(scope, kind, "b"))
    a_document(dao, DocumentKey(a_tenant(), "kind", "c"))
    gone = DocumentKey(a_tenant(), kind)
    dao.delete_document(gone, a_document(dao, gone))
    assert dao.list_scopes(kind) == scopes


def test_a_document_is_kept_as_long_as_its_last_change_says(dao: DocumentDao) -> None:
    short, long, lasting = a_key(), a_key(), a_key()
    tags = [a_document(dao, key, keep_for=3) for key in (short, lasting)]
    dao.put_document(lasting, b"2", expected=tags[1], tag=uuid4())
    dao.put_document(long, b"2", expected=a_document(dao, long), tag=uuid4(), keep_for=3)
    assert None not in [dao.get_document(key) for key in (short, long, lasting)]
    until(lambda: dao.get_document(short) is dao.get_document(long) is None or None)
    assert dao.list_documents(short.scope, short.kind) == []
    stored = dao.get_document(lasting)
    assert stored
    assert stored.content == b"2"
    a_document(dao, short, b"again")
