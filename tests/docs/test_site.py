"""The documentation site: it builds without a warning, all of it is reached, no link is broken."""

import subprocess
import sys
from dataclasses import dataclass, field, fields
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from app.commands.main import main
from app.http_problems import HTTP_PROBLEMS
from app.problem_kinds import PROBLEMS
from app.settings import Settings
from app.watching import metrics
from tests.support.server import ROOT

SOURCES = ROOT / "docs"
PAGES = sorted(str(path.relative_to(SOURCES).with_suffix("")) for path in SOURCES.rglob("*.md"))


@dataclass
class Page(HTMLParser):
    """The anchors of a page, what it links to, and what it fetches to be shown."""

    text: str
    anchors: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors |= {each for each in (found.get("id"), found.get("name")) if each}
        leads_to = {each for each in (found.get("href"), found.get("src")) if each}
        if tag == "a":
            self.links |= leads_to
        else:
            self.parts |= leads_to


def build(sources: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """As `make docs` does."""
    return subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", sources, target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    ended = build(SOURCES, target)
    assert (ended.returncode, ended.stderr) == (0, "")
    return target


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text()) for path in site.rglob("*.html")}


def test_every_page_is_built(site: Path) -> None:
    assert {name for name in PAGES if not (site / f"{name}.html").exists()} == set()


def test_every_inner_link_leads_to_a_place(pages: dict[Path, Page]) -> None:
    broken = set()
    for path, page in pages.items():
        for link in map(urlsplit, page.links | page.parts):
            if link.scheme or link.netloc:
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            anchors = pages[target].anchors if target in pages else set()
            if not target.exists() or (link.fragment and unquote(link.fragment) not in anchors):
                broken.add(f"{path.name}: {link.geturl()}")
    assert broken == set()


def test_a_page_is_shown_without_a_network(pages: dict[Path, Page]) -> None:
    parts = {part for page in pages.values() for part in page.parts}
    assert parts
    assert {part for part in parts if urlsplit(part).netloc} == set()


def test_the_reference_has_all_that_the_code_has(site: Path) -> None:
    def text(name: str) -> str:
        return (site / "reference" / f"{name}.html").read_text()

    for setting in fields(Settings):
        assert f"PROFILES_{setting.name.upper()}<" in text("settings")
    problems = text("problems")
    for problem in [*PROBLEMS.values(), *HTTP_PROBLEMS.values()]:
        assert f">{problem.code}<" in problems
    for metric in metrics.registry().collect():
        assert f">{metric.name}" in text("metrics")
    for command in main.commands:
        assert f'id="profiles-{command}"' in text("command-line")


def test_a_broken_link_or_a_page_left_out_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text("extensions = ['myst_parser']\nmyst_heading_anchors = 3\n")
    (tmp_path / "index.md").write_text("# Title\n\n[there](#nowhere)\n")
    (tmp_path / "lost.md").write_text("# Lost\n")
    ended = build(tmp_path, tmp_path / "built")
    assert ended.returncode != 0
    assert "nowhere" in ended.stderr
    assert "toctree" in ended.stderr
