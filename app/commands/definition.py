"""``profiles definition``: a tenant's definition as a file."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.commands import jobs
from app.commands.options import json_option, tell, tenant_option
from app.commands.progress import Task, progress
from app.commands.services import core_on
from app.services.errors import ChangeConflicts, ChangeRefused
from app.services.jobs import JobState, public_job
from app.services.metadata import Adopted, Plan
from app.services.rehearsal import public_report
from app.settings import read_settings
from schemas.adoption import Difference
from schemas.definition import Definition
from schemas.faults import Fault, Invalid
from schemas.reader import read_definition
from schemas.writing import public_definition, to_yaml

file_argument = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group()
def definition() -> None:
    """Check, show and change what a profile holds, as a YAML file."""


@definition.command()
@file_argument
@json_option
def check(file: Path, *, as_json: bool) -> None:
    """Tell every fault of the definition in FILE, with its path.

    Asks no store. Ends with 1 if there is a fault.
    """
    try:
        found, faults = _read(file), tuple[Fault, ...]()
    except Invalid as error:
        found, faults = None, error.faults
    result = {"valid": not faults, "faults": [asdict(fault) for fault in faults]}
    told = _counted(file, found) if found else "\n".join(map(str, faults))
    tell(result, told, as_json=as_json)
    if faults:
        raise click.exceptions.Exit(1)


@definition.command()
@tenant_option
@json_option
def show(tenant: int, *, as_json: bool) -> None:
    """Show the definition of a tenant, as `check`, `diff` and `apply` take it."""
    with core_on(read_settings()) as core:
        revision = core.definitions.refreshed(tenant)
    stored = "" if revision.stored else ", not stored yet"
    head = f"# tenant {tenant}, revision {revision.number}{stored}\n"
    result = {
        "tenant": tenant,
        "revision": revision.number,
        "stored": revision.stored,
        "definition": public_definition(revision.definition),
    }
    tell(result, head + to_yaml(revision.definition).rstrip("\n"), as_json=as_json)


@definition.command()
@file_argument
@tenant_option
@json_option
def diff(file: Path, tenant: int, *, as_json: bool) -> None:
    """Tell what `apply` would change, and what that means for stored profiles.

    Changes nothing. A difference is additive, or narrowing: then all profiles are looked at,
    as some may not fit any more; or refused; or a key that has to be built. Ends with 1 if
    `apply` would be refused.
    """
    wanted = _wanted(file)
    with core_on(read_settings()) as core:
        revision = core.definitions.refreshed(tenant)
        with progress(Task("looking", "profiles", resumes=False)) as shown:
            service = core.metadata_service(lambda count: shown.update(count, count))
            plan = service.plan(wanted, revision)
    report = public_report(plan.report) | {"narrowing": plan.narrowing}
    result = {
        "tenant": tenant,
        "revision": revision.number,
        "differences": [asdict(each) for each in plan.differences],
        "refused": [asdict(fault) for fault in plan.refused],
        "report": report,
    }
    tell(result, _told(plan), as_json=as_json)
    if plan.refused or plan.report.invalid:
        raise click.exceptions.Exit(1)


@definition.command()
@file_argument
@tenant_option
@click.option("--force", is_flag=True, help="Whatever profiles are stored.")
@click.option("--wait", is_flag=True, help="Do the background jobs here, and wait for their end.")
@json_option
def apply(file: Path, tenant: int, *, force: bool, wait: bool, as_json: bool) -> None:
    """Bring the definition of a tenant to that in FILE, in one revision.

    It is in force at once on all running workers. They fill new keys, and remove what belongs
    to removed ones, in the background: see `diff` for what that will be. Where it is in force
    already nothing changes; so with --wait, the same command goes on after an interruption.
    """
    wanted = _wanted(file)
    with core_on(read_settings()) as core:
        with progress(Task("looking", "profiles")) as shown:
            service = core.metadata_service(lambda count: shown.update(count, count))
            try:
                adopted = core.definitions.run(
                    tenant, lambda each: service.adopt(wanted, each, force=force), fresh=True
                )
            except ChangeRefused as error:
                raise click.ClickException(f"It is refused:\n{_lines(error.faults)}") from None
            except ChangeConflicts as error:
                raise click.ClickException(
                    f"{_examples(error.report)}\n--force does it."
                ) from None
        found = (jobs.wait if wait else jobs.of)(core, tenant, adopted.jobs)
    result = {
        "tenant": tenant,
        "revision": adopted.revision.number,
        "differences": [asdict(each) for each in adopted.differences],
        "jobs": [public_job(job) for job in found],
    }
    tell(result, "\n".join([_adopted(adopted), *map(jobs.line, found)]), as_json=as_json)
    if any(job.state is JobState.FAILED for job in found):
        raise click.ClickException("A job has failed; mend the profiles, then apply it again.")


def _read(file: Path) -> Definition:
    """:raises Invalid: with every fault."""
    try:
        return read_definition(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Invalid([Fault("", "is not UTF-8")]) from None


def _wanted(file: Path) -> Definition:
    try:
        return _read(file)
    except Invalid as error:
        raise click.ClickException(f"Mend {file}:\n{_lines(error.faults)}") from None


def _counted(file: Path, found: Definition) -> str:
    counts = f"{len(found.attributes)} attributes, {len(found.extensions)} extensions"
    return f"{file} is good: {counts}, {len(found.keys)} identification keys"


def _lines(faults: tuple[Fault, ...]) -> str:
    return "\n".join(f"  {fault}" for fault in faults)


def _told(plan: Plan) -> str:
    lines = [*map(_difference, plan.differences), *(f"refused: {each}" for each in plan.refused)]
    if plan.report.narrowing:
        lines.append(_examples(public_report(plan.report)))
    return "\n".join(lines) or "no differences"


def _difference(each: Difference) -> str:
    return f"{each.action:8} {each.kind} {each.name}".rstrip() + f" ({each.effect})"


def _examples(report: Any) -> str:
    """What was found in the stored profiles, ids but no values."""
    head = f"{report['invalid']} of {report['profiles']} profiles would be invalid"
    each = [
        f"  {example['customer_id']} {example['pointer']}: {example['message']}"
        for example in report["examples"]
    ]
    return "\n".join([head, *each])


def _adopted(adopted: Adopted) -> str:
    lines = list(map(_difference, adopted.differences))
    state = "in force" if lines else "in force already"
    return "\n".join([*lines, f"revision {adopted.revision.number} is {state}"])
