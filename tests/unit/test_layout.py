"""The layers of the source, and the house's numbers."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for package in ("app", "schemas")
    for file in sorted((ROOT / package).rglob("*.py"))
}
TREES = {module: ast.parse(file.read_text()) for module, file in SOURCES.items()}
MAX_MODULE_LINES = 300
MAX_FUNCTION_LINES = 60


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def imports(module: str) -> Iterator[str]:
    """All that ``module`` imports, also inside functions, with the names taken from it."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(*packages: str) -> set[str]:
    """The modules that import something of ``packages``."""
    return {module for module in TREES if any(within(name, *packages) for name in imports(module))}


def outside(modules: set[str], *packages: str) -> set[str]:
    return {module for module in modules if not within(module, *packages)}


def test_the_whole_source_is_looked_at() -> None:
    assert {"app", "app.factory", "app.routes.profiles", "schemas.document"} <= SOURCES.keys()


def test_no_import_is_relative() -> None:
    relative = {
        module
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    }
    assert relative == set()


def test_only_the_application_imports_the_application() -> None:
    assert outside(importers("app"), "app") == set()
    assert importers("app")


WITHOUT_HTTP = [
    "schemas",
    "app.services",
    "app.dao",
    "app.access",
    "app.openapi",
    "app.watching",
    "app.commands",
    "app.core",
    "app.stores",
]


@pytest.mark.parametrize("package", WITHOUT_HTTP)
def test_what_is_no_route_knows_no_http(package: str) -> None:
    web = importers("flask", "werkzeug", "app.routes", "app.problems")
    assert "app.factory" in web
    assert {module for module in web if within(module, package)} == set()


def test_the_document_is_for_the_routes_only() -> None:
    users = outside(importers("app.openapi"), "app.openapi", "app.routes")
    assert users == {"app.factory"}


@pytest.mark.parametrize(
    ("driver", "packages"),
    [
        ("cassandra", ("app.dao.cassandra", "app.dao.cassandra.migrations")),
        ("apsw", ("app.dao.embedded",)),
    ],
)
def test_a_driver_is_imported_only_where_its_store_is(
    driver: str, packages: tuple[str, ...]
) -> None:
    assert importers(driver)
    assert outside(importers(driver), *packages) == set()


@pytest.mark.parametrize("library", ["prometheus_client", "opentelemetry"])
def test_only_what_watches_knows_by_what(library: str) -> None:
    assert importers(library)
    assert outside(importers(library), "app.watching") == set()


def test_what_watches_knows_nothing_of_what_it_watches() -> None:
    watching = {module for module in TREES if within(module, "app.watching")}
    used = {name for module in watching for name in imports(module) if within(name, "app")}
    assert used
    assert not {name for name in used if not within(name, "app.watching")}


def test_what_waits_knows_nothing_of_what_it_waits_for() -> None:
    waiting = {module for module in TREES if within(module, "app.concurrency")}
    used = {name for module in waiting for name in imports(module) if within(name, "app")}
    assert used
    assert not {name for name in used if not within(name, "app.concurrency", "app.dao.errors")}


def test_only_what_waits_knows_of_greenlets() -> None:
    assert importers("greenlet")
    assert outside(importers("greenlet"), "app.concurrency") == set()


@pytest.mark.parametrize("store", ["app.dao.cassandra", "app.dao.embedded"])
def test_only_the_composition_root_names_a_store(store: str) -> None:
    assert outside(importers(store), store) == {"app.stores"}


def test_the_migrations_use_the_connection_of_their_store_and_no_more() -> None:
    used = {
        name
        for module in TREES
        if within(module, "app.dao.cassandra.migrations")
        for name in imports(module)
        if within(name, "app.dao.cassandra", "app.dao.embedded")
        and not within(name, "app.dao.cassandra.migrations")
    }
    assert used
    allowed = ("app.dao.cassandra.connection", "app.dao.cassandra.execution")
    assert not {name for name in used if not within(name, *allowed)}


@pytest.mark.parametrize("module", SOURCES)
def test_no_module_is_too_long(module: str) -> None:
    assert len(SOURCES[module].read_text().splitlines()) <= MAX_MODULE_LINES


@pytest.mark.parametrize("module", SOURCES)
def test_no_function_is_too_long(module: str) -> None:
    lengths = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    too_long = {name for name, length in lengths.items() if length > MAX_FUNCTION_LINES}
    assert too_long == set()
