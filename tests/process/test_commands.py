"""The commands as a user and a script meet them: what they print, and how they end."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import stores
from app.dao.cassandra.examination import clock, node
from app.dao.embedded.connection import connect
from app.dao.embedded.examination import LITTLE_ROOM, NO_ROOM, library, room
from app.dao.findings import Level
from app.settings import CassandraStore, EmbeddedStore
from examples.generate_profiles import profiles
from local_cassandra.cluster import free_port
from schemas.reader import read_definition
from tests.process.test_load import write_lines
from tests.support.creators import a_tenant
from tests.support.server import PROFILES, ROOT, environment, run, serving, store_url, wait_until

AWAY = "cassandra://127.0.0.1:1/profiles"
HEAVY = ["cassandra", "flask", "gunicorn", "rich", "structlog"]
TITLE = "\n- {name: title, attributes: [Title]}\n"


@pytest.fixture
def store(address: Any) -> dict[str, str]:
    """The setting for a prepared store."""
    return {"PROFILES_STORE": store_url(address)}


def profiles_json(*arguments: str, settings: dict[str, str], code: int = 0) -> Any:
    """What a command tells with ``--json``, which is all that it prints there."""
    ended = run(*arguments, "--json", **settings)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return json.loads(ended.stdout)


def of_tenant(
    verb: str, file: Path, tenant: str, *more: str, settings: dict[str, str], code: int = 0
) -> Any:
    arguments = ("definition", verb, str(file), "--tenant", tenant, *more)
    return profiles_json(*arguments, settings=settings, code=code)


def test_help_imports_nothing_that_takes_long() -> None:
    code = (
        "import sys\nfrom app.commands.main import main\n"
        "main(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert "definition" in ended.stdout
    assert ended.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ["--version"]),
        (2, ["nothing"]),
        (2, ["migrate"]),
        (2, ["export", "--json"]),
        (2, ["export", "--whole", "--json"]),
        (2, ["export", "--whole", "--definition", "not-there.yaml"]),
        (2, ["digest", "not-there.ndjson"]),
        (2, ["load", "not-there.ndjson"]),
        (2, ["copy", "mysql://a/b", AWAY]),
        (2, ["copy", AWAY, AWAY]),
        (3, ["migrate", "status"]),
        (3, ["export"]),
        (3, ["export", "--whole", "not-there.ndjson"]),
        (3, ["digest"]),
        (3, ["definition", "show"]),
        (3, ["copy", AWAY, AWAY + "2"]),
    ],
)
def test_how_a_command_ends(code: int, arguments: list[str]) -> None:
    ended = run(*arguments, PROFILES_STORE=AWAY)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_password_in_a_url_is_not_told() -> None:
    ended = run("copy", "cassandra://me:secret@host/UPPER", AWAY)
    assert ended.returncode == 2
    assert "names no store" in ended.stderr
    assert "secret" not in ended.stderr


def test_a_store_is_copied_without_a_url_on_the_command_line(tmp_path: Path) -> None:
    stores.migrate(EmbeddedStore(tmp_path / "source.db"))
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("source", "target")]
    settings = {"PROFILES_COPY_SOURCE": urls[0], "PROFILES_COPY_TARGET": urls[1]}
    for given, needed in (([], settings), (urls[:1], {"PROFILES_COPY_TARGET": urls[1]})):
        ended = run("copy", *given, **needed)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "0 profiles" in ended.stdout
    assert (tmp_path / "target.db").exists()


def test_a_password_in_the_environment_is_not_told() -> None:
    ended = run("copy", AWAY, PROFILES_COPY_TARGET="cassandra://me:secret@host/UPPER")
    assert ended.returncode == 2
    assert "names no store" in ended.stderr
    assert "secret" not in ended.stderr


def test_bash_completes_commands_and_options() -> None:
    script = f"""
        eval "$({PROFILES} completion bash)"
        complete -p profiles
        COMP_WORDS=(profiles definition a) COMP_CWORD=2
        _profiles_completion {PROFILES}
        echo "${{COMPREPLY[@]}}"
        COMPREPLY=() COMP_WORDS=(profiles load --te) COMP_CWORD=2
        _profiles_completion {PROFILES}
        echo "${{COMPREPLY[@]}}"
    """
    ended = subprocess.run(
        ["/usr/bin/env", "bash", "-c", script],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    assert "-F _profiles_completion profiles" in ended.stdout
    assert ended.stdout.splitlines()[1:] == ["apply", "--tenant"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script_too(shell: str) -> None:
    ended = run("completion", shell)
    assert ended.returncode == 0
    assert f"_PROFILES_COMPLETE={shell}_complete" in ended.stdout


def test_migrations_are_planned_applied_and_told(tmp_path: Path) -> None:
    names = ["0001_profile", "0002_identity", "0003_receipt"]
    store = {"PROFILES_STORE": f"sqlite:///{tmp_path}/profiles.db"}
    planned = profiles_json("migrate", "plan", settings=store)
    assert planned == {"would_apply": names, "obstacles": []}
    told = profiles_json("migrate", "status", code=1, settings=store)
    assert (told["up_to_date"], told["migrations"][0]["stage"]) == (False, "pending")
    assert profiles_json("migrate", "apply", settings=store) == {
        "applied": names,
        "reindex": False,
    }
    assert profiles_json("migrate", "status", settings=store)["up_to_date"]
    assert run("migrate", "plan", **store).stdout == "the store is up to date\n"
    assert run("migrate", "apply", "--quiet", **store).stdout == ""


def test_what_would_stop_a_migration_is_planned_for(
    cassandra_address: CassandraStore, tmp_path: Path
) -> None:
    """As with a release whose file of an applied migration is another one."""
    code = (
        "import sys; from pathlib import Path\n"
        "from app.dao.cassandra.migrations import files, runner\n"
        "changed = files.read_migrations(Path(sys.argv.pop(1)))\n"
        "runner.read_migrations = lambda: changed\n"
        "from app.commands.main import main; main()"
    )
    for file in (ROOT / "migrations_cql").glob("*.cql"):
        (tmp_path / file.name).write_text(file.read_text() + "-- changed\n")
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), "migrate", "plan", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(PROFILES_STORE=store_url(cassandra_address)),
        check=False,
    )
    assert ended.returncode == 1
    obstacles = json.loads(ended.stdout)["obstacles"]
    assert (
        obstacles[0] == "0001_profile.cql was changed after it was applied; put it back as it was"
    )


def test_a_definition_goes_from_one_tenant_to_a_file_and_to_another_tenant(
    store: dict[str, str], tmp_path: Path
) -> None:
    one, other, file = str(a_tenant()), str(a_tenant()), tmp_path / "d.yaml"
    shown = run("definition", "show", "--tenant", one, **store).stdout
    file.write_text(shown + TITLE)
    told = of_tenant("apply", file, one, "--wait", settings=store)
    assert (told["revision"], told["jobs"][0]["state"]) == (2, "done")
    file.write_text(run("definition", "show", "--tenant", one, **store).stdout)
    assert read_definition(file.read_text()).keys[-1].name == "title"
    again = of_tenant("apply", file, one, settings=store)
    assert (again["revision"], again["differences"]) == (3, [])
    diff = of_tenant("diff", file, other, settings=store)
    difference = {"kind": "key", "name": "title", "action": "added", "effect": "built"}
    assert diff["differences"] == [difference]
    shown = profiles_json("definition", "show", "--tenant", other, settings=store)
    assert (shown["revision"], shown["stored"]) == (1, False)


def test_a_narrowing_definition_is_refused_with_a_report_unless_forced(
    store: dict[str, str], tmp_path: Path
) -> None:
    tenant, file = str(a_tenant()), tmp_path / "d.yaml"
    lines = write_lines(tmp_path / "p.ndjson", {"customer_id": "long", "LastName": "Banner"})
    run("load", str(lines), "--tenant", tenant, **store)
    text = run("definition", "show", "--tenant", tenant, **store).stdout
    file.write_text(text.replace("LastName, type: string", "LastName, type: string, length: 3"))
    diff = of_tenant("diff", file, tenant, code=1, settings=store)
    assert diff["report"]["narrowing"]
    assert (diff["report"]["profiles"], diff["report"]["invalid"]) == (1, 1)
    refused = run("definition", "apply", str(file), "--tenant", tenant, **store)
    assert refused.returncode == 1
    assert "long /LastName: must have at most 3 characters" in refused.stderr
    assert "Banner" not in refused.stderr
    forced = run("definition", "apply", str(file), "--tenant", tenant, "--force", **store)
    assert (forced.returncode, forced.stderr) == (0, "")
    assert "revision 2 is in force" in forced.stdout


def test_what_a_definition_may_not_become_is_told_by_diff_and_apply(
    store: dict[str, str], tmp_path: Path
) -> None:
    tenant, file = str(a_tenant()), tmp_path / "d.yaml"
    text = run("definition", "show", "--tenant", tenant, **store).stdout
    file.write_text(text.replace("DOB, type: date", "DOB, type: long"))
    diff = of_tenant("diff", file, tenant, code=1, settings=store)
    assert [fault["pointer"] for fault in diff["refused"]] == ["/attributes/2/type"]
    refused = run("definition", "apply", str(file), "--tenant", tenant, "--force", **store)
    assert refused.returncode == 1
    assert "/attributes/2/type: cannot become long" in refused.stderr


@pytest.mark.parametrize("text", [b"attributes: 1", b"\xff", b"{", b"attributes: [{name: 1}]"])
def test_every_fault_of_a_definition_is_told(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "d.yaml").write_bytes(text)
    told = profiles_json("definition", "check", str(tmp_path / "d.yaml"), settings={}, code=1)
    assert not told["valid"]
    assert all(fault["message"] for fault in told["faults"])
    diff = run("definition", "diff", str(tmp_path / "d.yaml"), PROFILES_STORE=AWAY)
    assert diff.returncode == 1
    assert told["faults"][0]["message"] in diff.stderr


def test_a_running_service_follows_an_applied_definition_and_does_its_jobs(
    address: EmbeddedStore | CassandraStore, store: dict[str, str], tmp_path: Path
) -> None:
    tenant, file = str(a_tenant()), tmp_path / "d.yaml"
    lines = write_lines(tmp_path / "p.ndjson", *profiles(50))
    run("load", str(lines), "--tenant", tenant, **store)
    shown = run("definition", "show", "--tenant", tenant, **store).stdout
    file.write_text(shown + "- {name: birth, attributes: [DOB]}\n")
    with serving(address, tmp_path) as service:
        told = of_tenant("apply", file, tenant, settings=store)
        path, named = f"/metadata/jobs/{told['jobs'][0]['id']}", {"X_Genesys_TenantId": tenant}
        wait_until(lambda: service.send("GET", path, **named).json["state"] == "done")
        born = next(profiles(1))["DOB"]
        answer = service.send("GET", f"/profiles?DOB={born}", **named)
        assert answer.status == 200, answer.body


def finding(told: Any, subject: str) -> Any:
    return next(each for each in told["findings"] if each["subject"] == subject)


def test_a_healthy_store_passes_the_doctor(store: dict[str, str]) -> None:
    told = profiles_json("doctor", settings=store | {"PROFILES_BIND": f"127.0.0.1:{free_port()}"})
    assert told["healthy"]
    subjects = {each["subject"] for each in told["findings"]}
    assert {"release", "settings", "definition", "port", "store", "migrations"} <= subjects
    assert {"clock", "paxos"} <= subjects or {"journal", "disk", "SQLite library"} <= subjects
    assert all(each["advice"] for each in told["findings"] if each["level"] != "ok")


@pytest.mark.parametrize(
    ("settings", "subject", "advice"),
    [
        ({"PROFILES_WORKERS": "0"}, "settings", "mend it"),
        ({"PROFILES_DEFINITION": "/dev/null"}, "definition", "profiles definition check"),
        ({"PROFILES_BIND": "0.0.0.0:1"}, "access", "mend it"),
        ({"PROFILES_AUTH": "basic", "PROFILES_AUTH_FILE": "/no/file"}, "access", "mend it"),
        ({"PROFILES_STORE": AWAY}, "store", "check PROFILES_STORE"),
        ({"PROFILES_STORE": "sqlite:////dev/null/x.db"}, "store", "profiles migrate apply"),
    ],
)
def test_the_doctor_finds_what_is_wrong(
    settings: dict[str, str], subject: str, advice: str, tmp_path: Path
) -> None:
    stores.migrate(EmbeddedStore(tmp_path / "p.db"))
    told = profiles_json(
        "doctor", code=1, settings={"PROFILES_STORE": f"sqlite:///{tmp_path}/p.db"} | settings
    )
    found = finding(told, subject)
    assert found["level"] == "problem"
    assert advice in found["advice"]


def test_the_doctor_finds_a_store_that_is_not_prepared(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    told = profiles_json("doctor", code=1, settings={"PROFILES_STORE": f"sqlite:///{path}"})
    assert finding(told, "migrations")["advice"] == "run `profiles migrate apply`"
    assert finding(told, "journal")["level"] == "problem"
    assert connect(path).pragma("user_version") == 0


def test_the_doctor_warns_of_a_port_in_use_and_of_too_many_workers(tmp_path: Path) -> None:
    stores.migrate(EmbeddedStore(tmp_path / "p.db"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = profiles_json(
            "doctor",
            settings={
                "PROFILES_STORE": f"sqlite:///{tmp_path}/p.db",
                "PROFILES_BIND": f"127.0.0.1:{taken.getsockname()[1]}",
                "PROFILES_WORKERS": "256",
            },
        )
    assert finding(told, "port")["level"] == "warning"
    assert finding(told, "processors")["level"] == "warning"


def test_what_a_machine_or_node_has_is_judged() -> None:
    assert library("3.51.2").level is Level.PROBLEM
    assert library("3.51.3").level is library("3.54.1").level is Level.OK
    levels = [room(Path(), free).level for free in (LITTLE_ROOM, NO_ROOM, NO_ROOM - 1)]
    assert levels == [Level.OK, Level.WARNING, Level.PROBLEM]
    assert [clock(ahead).level for ahead in (0.9, -0.9, 1.1, -1.1)] == [
        *[Level.OK] * 2,
        *[Level.WARNING] * 2,
    ]


@pytest.mark.parametrize(
    ("paxos", "sync", "copies", "levels"),
    [
        ("v2", "batch", 1, [Level.OK, Level.OK]),
        ("v1", "periodic", 3, [Level.WARNING, Level.OK]),
        ("v2", "periodic", 1, [Level.OK, Level.WARNING]),
    ],
)
def test_the_settings_of_a_node_are_judged(
    paxos: str, sync: str, copies: int, levels: list[Level]
) -> None:
    settings = {"paxos_variant": paxos, "commitlog_sync": sync}
    assert [each.level for each in node(settings, copies)] == levels
