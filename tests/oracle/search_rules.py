"""Rules for finding profiles, and for their past."""

from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.oracle.answers import Answer
from tests.oracle.comparison import (
    check,
    identify_path,
    next_page,
    parts_of,
    profile_path,
    text,
    value_of,
)
from tests.oracle.domain import IDS, PLACES, TENANTS
from tests.oracle.finding import Pairs, Question
from tests.oracle.patch_domain import ASKED, KEY_NAMES, QUESTIONS
from tests.oracle.record_rules import RecordRules

FLAGS = st.tuples(st.booleans(), st.booleans())


class SearchRules(RecordRules):
    """What only reads."""

    @rule(t=TENANTS, several=st.lists(IDS, min_size=1, max_size=4), extensions=ASKED)
    def query_many(self, t: int, several: list[str], extensions: str | None) -> None:
        ids = [self.resolve(t, who) for who in several]
        expected = self.models[t].query_many(ids, extensions)
        asked = "" if extensions is None else f"&extensions={quote(extensions)}"
        response = self.send(t, "GET", f"/profiles?customer_id={','.join(ids)}{asked}")
        self.count(f"query_many {expected.code or min(len(expected.body), 3)}")
        check(response, expected)

    @rule(t=TENANTS, given=QUESTIONS, key=KEY_NAMES, asked=ASKED, flags=FLAGS)
    def identify(
        self, t: int, given: Pairs, key: str | None, asked: str | None, flags: tuple[bool, bool]
    ) -> None:
        question = Question(given, key, asked, *flags)
        response = self.send(t, "GET", identify_path(question))
        expected = self.either(t, question, response.status_code)
        self.count(f"identify {expected.code or min(len(expected.body), 3)}")
        check(response, expected)
        if response.status_code == 200:
            assert all(next(iter(each)) == "customer_id" for each in value_of(response))

    @rule(t=TENANTS, given=QUESTIONS)
    def explain(self, t: int, given: Pairs) -> None:
        question = Question(given, explain=True)
        response = self.send(t, "GET", identify_path(question), Prefer="explain")
        expected = self.either(t, question, response.status_code)
        self.count(f"explain {expected.code or expected.body['outcome']}")
        if expected.status != 200:
            check(response, expected)
            return
        told = value_of(response)
        ask = told.pop("ask", None)
        core = {each["name"] for each in self.models[t].definition.attributes}
        assert ask is None or (told["outcome"] == "ambiguous" and ask in core)
        if self.models[t].definition.building:
            told["key"] = expected.body["key"]
        assert text(told) == text(expected.body)

    @rule(t=TENANTS, given=QUESTIONS, limit=st.integers(1, 2), asked=ASKED, flags=FLAGS)
    def identify_by_pages(
        self, t: int, given: Pairs, limit: int, asked: str | None, flags: tuple[bool, bool]
    ) -> None:
        question = Question(given, None, asked, *flags)
        path = identify_path(question, limit)
        pages = list(self.service.pages(self.tenants[t], path))
        expected = self.either(t, question, pages[0].status_code)
        self.count(f"identify_by_pages {expected.code or len(pages)}")
        if expected.status != 200:
            check(pages[0], expected)
            return
        told = [value_of(page) for page in pages]
        assert all(len(page) == limit for page in told[:-1])
        assert text([each for page in told for each in page]) == text(expected.body)
        for page in pages[:-1]:
            self.misuse(t, next_page(page) or "", question)

    @rule(t=TENANTS, place=PLACES, limit=st.integers(1, 2), asked=ASKED, flags=FLAGS)
    def identify_holders(
        self, t: int, place: int, limit: int, asked: str | None, flags: tuple[bool, bool]
    ) -> None:
        """By a value that a profile holds."""
        held = list(self.held_values(t))
        if held:
            given = held[place % len(held)].given
            self.identify_by_pages(t, given, limit, asked, flags)

    def misuse(self, t: int, link: str, question: Question) -> None:
        """A cursor is good for its tenant and its question only."""
        wrong = Answer(400, code="wrong_cursor")
        if self.either(1 - t, question, 200).status == 200:
            check(self.send(1 - t, "GET", link), wrong)
        check(self.send(t, "GET", f"{link}&LastCalledAgent_EmployeeID=1"), wrong)

    def either(self, t: int, question: Question, status: int) -> Answer:
        """What the model says; while keys are built it may say two things."""
        model = self.models[t]
        expected = model.identify(question)
        building = model.definition.building
        if building and expected.status != status:
            model.definition.building = set()
            expected = model.identify(question)
            model.definition.building = building
        return expected

    @rule(t=TENANTS, who=IDS)
    def history(self, t: int, who: str) -> None:
        self.history_by_pages(t, who, None)

    @rule(t=TENANTS, who=IDS, limit=st.integers(1, 4))
    def some_history(self, t: int, who: str, limit: int) -> None:
        self.history_by_pages(t, who, limit)

    def history_by_pages(self, t: int, who: str, limit: int | None) -> None:
        customer_id = self.resolve(t, who)
        expected = self.models[t].history(customer_id)
        path = profile_path(customer_id, "history", limit=limit)
        pages = list(self.service.pages(self.tenants[t], path))
        self.count(f"history {expected.code or expected.status}")
        if expected.status != 200:
            check(pages[0], expected)
            return
        told = [entry for page in pages for entry in value_of(page)]
        seen = [(each["version"], each["operation"], frozenset(each["parts"])) for each in told]
        assert seen == expected.body
        for entry in told:
            version, _ = parts_of(entry["etag"])
            assert version == self.tag(t, customer_id, entry["version"])
        assert all(len(value_of(page)) == limit for page in pages[:-1])
        place = pages[0].headers.get("Content-Location", "")
        assert (expected.place or "") in place
        assert bool(place) == (expected.place is not None)

    @rule(t=TENANTS, who=IDS, back=st.integers(0, 5), extensions=ASKED)
    def earlier_version(self, t: int, who: str, back: int, extensions: str | None) -> None:
        model, customer_id = self.models[t], self.resolve(t, who)
        life = model.lives.get(model.survivor(customer_id))
        number = max(1, life.version - back) if life else 1
        path = profile_path(customer_id, version=number, extensions=extensions)
        response = self.send(t, "GET", path)
        expected = model.at_version(customer_id, number, extensions)
        self.judge(t, customer_id, response, expected, "earlier_version")
