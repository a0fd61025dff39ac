"""What a profile holds after a write, worked out from the request alone."""

from typing import Any

import json_merge_patch

from tests.faults.history import Operation, Verb
from tests.faults.told import Content
from tests.oracle.definition import Definition
from tests.oracle.merging import dialect, merge_attributes, merge_records

_DEFINITION = Definition()
EXTENSIONS = frozenset(_DEFINITION.names)


class Impossible(Exception):
    """The write cannot have been applied to what was there."""


def after(operation: Operation, before: Content | None, source: Content | None) -> Content | None:
    """The content that ``operation`` leaves; None is no profile. ``source``: of a merge.

    :raises Impossible: see there.
    """
    if operation.verb is Verb.CREATE:
        if before is not None:
            raise Impossible("created over a profile")
        return without_id(operation.body)
    if before is None:
        raise Impossible(f"{operation.verb} of no profile")
    if operation.verb is Verb.DELETE:
        return None
    if operation.verb is Verb.MERGE:
        if source is None:
            raise Impossible("merged with no profile")
        return _merged(operation, before, source)
    change = {Verb.UPDATE: _updated, Verb.PATCH: _patched, Verb.INSERT: _inserted}
    return change[operation.verb](before, operation.body)


def without_id(content: Content) -> Content:
    return {name: value for name, value in content.items() if name != "customer_id"}


def attributes_of(content: Content) -> Content:
    return {name: value for name, value in content.items() if name not in EXTENSIONS}


def records_of(content: Content) -> Content:
    return {name: value for name, value in content.items() if name in EXTENSIONS}


def _updated(before: Content, body: Any) -> Content:
    named = records_of(body)
    return attributes_of(body) | (named or records_of(before))


def _patched(before: Content, body: Any) -> Content:
    patched: Content = json_merge_patch.merge(_copy(before), body)
    return patched


def _inserted(before: Content, body: Any) -> Content:
    """``Address`` takes the place of the one there, a phone that of the one of its number."""
    made = _copy(before)
    if "Address" in body:
        made["Address"] = body["Address"]
    if "Phone" in body:
        phones = {each["PhoneNumber"]: each for each in made.get("Phone", [])}
        made["Phone"] = list((phones | {body["Phone"]["PhoneNumber"]: body["Phone"]}).values())
    return made


def _merged(operation: Operation, before: Content, source: Content) -> Content:
    told = dialect(operation.body)
    attributes = merge_attributes(_DEFINITION, attributes_of(before), attributes_of(source), told)
    return attributes | merge_records(_DEFINITION, records_of(before), records_of(source), told)


def _copy(content: Content) -> Content:
    """Deep enough for what is changed here."""
    return {
        name: value.copy() if isinstance(value, dict) else value for name, value in content.items()
    }
