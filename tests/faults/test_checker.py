"""The checker: green on what a right service does, red by the right rule on each defect."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import history
from tests.faults.bodies import address, attributes, phone
from tests.faults.checker import check, longest_gap
from tests.faults.history import Outcome, Verb
from tests.faults.story import Story, parts
from tests.faults.told import Found, StoredVersion
from tests.faults.violations import Rule


@pytest.fixture
def story() -> Story:
    """Each verb at least once, all as it should be."""
    story = Story()
    story.create("A")
    story.read("A")
    story.update("A", if_match=story.tag("A", 1))
    story.create("B")
    story.write(Verb.PATCH, "A", lambda m: {"Title": m, "Address": {"City": m}})
    story.write(Verb.INSERT, "A", lambda m: {"Phone": phone("A-1", m)})
    story.write(Verb.UPDATE, "B", lambda m: {**attributes(m), **address(m)})
    story.identify(story.last(), "B")
    story.merge("A", "B")
    story.read("B")
    story.refused(Verb.UPDATE, "A")
    story.create("C")
    story.delete("C")
    story.read("C")
    story.create("C")
    story.read("C")
    return story


def test_a_right_history_is_green(story: Story) -> None:
    report = story.judged()
    assert report.violations == []
    assert report.operations == len(story.operations)
    assert report.lost == report.left == report.settled == 0


def test_a_lost_update_is_red(story: Story) -> None:
    """Another writer's row took its place."""
    lost, _ = story.update("C"), story.update("C")
    rows = story.rows["C"]
    second = replace(rows.pop(), number=rows[-1].number, tag=rows[-1].tag)
    rows[-1] = second
    story.contents["C"].pop(-2)
    broken = story.judged()
    assert Rule.LOST in {each.rule for each in broken.violations}
    assert [each for each in broken.violations if each.evidence[:1] == (lost,)]
    assert broken.lost == 1


def test_a_write_that_vanished_with_the_last_version_is_red(story: Story) -> None:
    story.update("C")
    story.rows["C"].pop()
    story.contents["C"].pop()
    assert story.broken() == {Rule.LOST}


def test_a_write_that_was_applied_twice_is_red(story: Story) -> None:
    story.update("C")
    again = replace(story.rows["C"][-1], number=5, tag=story.tag("C", 5))
    story.rows["C"].append(again)
    story.contents["C"].append(story.contents["C"][-1])
    assert story.broken() == {Rule.TWICE}


def test_a_refused_write_that_is_there_is_red(story: Story) -> None:
    written = story.update("C")
    story.replace(written, outcome=Outcome.REFUSED, status=503, code="store_busy", tag="")
    assert story.broken() == {Rule.REFUSED}


def test_an_unknown_write_may_be_there_or_not(story: Story) -> None:
    written = story.update("C")
    story.replace(written, outcome=Outcome.UNKNOWN, status=0, tag="")
    story.replace(story.refused(Verb.UPDATE, "C"), outcome=Outcome.UNKNOWN, status=0, code="")
    report = story.judged()
    assert (report.violations, report.left) == ([], 2)


def test_a_mixture_of_two_writes_in_a_version_is_red(story: Story) -> None:
    story.update("C")
    mixed = {**story.contents["C"][-1], "Title": story.contents["C"][-2]["Title"]}  # type: ignore[dict-item, index]
    _hold(story, "C", mixed)
    assert story.broken() == {Rule.MIXED}


def test_a_mixture_of_attributes_and_records_of_two_writes_is_red(story: Story) -> None:
    before = story.contents["C"][-1]
    story.write(Verb.UPDATE, "C", lambda m: {**attributes(m), **address(m)})
    _hold(story, "C", {**story.contents["C"][-1], "Address": before["Address"]})  # type: ignore[dict-item, index]
    assert story.broken() == {Rule.MIXED}


def test_a_mixture_in_an_answer_alone_is_red(story: Story) -> None:
    read = story.read("C")
    story.replace(read, answer={**read.answer, "Title": "m0"})
    assert story.broken() == {Rule.MIXED}


def test_a_merge_that_lost_a_part_of_its_source_is_red(story: Story) -> None:
    story.create("D")
    story.merge("C", "D")
    without = {**story.contents["C"][-1], "EmailAddress": story.contents["C"][-2]["EmailAddress"]}  # type: ignore[dict-item, index]
    _hold(story, "C", without)
    assert story.broken() == {Rule.MIXED}


def test_a_write_to_a_source_that_its_merge_did_not_take_in_is_red(story: Story) -> None:
    story.create("D")
    story.merge("C", "D")
    late = story.refused(Verb.UPDATE, "D")
    story.replace(late, outcome=Outcome.UNKNOWN, status=0, code="")
    written = {"attributes": attributes(late.marker)}
    row = StoredVersion(3, story.tag("D", 3), Verb.UPDATE, late.marker, written)
    story.rows["D"].append(row)
    story.contents["D"].append(attributes(late.marker))
    assert Rule.MIXED in story.broken()


def test_a_stale_identity_at_the_end_is_red(story: Story) -> None:
    old = story.last()
    story.update("C")
    told = story.told()
    stale = Found(frozenset([("EmailAddress", f"{old}@faults.example")]), frozenset("C"))
    found = tuple(each for each in told.found if each.values != stale.values)
    report = check(story.operations, replace(told, found=(*found, stale)))
    assert [each.rule for each in report.violations] == [Rule.STALE]


def test_a_missing_identity_at_the_end_is_red(story: Story) -> None:
    told = story.told()
    held = frozenset([("EmailAddress", f"{story.last()}@faults.example")])
    found = [each for each in told.found if each.values != held]
    report = check(story.operations, replace(told, found=(*found, Found(held, frozenset()))))
    assert [each.rule for each in report.violations] == [Rule.MISSING]


def test_an_identity_that_nobody_asked_for_at_the_end_is_red(story: Story) -> None:
    told = story.told()
    report = check(story.operations, replace(told, found=told.found[1:]))
    assert [each.rule for each in report.violations] == [Rule.PROOF]


def test_a_stale_identity_during_the_run_is_red(story: Story) -> None:
    old = story.last()
    story.update("C")
    story.identify(old, "C")
    assert story.broken() == {Rule.STALE}


def test_a_missing_identity_during_the_run_is_red(story: Story) -> None:
    story.identify(story.last())
    assert story.broken() == {Rule.MISSING}


def test_identify_while_the_value_comes_or_goes_may_find_it_or_not(story: Story) -> None:
    old, written = story.last(), story.update("C")
    for marker, ids in ((old, ["C"]), (old, []), (written.marker, ["C"]), (written.marker, [])):
        asked = story.identify(marker, *ids)
        story.replace(asked, started=written.started, ended=written.ended)
    assert story.broken() == set()


def test_a_merged_profile_that_is_found_beside_its_survivor_is_red(story: Story) -> None:
    created = story.create("D")
    story.merge("C", "D")
    story.identify(created.marker, "C", "D")
    assert story.broken() == {Rule.STALE}


def test_a_read_that_goes_back_is_red(story: Story) -> None:
    story.update("C")
    story.read("C", number=3)
    assert story.broken() == {Rule.BACK}


def test_a_read_behind_another_read_is_red_also_where_the_write_is_unknown(story: Story) -> None:
    written = story.update("C")
    story.replace(written, outcome=Outcome.UNKNOWN, status=0, tag="")
    story.read("C")
    story.read("C", number=3)
    assert story.broken() == {Rule.BACK}


def test_a_read_during_a_write_may_see_either_version(story: Story) -> None:
    written = story.update("C")
    for number in (3, 4):
        read = story.read("C", number=number)
        story.replace(read, started=written.started, ended=written.ended)
    assert story.broken() == set()


def test_a_read_that_does_not_find_what_is_there_is_red(story: Story) -> None:
    story.replace(story.read("C"), answer=None, tag="", status=404)
    assert story.broken() == {Rule.BACK}


def test_a_read_of_what_was_deleted_is_red(story: Story) -> None:
    story.delete("C")
    story.read("C", number=3)
    assert story.broken() == {Rule.BACK}


def test_a_read_of_a_source_as_before_its_merge_is_red(story: Story) -> None:
    story.create("D")
    before = story.read("D")
    story.merge("C", "D")
    story.replace(story.read("D"), answer=before.answer, tag=before.tag)
    assert story.broken() == {Rule.BACK}


def test_what_was_merged_into_a_deleted_profile_is_gone_with_it_for_good(story: Story) -> None:
    story.delete("A")
    story.create("A")
    read = story.read("B")
    assert story.broken() == set()
    other = story.read("A")
    story.replace(read, answer=other.answer, tag=other.tag, status=200)
    assert story.broken() == {Rule.BACK}


def test_a_read_of_a_version_before_its_write_began_is_red(story: Story) -> None:
    story.update("C")
    story.replace(story.read("C"), started=0.0, ended=0.05)
    assert story.broken() == {Rule.BACK}


def test_a_read_of_a_version_that_never_was_is_red(story: Story) -> None:
    story.replace(story.read("C"), tag="3-other")
    assert Rule.CHAIN in story.broken()


def test_a_gap_in_the_versions_is_red(story: Story) -> None:
    story.rows["A"].pop(1)
    assert Rule.CHAIN in story.broken()


def test_two_rows_of_one_version_are_red(story: Story) -> None:
    story.update("C")
    story.rows["C"][-1] = replace(story.rows["C"][-1], number=3)
    assert Rule.CHAIN in story.broken()


def test_versions_in_another_order_than_their_answers_are_red(story: Story) -> None:
    first, second = story.update("C"), story.update("C")
    story.replace(first, started=second.started + 1, ended=second.ended + 1)
    assert story.broken() == {Rule.CHAIN}


def test_an_answered_version_that_is_stored_as_another_is_red(story: Story) -> None:
    written = story.update("C")
    story.replace(written, tag="4-other")
    assert story.broken() == {Rule.CHAIN}


def test_a_version_that_nobody_asked_for_is_red(story: Story) -> None:
    story.operations.remove(story.update("C"))
    assert Rule.CHAIN in story.broken()


def test_a_write_that_overwrote_another_version_than_it_named_is_red(story: Story) -> None:
    story.update("C", if_match=story.tag("C", 2))
    assert story.broken() == {Rule.OVERTAKEN}


def test_an_internal_error_is_red(story: Story) -> None:
    story.replace(story.refused(Verb.UPDATE, "C"), status=500, outcome=Outcome.UNKNOWN)
    assert story.broken() == {Rule.ANSWER}


def test_a_recorded_history_is_read_back_each_operation_as_it_ended(
    story: Story, tmp_path: Path
) -> None:
    begun = [
        replace(each, outcome=Outcome.UNKNOWN, tag="") for each in story.operations if each.writes
    ]
    file = tmp_path / "client.ndjson"
    file.write_bytes(b"".join(map(history.line, [*begun, *story.operations])))
    assert history.read([file]) == story.operations


def test_the_longest_gap_reaches_to_both_ends(story: Story) -> None:
    last = story.operations[-1]
    assert longest_gap(story.operations[:2]) == pytest.approx(1.0)
    story.replace(last, outcome=Outcome.UNKNOWN, ended=last.ended + 60)
    assert longest_gap(story.operations) == pytest.approx(61.0)


def _hold(story: Story, profile: str, content: dict[str, object]) -> None:
    """The last version holds that, in its row and in what a query answers."""
    row = story.rows[profile][-1]
    before = story.contents[profile][-2]
    story.rows[profile][-1] = replace(row, parts=parts(content, before))
    story.contents[profile][-1] = content
