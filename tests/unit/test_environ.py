"""The WSGI environment that is made of an ASGI scope."""

import pytest

from app.serving.environ import environment
from tests.support.asgi import scope


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/profiles", "/profiles", ""),
        ("/profiles?a=%20b", "/profiles", "a=%20b"),
        ("/profiles/a%2Fb", "/profiles/a/b", ""),
        ("/profiles/%C3%A9", "/profiles/Ã©", ""),
        ("/profiles/%FF", "/profiles/ÿ", ""),
    ],
)
def test_the_path_is_decoded_as_pep_3333_has_it(target: str, path: str, query: str) -> None:
    made = environment(scope("GET", target))
    assert (made["PATH_INFO"], made["QUERY_STRING"], made["RAW_URI"]) == (path, query, target)


def test_a_header_that_came_several_times_is_joined() -> None:
    made = environment(scope("GET", "/", [(b"if-match", b'"a"'), (b"if-match", b'"b"')]))
    assert made["HTTP_IF_MATCH"] == '"a","b"'


def test_a_header_with_an_underscore_is_not_taken_for_one_with_a_hyphen() -> None:
    fields = [(b"x-genesys-tenantid", b"1"), (b"x_genesys_tenantid", b"2")]
    assert environment(scope("GET", "/", fields))["HTTP_X_GENESYS_TENANTID"] == "1"
    assert "HTTP_X_API_KEY" not in environment(scope("GET", "/", [(b"x_api_key", b"k")]))


def test_type_and_length_of_the_body_have_no_prefix() -> None:
    fields = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    made = environment(scope("PUT", "/", fields))
    assert (made["CONTENT_TYPE"], made["CONTENT_LENGTH"]) == ("application/json", "2")


def test_requests_share_nothing() -> None:
    environment(scope("GET", "/"))["HTTP_X"] = "1"
    assert "HTTP_X" not in environment(scope("GET", "/"))
