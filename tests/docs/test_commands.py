"""The examples of docs/commands.md are run as they stand there; its tables are the commands'."""

import os
import re
import subprocess
from pathlib import Path

import click

from app.commands.main import INTERRUPTED, StoreProblem, main
from tests.docs.test_readme import rows, section
from tests.support.server import PROFILES, ROOT, environment

TEXT = (ROOT / "docs" / "commands.md").read_text()
STEPS = re.findall(r"```sh\n(.*?)```\n(?:(?!```).)*?```text\n(.*?)```", TEXT, re.DOTALL)


def test_every_example_prints_what_it_shows(tmp_path: Path) -> None:
    path = f"{Path(PROFILES).parent}:{os.environ['PATH']}"
    assert len(STEPS) == TEXT.count("```sh")
    for commands, shown in STEPS:
        ran = subprocess.run(
            ["/usr/bin/env", "bash", "-c", commands],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
            env=environment() | {"PATH": path},
            check=False,
        )
        assert ran.stdout == shown, commands + ran.stderr


def leaves(group: click.Group, name: str) -> set[str]:
    found = set()
    for each, command in group.commands.items():
        path = f"{name} {each}"
        found |= leaves(command, path) if isinstance(command, click.Group) else {path}
    return found


def test_every_command_is_listed() -> None:
    listed = {row[0] for row in rows(TEXT.partition("## How they end")[0])}
    assert listed == leaves(main, "profiles")


def test_the_exit_codes_are_those_of_the_commands() -> None:
    usual = {0, click.ClickException.exit_code, click.UsageError.exit_code}
    listed = {int(row[0]) for row in rows(section("How they end, and what they print", TEXT))}
    assert listed == usual | {StoreProblem.exit_code, INTERRUPTED}
