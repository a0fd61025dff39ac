"""``profiles digest``: what a store or a backup holds, so that two can be compared."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.commands.backup import Reading, opened
from app.commands.options import TENANT, Work, json_option, tell, threads_option
from app.commands.progress import Task, progress
from app.commands.services import core_on
from app.services.backup_lines import Section
from app.services.digests import Account, digest_of
from app.settings import read_settings


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--tenant", type=TENANT, help="Only this tenant; all of them unless given.")
@threads_option()
@json_option
def digest(file: Path | None, **work: Any) -> None:
    """Tell what the store holds by a digest of each tenant and one of all; or the backup in FILE.

    Two digests are equal if definitions, profiles in every state, versions that are still kept,
    entity tags and ids of merged profiles are; whatever the stores are. What is not in a backup
    does not count.
    """
    asked = Work(**work)
    sections = _of_file(file, asked) if file else _of_store(asked)
    result = {"digest": digest_of(sections), "tenants": [_told(each) for each in sections]}
    text = [*map(_line, sections), f"{result['digest']}  all {len(sections)} tenants"]
    tell(result, "\n".join(text), as_json=asked.as_json)


def _of_file(file: Path, work: Work) -> tuple[Section, ...]:
    with opened(file) as held:
        if work.tenant is None:
            return held.sections
        held.begin(work.tenant)
        return tuple(each for each in held.sections if each.tenant == work.tenant)


def _of_store(work: Work) -> tuple[Section, ...]:
    settings, account = read_settings(), Account()
    with core_on(settings) as core:
        reading, met = Reading(core.dao, settings.keep_past_for, work), 0
        with progress(Task("reading", "profiles", reading.total, resumes=False)) as shown:
            for page in reading.pages():
                for line in page.lines:
                    account.add(line)
                met += page.met
                shown.update(met, met)
    return account.sections


def _told(section: Section) -> dict[str, Any]:
    """Without what is only said of a file."""
    return {name: each for name, each in asdict(section).items() if name != "start"}


def _line(section: Section) -> str:
    counts = f"{section.profiles} profiles, {section.deleted} deleted, {section.merged} merged"
    return f"{section.digest}  tenant {section.tenant}: {counts}, {section.versions} versions"
