"""The problems that HTTP itself has a status for, whatever the service is about."""

from app.problem_kinds import Problem

HTTP_PROBLEMS: dict[int, Problem] = {
    problem.status: problem
    for problem in (
        Problem(400, "bad_request", "Bad request", "The request cannot be understood."),
        Problem(404, "resource_not_found", "Resource not found", "There is nothing at this path."),
        Problem(
            405,
            "method_not_allowed",
            "Method not allowed",
            "This path does not have that method; the Allow header lists those it has.",
        ),
        Problem(
            406, "not_acceptable", "Not acceptable", "Answers are application/json, nothing else."
        ),
        Problem(408, "request_timeout", "Request timeout", "The request did not come in time."),
        Problem(
            413, "body_too_large", "Body too large", "The body is larger than this service takes."
        ),
        Problem(414, "path_too_long", "Path too long", "The path is longer than 4094 bytes."),
        Problem(
            415,
            "unsupported_media_type",
            "Unsupported media type",
            "The body must be of a media type that the operation takes, without an encoding.",
        ),
        Problem(
            428,
            "precondition_required",
            "Precondition required",
            "This service changes a profile only with If-Match, the ETag of what was read, or"
            " makes one with If-None-Match: *.",
        ),
        Problem(
            431,
            "headers_too_large",
            "Headers too large",
            "The header fields are too many or long.",
        ),
        Problem(501, "not_implemented", "Not implemented", "This transfer coding is not known."),
        Problem(
            503,
            "overloaded",
            "Overloaded",
            "There are more requests than can be answered now; nothing was changed.",
        ),
        Problem(500, "internal_error", "Internal error", "The service failed; it is logged."),
    )
}
