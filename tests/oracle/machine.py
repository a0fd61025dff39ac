"""Rules for definitions, and with them the whole machine."""

import time
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from werkzeug.test import TestResponse

from tests.oracle.answers import Answer
from tests.oracle.comparison import check, value_of
from tests.oracle.definition import Part
from tests.oracle.domain import ATTRIBUTES, EXTENSIONS, KEYS, LABELS, TENANTS
from tests.oracle.finding import values
from tests.oracle.search_rules import SearchRules

CORE_PATH = "/metadata/profiles"
EXTENSIONS_PATH = "/metadata/profiles/extensions"
KEYS_PATH = "/metadata/identification-keys"
MONITOR = '>; rel="monitor"'
PATIENCE_SECONDS = 60
ADDED = st.sampled_from(["Ticket", "Note", "ticket", "Phone", "Nonsense"])


class ProfileMachine(SearchRules):
    """All operations of the service, on two tenants."""

    @rule(t=TENANTS)
    def read_definition(self, t: int) -> None:
        model = self.models[t]
        found = [self.send(t, "GET", path) for path in (CORE_PATH, EXTENSIONS_PATH, KEYS_PATH)]
        expected = [model.attributes(), model.extensions(), model.keys()]
        for response, answer in zip(found, expected, strict=True):
            check(response, answer)
        if not model.definition.building:  # which changes it when it is done
            assert len({response.headers["ETag"] for response in found}) == 1
        self.count("read_definition 200")

    @rule(t=TENANTS, attribute=ATTRIBUTES)
    def add_attribute(self, t: int, attribute: Part) -> None:
        now = value_of(self.send(t, "GET", CORE_PATH))
        names = [each["name"] for each in now]
        body = now if attribute["name"] in names else [*now, attribute]
        response = self.send(t, "PUT", CORE_PATH, body)
        self.judge(t, "", response, self.models[t].add_attribute(attribute), "add_attribute")

    @rule(t=TENANTS, extension=EXTENSIONS)
    def add_extension(self, t: int, extension: Part) -> None:
        response = self.send(t, "POST", EXTENSIONS_PATH, extension)
        self.judge(t, "", response, self.models[t].add_extension(extension), "add_extension")
        if response.status_code == 201:
            where = response.headers["Location"]
            check(self.send(t, "GET", where), Answer(200, extension))

    @rule(t=TENANTS, name=st.sampled_from(["Ticket", "ticket", "Phone", "Nonsense"]))
    def extend(self, t: int, name: str) -> None:
        """One more attribute of an extension, for those that have none of its name."""
        path = f"{EXTENSIONS_PATH}/{name}"
        found = self.send(t, "GET", path)
        body: Any = value_of(found) if found.status_code == 200 else {"name": name}
        names = [each["name"] for each in body.get("attributes", [])]
        if found.status_code == 200 and LABELS["name"] not in names:
            body["attributes"].append(LABELS)
        response = self.send(t, "PUT", path, body)
        self.judge(t, "", response, self.models[t].extend(name, LABELS), "extend")

    @precondition(lambda self: self.jobs_left)
    @rule(t=TENANTS, name=ADDED)
    def drop_extension(self, t: int, name: str) -> None:
        response = self.send(t, "DELETE", f"{EXTENSIONS_PATH}/{name}")
        expected = self.models[t].drop_extension(name)
        self.judge(t, "", response, expected, "drop_extension")
        self.watch(t, response, "remove_extension", name)

    @precondition(lambda self: self.jobs_left)
    @rule(t=TENANTS, key=st.sampled_from(KEYS))
    def add_key(self, t: int, key: Part) -> None:
        """Its build runs beside the next steps."""
        response = self.send(t, "POST", KEYS_PATH, key)
        self.judge(t, "", response, self.models[t].add_key(key), "add_key")
        self.watch(t, response, "build_key", key["name"])

    @precondition(lambda self: self.jobs_left)
    @rule(t=TENANTS, attribute=st.sampled_from(["Title", "DOB", "EmailAddress"]))
    def add_unique_key(self, t: int, attribute: str) -> None:
        """It cannot be built where profiles share a value; then it is taken away."""
        key = {"name": "sole", "source": "profile", "attributes": [attribute], "unique": True}
        response = self.send(t, "POST", KEYS_PATH, key)
        model = self.models[t]
        self.judge(t, "", response, model.add_key(key), "add_unique_key")
        if response.status_code != 201:
            return
        job = self.watch(t, response, "build_key", "sole")
        held = [values(model.definition, key, life) for life in model.lives.values()]
        shared = sum(map(len, held)) > len(set().union(*held))
        told = self.await_job(job)
        self.count(f"sole {told['state']}")
        assert told["state"] == ("failed" if shared else "done"), told
        assert bool(told["conflicts"]) == shared
        if shared:
            check(self.send(t, "DELETE", f"{KEYS_PATH}/sole"), model.drop_key("sole"))

    @precondition(lambda self: self.jobs_left)
    @rule(t=TENANTS, name=st.sampled_from(["sole", "fee", "title", "x", "AGENT", "ext_phone"]))
    def drop_key(self, t: int, name: str) -> None:
        response = self.send(t, "DELETE", f"{KEYS_PATH}/{name}")
        self.judge(t, "", response, self.models[t].drop_key(name), "drop_key")
        self.watch(t, response, "remove_key", name)

    @precondition(lambda self: self.jobs)
    @rule()
    def await_jobs(self) -> None:
        """What they do changes no profile, and completes the keys."""
        for path in list(self.jobs):
            self.await_job(path)
            self._written |= {0, 1}
        self.count("await_jobs done")

    def teardown(self) -> None:
        for path in list(self.jobs):
            self.await_job(path)
        super().teardown()

    def watch(self, t: int, response: TestResponse, kind: str, name: str) -> str:
        """The job that a change has started, to be awaited at the end."""
        if response.status_code >= 400:
            return ""
        self.jobs_left -= 1
        link = response.headers["Link"]
        assert link.endswith(MONITOR)
        path = link.removeprefix("<").removesuffix(MONITOR)
        told = value_of(self.send(t, "GET", path))
        assert (told["kind"], told["name"].lower()) == (kind, name.lower())
        self.jobs[path] = (t, kind, name)
        return path

    def await_job(self, path: str) -> dict[str, Any]:
        """Its last state, once it has one."""
        t, kind, name = self.jobs.pop(path)
        deadline = time.monotonic() + PATIENCE_SECONDS
        told: dict[str, Any] = {"state": "waiting"}
        while told["state"] not in {"done", "failed"}:
            assert time.monotonic() < deadline, told
            time.sleep(0.05)
            told = value_of(self.send(t, "GET", path))
        if kind == "build_key" and told["state"] == "done":
            self.models[t].definition.building.discard(name)
        return told
