"""Who may do what: of every route, also of those to come."""

from flask import Flask

from app.operations import OPERATIONS


def test_every_route_says_what_it_needs(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == OPERATIONS.keys()


def test_only_health_and_the_page_without_data_are_public() -> None:
    public = {endpoint for endpoint, operation in OPERATIONS.items() if operation.public}
    assert public == {"health.live", "health.ready", "documents.docs", "documents.asset"}


def test_only_the_document_needs_no_privilege_of_those_who_ask() -> None:
    asking = {name: each.needs for name, each in OPERATIONS.items() if not each.public}
    assert [name for name, needs in asking.items() if not needs] == ["documents.openapi"]
