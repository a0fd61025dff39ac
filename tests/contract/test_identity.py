"""What profiles are found by, and values that one profile at most may hold."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.dao.base import ProfileDao
from app.dao.errors import ValueTaken, VersionConflict
from app.dao.values import CORE, Change, ProfileKey, State, StoredProfile
from tests.contract.steps import commit_again, committed, found, read, until
from tests.support.creators import a_change, a_claim, a_key, a_tenant, an_entry

CREATORS = 64


def renewal(key: ProfileKey, stored: StoredProfile) -> Change:
    """``stored`` written once more, as the version that it is."""
    return replace(a_change(key, stored), version=stored.version, keep_past_for=0)


def test_a_profile_is_found_by_each_of_its_entries(dao: ProfileDao) -> None:
    entries = [an_entry("a"), an_entry("b"), an_entry("a", key="Phone"), a_claim("c")]
    key = a_key()
    dao.commit(a_change(key, entries=entries))
    assert [found(dao, key.tenant, entry) for entry in entries] == [[key.customer_id]] * 4


def test_another_value_key_or_tenant_finds_nothing(dao: ProfileDao) -> None:
    key = a_key()
    dao.commit(a_change(key, entries=[an_entry("a")]))
    assert found(dao, key.tenant, an_entry("b")) == []
    assert found(dao, key.tenant, an_entry("a", key="Phone")) == []
    assert found(dao, key.tenant + 10**15, an_entry("a")) == []


def test_entries_of_a_part_that_is_written_are_replaced(dao: ProfileDao) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[an_entry("a"), an_entry("b")]))
    dao.commit(a_change(key, stored, entries=[an_entry("b"), an_entry("c")]))
    assert found(dao, key.tenant, an_entry("a")) == []
    assert found(dao, key.tenant, an_entry("b")) == [key.customer_id]
    assert found(dao, key.tenant, an_entry("c")) == [key.customer_id]


def test_entries_of_a_part_that_is_not_written_stay(dao: ProfileDao) -> None:
    entries = {CORE: [an_entry("a")], "Phone": [an_entry("p", key="Phone")]}
    stored = committed(dao, a_change(key := a_key(), records={"Phone": [1]}, entries=entries))
    stored = committed(dao, a_change(key, stored, entries={CORE: [an_entry("b")]}))
    assert found(dao, key.tenant, an_entry("p", key="Phone")) == [key.customer_id]
    dao.commit(a_change(key, stored, records={"Phone": [2]}, entries={"Phone": []}))
    assert found(dao, key.tenant, an_entry("p", key="Phone")) == []
    assert found(dao, key.tenant, an_entry("b")) == [key.customer_id]


def test_entries_of_an_extension_go_with_it(dao: ProfileDao) -> None:
    entries = {CORE: [an_entry("a")], "Phone": [an_entry("p")]}
    stored = committed(dao, a_change(key := a_key(), records={"Phone": [1]}, entries=entries))
    dao.commit(a_change(key, stored, removed=frozenset({"Phone"})))
    assert found(dao, key.tenant, an_entry("p")) == []
    assert found(dao, key.tenant, an_entry("a")) == [key.customer_id]


def test_a_value_that_was_given_up_can_be_held_again(dao: ProfileDao) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[a_claim()]))
    for entries in ([], [a_claim()], [], [a_claim()]):
        stored = committed(dao, a_change(key, stored, entries=entries))
        assert found(dao, key.tenant, a_claim()) == [key.customer_id] * len(entries)


def test_a_refused_change_is_not_found_by_its_entries(dao: ProfileDao) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[an_entry("a")]))
    committed(dao, a_change(key, stored, entries=[an_entry("b")]))
    with pytest.raises(VersionConflict):
        dao.commit(a_change(key, stored, entries=[an_entry("c")]))
    assert found(dao, key.tenant, an_entry("b")) == [key.customer_id]
    assert found(dao, key.tenant, an_entry("c")) == []


def test_profiles_with_one_value_are_found_page_by_page_each_once(dao: ProfileDao) -> None:
    tenant = a_tenant()
    ids = sorted(_held_twice(dao, ProfileKey(tenant, f"id {number}")) for number in range(7))
    entry = an_entry()
    pages, after = [], ""
    while page := dao.find(tenant, entry.key, entry.value, after, 3):
        pages.append(page)
        after = page[-1]
    assert pages == [ids[:3], ids[3:6], ids[6:]]


def test_an_unread_version_is_replaced_if_the_core_entries_stay(dao: ProfileDao) -> None:
    entries = {CORE: [a_claim("a"), an_entry("b")], "Phone": [an_entry("p")]}
    stored = committed(dao, a_change(key := a_key(), records={"Phone": [1]}, entries=entries))
    for number in range(2):
        blind = a_change(
            key, stored.version, attributes={"n": number}, entries={CORE: entries[CORE]}
        )
        stored = committed(dao, blind)
        assert stored.attributes == blind.attributes
    for entry in [*entries[CORE], *entries["Phone"]]:
        assert found(dao, key.tenant, entry) == [key.customer_id]


@pytest.mark.parametrize(
    "entries", [[], [an_entry("a"), an_entry("b")], [an_entry("b")], [an_entry("a", key="Phone")]]
)
def test_an_unread_version_is_kept_if_the_core_entries_differ(
    dao: ProfileDao, entries: list[object]
) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[an_entry("a")]))
    with pytest.raises(VersionConflict):
        dao.commit(a_change(key, stored.version, entries=entries))
    assert read(dao, key).version == stored.version
    assert found(dao, key.tenant, an_entry("a")) == [key.customer_id]


def test_an_unread_version_with_another_tag_is_kept(dao: ProfileDao) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[an_entry("a")]))
    dao.commit(a_change(key, stored, entries=[an_entry("a")]))
    with pytest.raises(VersionConflict):
        dao.commit(a_change(key, stored.version, entries=[an_entry("a")]))


def test_a_claimed_value_is_refused_to_another_profile(dao: ProfileDao) -> None:
    dao.commit(a_change(holder := a_key(), entries=[a_claim()]))
    refused = a_change(a_key(holder.tenant), entries=[a_claim(), an_entry("b")])
    with pytest.raises(ValueTaken) as raised:
        dao.commit(refused)
    assert raised.value.key == "Email"
    assert dao.get(refused.key) is None
    assert found(dao, holder.tenant, a_claim()) == [holder.customer_id]
    assert found(dao, holder.tenant, an_entry("b")) == []


def test_a_change_that_is_refused_one_value_claims_no_other(dao: ProfileDao) -> None:
    others = [a_claim(text) for text in "abcdefgh"]
    dao.commit(a_change(holder := a_key(), entries=[a_claim()]))
    with pytest.raises(ValueTaken):
        dao.commit(a_change(a_key(holder.tenant), entries=[a_claim(), *others]))
    dao.commit(a_change(a_key(holder.tenant), entries=others))


def test_a_claimed_value_is_refused_to_a_profile_that_exists(dao: ProfileDao) -> None:
    holder = a_key()
    dao.commit(a_change(holder, entries=[a_claim()]))
    other = committed(dao, a_change(key := a_key(holder.tenant), entries=[a_claim("b")]))
    with pytest.raises(ValueTaken):
        dao.commit(a_change(key, other, entries=[a_claim()]))
    assert read(dao, key).version == other.version
    assert found(dao, key.tenant, a_claim("b")) == [key.customer_id]


def test_values_are_unique_within_a_tenant_and_a_key(dao: ProfileDao) -> None:
    dao.commit(a_change(key := a_key(), entries=[a_claim()]))
    dao.commit(a_change(a_key(key.tenant), entries=[a_claim(key="Phone")]))
    dao.commit(a_change(a_key(), entries=[a_claim()]))


@pytest.mark.parametrize("state", [State.LIVE, State.DELETED])
def test_a_value_is_free_once_its_holder_gives_it_up(dao: ProfileDao, state: State) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[a_claim()]))
    dao.commit(a_change(key, stored, entries=[], state=state))
    other = a_key(key.tenant)
    dao.commit(a_change(other, entries=[a_claim()]))
    assert found(dao, key.tenant, a_claim()) == [other.customer_id]


def test_a_refused_change_leaves_no_claim(dao: ProfileDao) -> None:
    stored = committed(dao, a_change(key := a_key()))
    committed(dao, a_change(key, stored))
    with pytest.raises(VersionConflict):
        dao.commit(a_change(key, stored, entries=[a_claim()]))
    dao.commit(a_change(a_key(key.tenant), entries=[a_claim()]))


def test_a_change_takes_over_the_values_of_its_source(dao: ProfileDao) -> None:
    source = a_key()
    given = committed(dao, a_change(source, entries=[a_claim()]))
    dao.commit(
        a_change(into := a_key(source.tenant), entries=[a_claim()], source=source.customer_id)
    )
    assert sorted(found(dao, into.tenant, a_claim())) == sorted(
        [source.customer_id, into.customer_id]
    )
    dao.commit(a_change(source, given, entries=[], state=State.ALIAS, heir=into.customer_id))
    assert found(dao, into.tenant, a_claim()) == [into.customer_id]
    with pytest.raises(ValueTaken):
        dao.commit(a_change(a_key(into.tenant), entries=[a_claim()]))


def test_an_heir_gives_up_values_like_any_others(dao: ProfileDao) -> None:
    source = a_key()
    given = committed(dao, a_change(source, entries=[a_claim()]))
    into = a_key(source.tenant)
    kept = committed(dao, a_change(into, entries=[a_claim()], source=source.customer_id))
    dao.commit(a_change(source, given, entries=[], heir=into.customer_id))
    dao.commit(a_change(into, kept, entries=[]))
    other = a_key(into.tenant)
    commit_again(dao, other, lambda stored: a_change(other, stored, entries=[a_claim()]))
    with pytest.raises(ValueTaken):
        dao.commit(a_change(a_key(into.tenant), entries=[a_claim()]))


def test_an_heir_that_does_not_hold_a_value_does_not_block_it(dao: ProfileDao) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[a_claim()]))
    dao.commit(a_change(heir := a_key(key.tenant)))
    dao.commit(a_change(key, stored, entries=[], heir=heir.customer_id))
    other = a_key(key.tenant)
    commit_again(dao, other, lambda stored: a_change(other, stored, entries=[a_claim()]))
    assert found(dao, key.tenant, a_claim()) == [other.customer_id]


def test_a_profile_may_claim_again_what_it_holds(dao: ProfileDao) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[a_claim()]))
    moved = {CORE: [], "Phone": [a_claim()]}
    dao.commit(a_change(key, stored, records={"Phone": [1]}, entries=moved))
    assert found(dao, key.tenant, a_claim()) == [key.customer_id]
    with pytest.raises(ValueTaken):
        dao.commit(a_change(a_key(key.tenant), entries=[a_claim()]))


def test_a_key_that_becomes_unique_claims_the_values_that_are_held(dao: ProfileDao) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[an_entry()]))
    dao.commit(replace(renewal(key, stored), entries={CORE: frozenset({a_claim()})}))
    assert found(dao, key.tenant, a_claim()) == [key.customer_id]
    with pytest.raises(ValueTaken):
        dao.commit(a_change(a_key(key.tenant), entries=[a_claim()]))


def test_a_renewal_refuses_changes_based_on_an_earlier_read(dao: ProfileDao) -> None:
    before = committed(dao, a_change(key := a_key(), attributes={"a": 1}, entries=[an_entry()]))
    after = committed(dao, replace(renewal(key, before), attributes=before.attributes))
    assert (after.version, after.attributes) == (before.version, before.attributes)
    assert found(dao, key.tenant, an_entry()) == [key.customer_id]
    for change in (a_change(key, before), renewal(key, before)):
        with pytest.raises(VersionConflict):
            dao.commit(change)
    assert read(dao, key).version == before.version
    dao.commit(a_change(key, after))


def test_a_renewal_writes_entries_takes_rows_away_and_leaves_no_past_row(dao: ProfileDao) -> None:
    entries = {CORE: [an_entry("a")], "Old": [an_entry("o")]}
    before = committed(dao, a_change(key := a_key(), records={"Old": [1]}, entries=entries))
    names, core = frozenset({"Old"}), frozenset({an_entry("b")})
    change = replace(renewal(key, before), keep_past_for=60, removed=names, entries={CORE: core})
    dao.commit(replace(change, extension_names=frozenset()))
    after = read(dao, key, "Old")
    assert (after.version, after.extensions, after.extension_names) == (
        before.version,
        {},
        frozenset(),
    )
    assert [found(dao, key.tenant, an_entry(text)) for text in "abo"] == [
        [],
        [key.customer_id],
        [],
    ]
    assert [row.version for row in dao.past(key, 100, 10)] == [before.version]


def test_of_creators_that_claim_one_value_just_one_is_applied(dao: ProfileDao) -> None:
    tenant = a_tenant()
    keys = [a_key(tenant) for _ in range(CREATORS)]
    with ThreadPoolExecutor(CREATORS) as pool:
        applied = [each for each in pool.map(lambda key: _created(dao, key), keys) if each]
    assert len(applied) == 1
    assert found(dao, tenant, a_claim()) == applied
    live = [key.customer_id for key in keys if _is_live(dao, key)]
    assert live == applied


def _held_twice(dao: ProfileDao, key: ProfileKey) -> str:
    """A profile that holds the value in two parts."""
    entries = {CORE: [an_entry()], "Phone": [an_entry()]}
    dao.commit(a_change(key, records={"Phone": [1]}, entries=entries))
    return key.customer_id


def _created(dao: ProfileDao, key: ProfileKey) -> str:
    """The id if the profile was created, '' if another one has the value."""

    def attempt() -> str | None:
        try:
            stored = dao.get(key, for_change=True)
            dao.commit(a_change(key, stored, entries=[a_claim()]))
        except ValueTaken:
            return ""
        except VersionConflict:
            return None
        return key.customer_id

    return until(attempt)


def _is_live(dao: ProfileDao, key: ProfileKey) -> bool:
    stored = dao.get(key)
    return stored is not None and stored.state is State.LIVE
