"""Where an answer leads: what of it is a parameter of which operation."""

from typing import Any

_PROFILE = {"path.customer_id": "$response.body#/customer_id"}
_DEFINED = {"path.name": "$response.body#/name"}
_AS_ANSWERED = {"header.If-Match": "$response.header.ETag"}


def _link(operation: str, about: str, *parameters: dict[str, str]) -> dict[str, Any]:
    merged = {name: value for each in parameters for name, value in each.items()}
    return {"operationId": operation, "description": about, "parameters": merged}


LINKS: dict[str, dict[str, Any]] = {
    "Query": _link("queryProfile", "Read it.", _PROFILE),
    "ReadHistory": _link("readHistory", "See what was changed of it.", _PROFILE),
    "Update": _link(
        "updateProfile", "Overwrite it, if no one else was faster.", _PROFILE, _AS_ANSWERED
    ),
    "Patch": _link(
        "patchProfile", "Change a part of it, if no one else was faster.", _PROFILE, _AS_ANSWERED
    ),
    "Delete": _link(
        "deleteProfile", "Delete it, if no one else was faster.", _PROFILE, _AS_ANSWERED
    ),
    "Merge": _link("mergeProfile", "Take another profile into it.", _PROFILE),
    "InsertRecords": _link("insertRecords", "Add records of extensions.", _PROFILE),
    "ReadExtension": _link("readExtension", "Read one of its extensions.", _PROFILE),
    "ReplaceExtension": _link("replaceExtension", "Replace one of its extensions.", _PROFILE),
    "RemoveExtension": _link("removeExtension", "Remove one of its extensions.", _PROFILE),
    "UpdateRecord": _link("updateRecord", "Change one of its records.", _PROFILE),
    "DeleteRecord": _link("deleteRecord", "Delete one of its records.", _PROFILE),
    "ReadExtensionDefinition": _link("readExtensionDefinition", "Read what is defined.", _DEFINED),
    "ReplaceExtensionDefinition": _link(
        "replaceExtensionDefinition",
        "Change it, if the definition is still the same.",
        _DEFINED,
        _AS_ANSWERED,
    ),
    "DeleteExtensionDefinition": _link(
        "deleteExtensionDefinition",
        "Remove it, if the definition is still the same.",
        _DEFINED,
        _AS_ANSWERED,
    ),
    "ReadKey": _link("readKey", "Read what is defined.", _DEFINED),
    "DeleteKey": _link(
        "deleteKey", "Remove it, if the definition is still the same.", _DEFINED, _AS_ANSWERED
    ),
}
"""The components by their names."""

OF_EXTENSION = (
    "ReadExtensionDefinition",
    "ReplaceExtensionDefinition",
    "DeleteExtensionDefinition",
)
OF_KEY = ("ReadKey", "DeleteKey")
OF_PROFILE = tuple(name for name in LINKS if name not in {*OF_EXTENSION, *OF_KEY})
