"""Who may do what: of every route, also of those to come."""

from flask import Flask

from app.operations import OPERATIONS


def test_every_route_says_what_it_needs(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == OPERATIONS.keys()


def test_only_health_is_public(app: Flask) -> None:
    public = {endpoint for endpoint, operation in OPERATIONS.items() if operation.public}
    assert public == {"health.live", "health.ready"}
    assert all(each.needs or each.public for each in OPERATIONS.values())
