"""The operations on the service itself, as they are described."""

from app.dao.errors import OutcomeUnknown
from app.openapi.described import (
    ANY,
    ASKED,
    CONDITIONAL,
    DEFINED,
    JSON,
    PARSED,
    STORED,
    Answer,
    Body,
    Described,
)
from app.services.errors import StoreBusy
from schemas.faults import InvalidBody

ON_SERVER: dict[str, Described] = {
    "server.mode": Described(
        method="post",
        path="/server/mode",
        id="setMode",
        tag="server",
        summary="Serve profiles, or not for a while",
        about="In maintenance, every call on profiles answers 503. In force within a second.",
        body=Body({JSON: "ModeOrder"}),
        answers={200: Answer("The mode is set.", "ModeChanged", ("StatusLocation",))},
        problems=(*ASKED, *PARSED, InvalidBody, StoreBusy, OutcomeUnknown),
    ),
    "server.status": Described(
        method="get",
        path="/server/status",
        id="readStatus",
        tag="server",
        summary="What the server is, and has done today",
        about="Counters are of this UTC day, over all workers and hosts. Memory is in KB.",
        answers={200: Answer("The status.", "ServerStatus", ("NotKept",))},
        problems=ASKED,
    ),
    "health.live": Described(
        method="get",
        path="/health/live",
        id="checkAlive",
        tag="health",
        summary="Is the process alive",
        about="Touches nothing.",
        answers={200: Answer("It is.", "Liveness", ("NotKept",))},
        problems=ANY,
        based=False,
    ),
    "health.ready": Described(
        method="get",
        path="/health/ready",
        id="checkReady",
        tag="health",
        summary="Can the process serve",
        about="The store answers and has all migrations. Reads only.",
        answers={200: Answer("It can.", "Readiness", ("NotKept",))},
        problems=STORED,
        based=False,
    ),
    "documents.openapi": Described(
        method="get",
        path="/openapi.json",
        id="readOpenApi",
        tag="server",
        summary="This document",
        about=(
            "Made of the definition of the tenant that is in force. In OpenAPI 3.0.3 for"
            " generators of clients that know no later edition; that tells one media type of a"
            " patch."
        ),
        parameters=("OpenApiVersion", "IfMatch", "IfNoneMatch", "Tenant"),
        answers={
            200: Answer("The document.", "OpenApi", ("DocumentETag", "Vary", "Private")),
            304: Answer("The client has it already.", headers=("DocumentETag", "Vary", "Private")),
        },
        problems=(*DEFINED, *CONDITIONAL),
    ),
}
