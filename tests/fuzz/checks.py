"""What schemathesis does not ask of answers by itself. Registered for this whole process."""

import re
from typing import Any

import schemathesis
from jsonschema_rs import Draft202012Validator
from schemathesis import Case, CheckContext, Response

PLACES = {"pointer", "parameter", "header", "path"}
OF_ONE_RECORD = {"updateRecord", "deleteRecord"}
OF_ONE_EXTENSION = {"replaceExtension", *OF_ONE_RECORD}
"""The operations of which one path is for all extensions."""

UNTOLD_CODES = {
    "wrong_cursor": "a cursor is signed, so no schema describes it",
    "no_key": "a parameter is needed, but each of several will do",
    "unknown_key": "keys are named in any case",
    "self_merge": "two parameters must differ",
    "no_unique_attributes": "one path is for all extensions",
    "invalid_patch": "what an operation needs beside its path depends on what it does",
}
"""Refusals of what fits the schemas, and why these cannot say so."""

_OF_TWO_PARTS = "one part of a definition limits another"
UNTOLD_FAULTS = {
    r"must equal the id in the URL": "of two parts of a request",
    r"cannot be given together with \w+": "of two members",
    r"has the same .+ as record \d+": "of two records",
    r"is for a multi-valued extension, with limit": "one path is for all extensions",
    r"'\*' is not a defined extension": "it stands alone, or not at all",
    r"must be a whole number( of \d+ bits)?": "JSON Schema takes 49.0 for an integer, too",
    r"must be the two capital letters of a country .+": "there are 245 of them",
    r"must be \w+, as in the URL": "of two parts of a request",
    r"is (for|taken|reserved|no attribute|neither|given more than once).*": _OF_TWO_PARTS,
    r"must (hold at least one attribute|be left out).*": _OF_TWO_PARTS,
}
"""The same of single faults."""


@schemathesis.check
def what_fits_the_document_is_taken(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """A valid request is refused with 400 only for what no schema can say."""
    if case.meta is None or case.meta.generation.mode.is_negative or response.status_code != 400:
        return
    problem = response.json()
    if problem["code"] not in UNTOLD_CODES and _body_is_told(case):
        unexplained = [each for each in problem["errors"] if not _is_untold(each)]
        assert not unexplained


@schemathesis.check
def every_refusal_has_a_place(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Who asked wrongly is told where."""
    if response.status_code == 400 and response.content:
        errors = response.json()["errors"]
        assert errors
        assert all(each.keys() & PLACES for each in errors)


def _is_untold(fault: dict[str, str]) -> bool:
    # Which values a default may have depends on the type beside it.
    of_default = fault.get("pointer", "").endswith("/default")
    return of_default or any(re.fullmatch(known, fault["message"]) for known in UNTOLD_FAULTS)


def _body_is_told(case: Case[Any]) -> bool:
    """Whether the document says all of the body.

    Not of what a JSON Patch leaves behind; and where one path is for all extensions, only of the
    one that it names.
    """
    if case.media_type == "application/json-patch+json":
        return False
    operation = case.operation.definition.raw["operationId"]
    if operation not in OF_ONE_EXTENSION:
        return True
    components = case.operation.schema.raw_schema["components"]
    schemas, name = components["schemas"], case.path_parameters["name"]
    if operation in OF_ONE_RECORD:
        told = schemas.get(f"{name}RecordChange")
    else:
        told = schemas["ProfileInput"]["properties"].get(name)
    return bool(told) and Draft202012Validator({**told, "components": components}).is_valid(
        case.body
    )
