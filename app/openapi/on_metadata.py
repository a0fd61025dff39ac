"""The operations on definitions, as they are described."""

from app.dao.errors import DefinitionChanged, OutcomeUnknown
from app.openapi.described import (
    CONDITIONAL,
    DEFINED,
    JSON,
    PARSED,
    STORED,
    Answer,
    Body,
    Described,
)
from app.openapi.links import OF_EXTENSION, OF_KEY
from app.openapi.problems import Kind
from app.request_faults import RequestFault
from app.services.errors import (
    ChangeConflicts,
    ChangeRefused,
    JobNotFound,
)
from schemas.faults import InvalidDefinition
from schemas.revising import InUse, NameTaken, NotDefined

TAG = "metadata"
ATTRIBUTES = "/metadata/profiles"
EXTENSIONS = f"{ATTRIBUTES}/extensions"
KEYS = "/metadata/identification-keys"
KEPT = ("DefinitionETag", "Vary", "Private")
MATCHED = ("IfMatch", "IfNoneMatch", "Tenant")
NAMED = ("DefinedName", *MATCHED)
TRIED = ("Force", "DryRun")
READ: tuple[Kind, ...] = (*DEFINED, *CONDITIONAL)
CHANGED: tuple[Kind, ...] = (*READ, OutcomeUnknown)
DEFINING: tuple[Kind, ...] = (*CHANGED, *PARSED, InvalidDefinition)
NOT_MODIFIED = Answer("The client has it already.", headers=KEPT)
REMOVED = Answer("It is gone; a job does the rest.", headers=(*KEPT, "Monitor"))
TRIAL = (
    " A change that stored profiles would not fit is refused with a report, unless it is forced."
)

ON_METADATA: dict[str, Described] = {
    "metadata.attributes": Described(
        method="get",
        path=ATTRIBUTES,
        id="readAttributes",
        tag=TAG,
        summary="The core attributes",
        about="In the order in which they are defined.",
        parameters=MATCHED,
        answers={
            200: Answer("Their definitions.", "AttributeDefinitions", KEPT),
            304: NOT_MODIFIED,
        },
        problems=READ,
    ),
    "metadata.replace_attributes": Described(
        method="put",
        path=ATTRIBUTES,
        id="replaceAttributes",
        tag=TAG,
        summary="Change the core attributes",
        about="All of them, as they are read." + TRIAL,
        parameters=(*TRIED, *MATCHED),
        body=Body({JSON: "AttributeDefinitionsInput"}),
        answers={200: Answer("What is now defined, or a report.", "ChangedAttributes", KEPT)},
        problems=(*DEFINING, InUse, ChangeRefused, ChangeConflicts),
    ),
    "metadata.extensions": Described(
        method="get",
        path=EXTENSIONS,
        id="readExtensionDefinitions",
        tag=TAG,
        summary="All extensions",
        about="In the order in which they are defined.",
        parameters=MATCHED,
        answers={
            200: Answer("Their definitions.", "ExtensionDefinitions", KEPT),
            304: NOT_MODIFIED,
        },
        problems=READ,
    ),
    "metadata.add_extension": Described(
        method="post",
        path=EXTENSIONS,
        id="createExtensionDefinition",
        tag=TAG,
        summary="Define one more extension",
        about="It is in force on every worker within a second.",
        parameters=MATCHED,
        body=Body({JSON: "ExtensionDefinitionInput"}),
        answers={201: Answer("It is defined.", "Named", (*KEPT, "Location"), OF_EXTENSION)},
        problems=(*DEFINING, NameTaken),
    ),
    "metadata.extension": Described(
        method="get",
        path=f"{EXTENSIONS}/{{name}}",
        id="readExtensionDefinition",
        tag=TAG,
        summary="One extension",
        about="Its attributes, and what tells its records apart.",
        parameters=NAMED,
        answers={
            200: Answer("Its definition.", "ExtensionDefinition", KEPT, OF_EXTENSION),
            304: NOT_MODIFIED,
        },
        problems=(*READ, NotDefined),
    ),
    "metadata.replace_extension": Described(
        method="put",
        path=f"{EXTENSIONS}/{{name}}",
        id="replaceExtensionDefinition",
        tag=TAG,
        summary="Change an extension",
        about="All of it but its name." + TRIAL,
        parameters=("DefinedName", *TRIED, *MATCHED),
        body=Body({JSON: "ExtensionDefinitionInput"}),
        answers={200: Answer("What is now defined, or a report.", "ChangedExtension", KEPT)},
        problems=(*DEFINING, NotDefined, InUse, ChangeRefused, ChangeConflicts),
    ),
    "metadata.remove_extension": Described(
        method="delete",
        path=f"{EXTENSIONS}/{{name}}",
        id="deleteExtensionDefinition",
        tag=TAG,
        summary="Remove an extension",
        about="Its records are out of sight at once, and removed in the background.",
        parameters=NAMED,
        answers={204: REMOVED},
        problems=(*CHANGED, NotDefined, InUse),
    ),
    "metadata.keys": Described(
        method="get",
        path=KEYS,
        id="readKeys",
        tag=TAG,
        summary="All identification keys",
        about="In order of creation.",
        parameters=MATCHED,
        answers={200: Answer("Their definitions.", "KeyDefinitions", KEPT), 304: NOT_MODIFIED},
        problems=READ,
    ),
    "metadata.add_key": Described(
        method="post",
        path=KEYS,
        id="createKey",
        tag=TAG,
        summary="Define one more identification key",
        about="A job fills it in the background; it can be used when that is done.",
        parameters=MATCHED,
        body=Body({JSON: "KeyDefinitionInput"}),
        answers={201: Answer("It is defined.", "Named", (*KEPT, "Location", "Monitor"), OF_KEY)},
        problems=(*DEFINING, NameTaken),
    ),
    "metadata.key": Described(
        method="get",
        path=f"{KEYS}/{{name}}",
        id="readKey",
        tag=TAG,
        summary="One identification key",
        about="Its attributes, in the order in which they narrow a search.",
        parameters=NAMED,
        answers={
            200: Answer("Its definition.", "KeyDefinition", (*KEPT, "Build"), OF_KEY),
            304: Answer(NOT_MODIFIED.about, headers=(*KEPT, "Build")),
        },
        problems=(*READ, NotDefined),
    ),
    "metadata.remove_key": Described(
        method="delete",
        path=f"{KEYS}/{{name}}",
        id="deleteKey",
        tag=TAG,
        summary="Remove an identification key",
        about="A job removes its entries in the background.",
        parameters=NAMED,
        answers={204: REMOVED},
        problems=(*CHANGED, NotDefined),
    ),
    "metadata.job": Described(
        method="get",
        path="/metadata/jobs/{job_id}",
        id="readJob",
        tag=TAG,
        summary="How far a background job is",
        about="It is told for 7 days after its end.",
        parameters=("JobId", "Tenant"),
        answers={200: Answer("The job.", "Job", ("Private",))},
        problems=(RequestFault, 406, *STORED, DefinitionChanged, JobNotFound),
    ),
}
