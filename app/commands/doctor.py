"""``profiles doctor``: whether the service could run here, and what to do where not."""

import os
import platform
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

import click
import psutil

from app import __version__
from app.commands.options import json_option, tell
from app.commands.serve import check_access, check_free
from app.dao.errors import StoreNotPrepared, StoreUnavailable
from app.dao.findings import Finding, Level, judged
from app.definition import load_definition
from app.settings import Settings, StoreAddress, WrongSetting, read_settings
from app.stores import open_dao

NOBODY_ASKED = "nobody is asked who they are"
MIB = 1024 * 1024
WORKER_MIB = 80
WORKERS_PER_PROCESSOR = 4


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Examine the settings, the store and this machine, and say what to do.

    Changes nothing. Ends with 1 if there is a problem; a warning is none.
    """
    findings = list(_examined())
    bad = any(each.level is Level.PROBLEM for each in findings)
    result = {"healthy": not bad, "findings": [asdict(each) for each in findings]}
    tell(result, "\n".join(map(_line, findings)), as_json=as_json)
    if bad:
        raise click.exceptions.Exit(1)


def _examined() -> Iterator[Finding]:
    release = f"customer-profiles {__version__}, Python {platform.python_version()}"
    yield Finding("release", Level.OK, release)
    try:
        settings = read_settings()
    except WrongSetting as error:
        yield Finding("settings", Level.PROBLEM, str(error), "mend it, then look again")
        return
    yield Finding("settings", Level.OK, "every PROFILES_ variable can be used")
    yield _definition(settings)
    yield _access(settings)
    yield _port(settings)
    yield _memory(settings)
    yield _processors(settings)
    yield from _store(settings.store)


def _definition(settings: Settings) -> Finding:
    try:
        found = load_definition(settings)
    except WrongSetting as error:
        advice = "mend the file; `profiles definition check` tells its faults"
        return Finding("definition", Level.PROBLEM, str(error), advice)
    told = f"{settings.definition} has {len(found.attributes)} core attributes"
    advice = "define some: without any there can be no profile"
    good = bool(found.attributes)
    return judged("definition", told, good=good, advice=advice, bad=Level.WARNING)


def _access(settings: Settings) -> Finding:
    try:
        check_access(settings)
    except WrongSetting as error:
        return Finding("access", Level.PROBLEM, str(error), "mend it, then look again")
    told = f"callers are asked for {', '.join(settings.auth)}" if settings.auth else NOBODY_ASKED
    return Finding("access", Level.OK, told)


def _port(settings: Settings) -> Finding:
    try:
        check_free(settings.bind)
    except WrongSetting as error:
        advice = "nothing to do if that is the service itself"
        return Finding("port", Level.WARNING, str(error), advice)
    return Finding("port", Level.OK, f"{settings.bind} is free")


def _memory(settings: Settings) -> Finding:
    available = psutil.virtual_memory().available // MIB
    needed = WORKER_MIB * settings.workers
    return judged(
        "memory",
        f"{available} MiB are available, {settings.workers} workers take about {needed}",
        good=available > needed,
        advice="set a smaller PROFILES_WORKERS",
        bad=Level.WARNING,
    )


def _processors(settings: Settings) -> Finding:
    processors = len(os.sched_getaffinity(0))
    return judged(
        "processors",
        f"{settings.workers} workers of {settings.threads} threads on {processors} processors",
        good=settings.workers <= WORKERS_PER_PROCESSOR * processors,
        advice="set a smaller PROFILES_WORKERS: they wait for each other",
        bad=Level.WARNING,
    )


def _store(address: StoreAddress) -> Iterator[Finding]:
    with closing(open_dao(address)) as dao:
        try:
            status = dao.status()
            yield Finding("store", Level.OK, f"{status.product} answers")
            pending = ", ".join(status.pending_migrations)
            yield judged(
                "migrations",
                f"not applied: {pending}" if pending else "all are applied",
                good=not pending,
                advice="run `profiles migrate apply`",
                bad=Level.PROBLEM,
            )
            yield from dao.examine()
        except StoreNotPrepared as error:
            yield Finding("store", Level.PROBLEM, str(error), "run `profiles migrate apply`")
        except StoreUnavailable as error:
            advice = "check PROFILES_STORE; a new store is made by `profiles migrate apply`"
            yield Finding("store", Level.PROBLEM, str(error), advice)


def _line(finding: Finding) -> str:
    advice = f"\n         {finding.advice}" if finding.advice else ""
    return f"{finding.level:8} {finding.subject}: {finding.told}{advice}"
