"""The operations on extension records, as they are described."""

from app.openapi.described import (
    CHANGED,
    CONDITIONAL,
    EXISTING,
    JSON,
    KEPT,
    PARSED,
    PRESENT,
    TOLD,
    WRITING,
    Answer,
    Body,
    Described,
)
from app.openapi.links import OF_PROFILE
from app.openapi.problems import Kind
from app.services.errors import (
    ExtensionNotDefined,
    ExtensionNotFound,
    NoUniqueAttributes,
    RecordNotFound,
    WrongCursor,
)
from schemas.faults import Invalid

TAG = "extensions"
ALL = "/profiles/{customer_id}/extensions"
ONE = f"{ALL}/{{name}}"
OF_ONE = ("ProfileId", "ExtensionName", "IfMatch", "IfNoneMatch")
SHOWN = (*KEPT, "Survivor", "NextPage")
DONE = Answer("It was written.", headers=KEPT)
UPDATED = Answer(
    "They were written: the id, or with `return=representation` the whole profile.",
    "Profile",
    PRESENT,
    OF_PROFILE,
)
SELECTED: tuple[Kind, ...] = (
    *CHANGED,
    *PARSED,
    Invalid,
    ExtensionNotDefined,
    NoUniqueAttributes,
    RecordNotFound,
)

ON_RECORDS: dict[str, Described] = {
    "profiles.insert_records": Described(
        method="post",
        path=ALL,
        id="insertRecords",
        tag=TAG,
        summary="Add records of extensions",
        about=(
            "A record with the `unique` values of a stored one replaces it; others are added to"
            " a multi-valued extension, and replace the record of a single-valued one."
        ),
        parameters=("ProfileId", "IfMatch", "IfNoneMatch", *WRITING),
        body=Body({JSON: "ExtensionsInput"}),
        answers={200: UPDATED},
        problems=(*CHANGED, *PARSED, Invalid),
    ),
    "profiles.records": Described(
        method="get",
        path=ONE,
        id="readExtension",
        tag=TAG,
        summary="Read one extension",
        about="An object of a single-valued one, an array of a multi-valued one.",
        parameters=(*OF_ONE, "RecordLimit", "Cursor", "Tenant"),
        answers={
            200: Answer("All records, or a page of them.", "Records", SHOWN),
            304: Answer("The client has them already.", headers=SHOWN),
        },
        problems=(
            *EXISTING,
            ExtensionNotDefined,
            ExtensionNotFound,
            *CONDITIONAL,
            WrongCursor,
        ),
    ),
    "profiles.replace_extension": Described(
        method="put",
        path=ONE,
        id="replaceExtension",
        tag=TAG,
        summary="Replace all records of one extension",
        about="The other extensions stay as they are.",
        parameters=(*OF_ONE, *WRITING),
        body=Body({JSON: "RecordsInput"}),
        answers={200: UPDATED},
        problems=(*CHANGED, *PARSED, Invalid, ExtensionNotDefined),
    ),
    "profiles.remove_extension": Described(
        method="delete",
        path=ONE,
        id="removeExtension",
        tag=TAG,
        summary="Remove all records of one extension",
        about="The other extensions stay as they are.",
        parameters=(*OF_ONE, *TOLD),
        answers={204: DONE},
        problems=(*CHANGED, ExtensionNotDefined, ExtensionNotFound),
    ),
    "profiles.update_record": Described(
        method="put",
        path=f"{ONE}/by/unique",
        id="updateRecord",
        tag=TAG,
        summary="Change one record",
        about=(
            "The `unique` attributes select it and stay as they are; the others in the body are"
            " set, and null takes a value away."
        ),
        parameters=(*OF_ONE, *TOLD),
        body=Body({JSON: "RecordChange"}),
        answers={204: DONE},
        problems=SELECTED,
    ),
    "profiles.delete_record": Described(
        method="put",
        path=f"{ONE}/delete/by/unique",
        id="deleteRecord",
        tag=TAG,
        summary="Delete one record",
        about="The `unique` attributes select it; others are tolerated.",
        parameters=(*OF_ONE, *TOLD),
        body=Body({JSON: "RecordChange"}),
        answers={204: DONE},
        problems=SELECTED,
    ),
}
