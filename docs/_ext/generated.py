"""Directives for what the code knows: ``{settings}``, ``{problems}``, ``{metrics}``.

Each writes Markdown, which is read as if it stood in the page.
"""

import json
from collections.abc import Callable, Iterable
from enum import Enum
from inspect import isclass
from pathlib import Path
from typing import Any, ClassVar, get_type_hints

from docutils import nodes
from prometheus_client.metrics import MetricWrapperBase
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from app.http_problems import HTTP_PROBLEMS
from app.problem_kinds import PROBLEMS
from app.problems import problem_text
from app.settings import Settings, StoreAddress
from app.watching import metrics as watching_metrics

README = Path(__file__).parents[2] / "README.md"
_KINDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "yes or no",
    Path: "path",
    StoreAddress: "URL",
    tuple[str, ...]: "list",
}


def settings() -> str:
    """README's table, with the type that each setting has in the code."""
    hints, rows = get_type_hints(Settings), []
    for line in README.read_text().splitlines():
        if line.startswith("| `PROFILES_"):
            name, default, meaning = line.strip("| ").split(" | ", 2)
            field = name.strip("`").removeprefix("PROFILES_").lower()
            rows.append((name, _kind(hints[field]), default, meaning.replace("](docs/", "](/")))
    return _table(("variable", "type", "default", "meaning"), rows)


def _kind(hint: Any) -> str:
    if isclass(hint) and issubclass(hint, Enum):
        return " or ".join(f"`{each.value}`" for each in hint)
    return _KINDS[hint]


def problems() -> str:
    """Each code, with the answer that bears it."""
    kinds = {each.code: each for each in [*PROBLEMS.values(), *HTTP_PROBLEMS.values()]}
    answers = {code: json.loads(problem_text(kinds[code], {})) for code in sorted(kinds)}
    return "\n".join(
        f"## `{code}`\n\n```json\n{json.dumps(answer, indent=2)}\n```\n"
        for code, answer in answers.items()
    )


def metrics() -> str:
    """All metrics, as Prometheus calls them."""
    rows = []
    for found in vars(watching_metrics).values():
        if isinstance(found, MetricWrapperBase):
            (metric,) = found.describe()
            name = f"{metric.name}_total" if metric.type == "counter" else metric.name
            labels = ", ".join(f"`{each}`" for each in found._labelnames)  # noqa: SLF001
            rows.append((f"`{name}`", metric.type, labels, metric.documentation))
    return _table(("metric", "type", "labels", "meaning"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


class Generated(SphinxDirective):
    """Writes what the function of the directive's name says."""

    texts: ClassVar[dict[str, Callable[[], str]]] = {
        "settings": settings,
        "problems": problems,
        "metrics": metrics,
    }

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(README))
        return self.parse_text_to_nodes(self.texts[self.name](), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    for name in Generated.texts:
        app.add_directive(name, Generated)
    return {"parallel_read_safe": True}
