"""What the OpenAPI document describes, and what it does not allow, asked of each store.

It is the same requests each time. ``PROFILES_FUZZ_SEED=5 PROFILES_FUZZ_EXAMPLES=500`` takes
others, and more of them.
"""

import os
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from schemathesis import BaseSchema, Case, Config, HookContext
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.openapi import from_dict

import tests.fuzz.checks  # noqa: F401  (registers them)
from app.dao.base import Dao
from app.factory import create_app
from app.services.jobs import Jobs
from app.settings import AccessLog, read_settings
from tests.fuzz.tenant import OneTenant
from tests.support.client import ApiClient
from tests.support.creators import EXAMPLE, EXAMPLE_ID, a_tenant

CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED = int(os.environ.get("PROFILES_FUZZ_SEED", "0"))
EXAMPLES = int(os.environ.get("PROFILES_FUZZ_EXAMPLES", "20"))

# Its coverage phase cannot write a header by a pattern that has quotes.
CONDITIONS = {"IfMatch": "*", "IfNoneMatch": '"1-a"', "OnlyNew": '"1-a"'}
DONE_TO_PROFILES = {
    "createProfile 201",
    "queryProfile 200",
    "updateProfile 200",
    "patchProfile 200",
    "deleteProfile 200",
    "identifyProfiles 200",
    "insertRecords 200",
    "replaceExtension 200",
}
DONE_TO_ALL_ELSE = {
    "createExtensionDefinition 201",
    "createKey 201",
    "replaceAttributes 200",
    "readKey 200",
    "readOpenApi 200",
    "setMode 200",
}
"""What a run has to come to, or it would show little."""

UNKNOWN_HEADER = "x-schemathesis-unknown-property"


@pytest.fixture
def api(dao: Dao) -> Iterator[ApiClient]:
    """A tenant of its own, which has the profile of the examples in the document."""
    app = create_app(replace(read_settings(), access_log=AccessLog.OFF), dao)
    client = ApiClient(app.test_client(), a_tenant())
    client.put(f"/profiles/{EXAMPLE_ID}", EXAMPLE, expect=201, If_None_Match="*")
    yield client
    jobs = Jobs(dao)
    for job, _ in list(jobs.unfinished()):
        if job.tenant == client.tenant:
            jobs.discard(job.id)


def filter_case(_: HookContext, case: Case[Any]) -> bool:
    """None that is taken for wrong, but is not.

    A header that nobody knows is to be ignored (RFC 9110, section 5.1). Null means no value: the
    document says so in words, for the sake of the types of generated clients.
    """
    return UNKNOWN_HEADER not in case.headers and not (
        case.path.startswith("/profiles") and _has_null(case.body)
    )


def _has_null(body: Any) -> bool:
    members = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return any(each is None or _has_null(each) for each in members)


def schema_of(api: ApiClient) -> BaseSchema:
    document: Any = api.get("/openapi.json").json
    for name, value in CONDITIONS.items():
        told = document["components"]["parameters"][name]["schema"]
        told["anyOf"] = [{"const": value}, {"pattern": told.pop("pattern")}]
    config = tomllib.loads(CONFIG.read_text())
    config["seed"], config["generation"]["max-examples"] = SEED, EXAMPLES
    schema = from_dict(document, config=Config.from_dict(config))
    schema.app = OneTenant(api)
    schema.hook(filter_case)
    return schema


class Seen:
    """What came of a run: its failures, and how often each operation was answered how."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.answers = Counter[str]()

    def add(self, recorder: ScenarioRecorder) -> None:
        for id_, interaction in recorder.interactions.items():
            operation = recorder.cases[id_].value.operation.definition.raw["operationId"]
            if interaction.response is not None:
                self.answers[f"{operation} {interaction.response.status_code}"] += 1
        for node in (each for nodes in recorder.checks.values() for each in nodes):
            if node.failure_info is not None:
                failure, sample = node.failure_info.failure, node.failure_info.code_sample
                lines = f"{failure.operation}: {failure.title}", failure.message, sample
                self.failures.append("\n".join(lines))


def run(schema: BaseSchema) -> Counter[str]:
    """All phases; how often each operation was answered how. Failures are told together."""
    seen = Seen()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            seen.add(event.recorder)
        elif isinstance(event, events.NonFatalError):
            seen.failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    assert not seen.failures, "\n\n".join(seen.failures)
    return seen.answers


@pytest.mark.timeout(900)
def test_profiles_are_as_the_document_says(api: ApiClient) -> None:
    seen = run(schema_of(api).include(path_regex="^/profiles"))
    assert seen.keys() >= DONE_TO_PROFILES


@pytest.mark.timeout(900)
def test_all_else_is_as_the_document_says(api: ApiClient) -> None:
    """Apart, as a changed definition is another document."""
    seen = run(schema_of(api).exclude(path_regex="^/profiles"))
    assert seen.keys() >= DONE_TO_ALL_ELSE
