"""The settings of the service: environment variables, typed, checked at start.

Each field of `Settings` is one variable; README lists them, and a test holds the two equal.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from environs import Env, EnvValidationError, ValidationError

from app.tls import Tls, WrongTls

DEFAULT_DEFINITION = Path(__file__).parent.parent / "schemas" / "definitions" / "default.yaml"
DEFAULT_TENANT = 1
MAX_BODY_BYTES = 2 * 1024 * 1024
LEAST_DEADLINE, LONGEST_DEADLINE = 0.1, 300
SECONDS_PER_DAY = 86_400
NO_METHOD = "none"
AUTH_METHODS = frozenset({"api_key", "basic", "jwt"})

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_BASE_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*", re.ASCII)
_KEYSPACE = re.compile(r"[a-z][a-z0-9_]{0,47}", re.ASCII)
_STORE_HELP = (
    "use sqlite:///var/profiles.db (a path relative to the folder of the start; absolute with"
    " four slashes) or cassandra://host1,host2:9042/keyspace?local_dc=NAME"
)


class WrongSetting(Exception):
    """A setting that the service cannot start with; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class EmbeddedStore:
    """A SQLite file."""

    path: Path


@dataclass(frozen=True, slots=True)
class CassandraStore:
    """A cluster and the keyspace in it. ``replication`` is for making the keyspace; None: by
    the number of nodes, at most 3. ``tls``: None for connections in the clear."""

    hosts: tuple[str, ...]
    port: int
    keyspace: str
    local_dc: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    replication: int | None = None
    tls: Tls | None = None


class AccessLog(StrEnum):
    """What is told of requests: each in a line, all of some seconds in one, or nothing."""

    JSON = "json"
    SUMMARY = "summary"
    OFF = "off"


StoreAddress = EmbeddedStore | CassandraStore

THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the service is started with; `read_settings` gives the defaults."""

    bind: str
    store: StoreAddress
    base_path: str
    workers: int
    threads: int
    definition: Path
    max_body: int
    deadline: float
    keep_alive: int
    weak_if_match: bool
    require_if_match: bool
    history_days: int
    auth: tuple[str, ...]
    auth_file: Path
    open_to_all: bool
    rate_limit: int
    cors_origins: tuple[str, ...]
    access_log: AccessLog
    tracing: bool

    @property
    def keep_past_for(self) -> int:
        """How long past versions are kept, in seconds."""
        return self.history_days * SECONDS_PER_DAY


def read_settings() -> Settings:
    """The settings in the process's environment.

    :raises WrongSetting: with one sentence on the first that is wrong.
    """
    env = Env()
    with env.prefixed("PROFILES_"):
        try:
            return Settings(
                bind=env.str("BIND", "127.0.0.1:8080", validate=_check_bind),
                store=store_address(env.str("STORE", "sqlite:///var/profiles.db")),
                base_path=env.str("BASE_PATH", "", validate=_check_base_path).rstrip("/"),
                workers=env.int("WORKERS", 2, validate=_between(1, 256)),
                threads=env.int("THREADS", THREADS, validate=_between(1, 256)),
                definition=Path(env.str("DEFINITION", str(DEFAULT_DEFINITION))),
                max_body=env.int("MAX_BODY", 1024 * 1024, validate=_between(1, MAX_BODY_BYTES)),
                deadline=env.float("DEADLINE", 5.0, validate=_check_deadline),
                keep_alive=env.int("KEEP_ALIVE", 75, validate=_between(1, 7200)),
                weak_if_match=env.bool("WEAK_IF_MATCH", False),
                require_if_match=env.bool("REQUIRE_IF_MATCH", False),
                history_days=env.int("HISTORY_DAYS", 30, validate=_between(0, 3650)),
                auth=_methods(env.str("AUTH", NO_METHOD, validate=_check_auth)),
                auth_file=Path(env.str("AUTH_FILE", "var/access.yaml")),
                open_to_all=env.bool("OPEN_TO_ALL", False),
                rate_limit=env.int("RATE_LIMIT", 0, validate=_between(0, 10_000)),
                cors_origins=_origins(env.str("CORS_ORIGINS", "", validate=_check_origins)),
                access_log=AccessLog(env.str("ACCESS_LOG", "json", validate=_check_access_log)),
                tracing=env.str("TRACING", "off", validate=_check_tracing) == "on",
            )
        except EnvValidationError as error:
            raise WrongSetting(_told(error)) from None


def host_of(bind: str) -> str:
    """The host in HOST:PORT."""
    return bind.rpartition(":")[0].strip("[]")


def _told(error: EnvValidationError) -> str:
    variable = str(error).split('"')[1]
    return f"{variable} is wrong: {' '.join(error.error_messages)}"


def store_address(url: str, given: str = "PROFILES_STORE") -> StoreAddress:
    """The store that ``url`` names; ``given``: what it was given as.

    :raises WrongSetting: it names none, or a file that cannot be used.
    """
    scheme, separator, _ = url.partition("://")
    shown = url if "@" not in url else f"{scheme}://..." if separator else "..."  # no password
    if not separator or scheme.lower() not in _STORES:
        raise WrongSetting(f"{given}={shown} names no store; {_STORE_HELP}.")
    try:
        return _STORES[scheme.lower()](urlsplit(url))
    except WrongTls as error:
        raise WrongSetting(f"{given} cannot be used: {error}.") from None
    except ValueError as error:
        why = "it cannot be read" if "@" in url else error
        raise WrongSetting(f"{given}={shown} names no store: {why}; {_STORE_HELP}.") from None


def _embedded(parts: SplitResult) -> EmbeddedStore:
    if parts.netloc or not parts.path.strip("/"):
        raise ValueError("it has no path")
    if parts.query or parts.fragment:
        raise ValueError("it has more than a path, write ? as %3F and # as %23")
    return EmbeddedStore(Path(unquote(parts.path[1:])))


def _cassandra(parts: SplitResult) -> CassandraStore:
    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    hosts, _, port = hosts.partition(":")
    options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    address = CassandraStore(
        hosts=tuple(filter(None, hosts.split(","))),
        port=_number("port", port or "9042", 1, 65535),
        keyspace=parts.path.strip("/"),
        local_dc=options.pop("local_dc", "datacenter1"),
        username=unquote(username) or None,
        password=unquote(password) or None,
        replication=_number("replication", options.pop("replication", "0"), 0, 99) or None,
        tls=Tls.taken_from(options),
    )
    if options:
        raise ValueError(f"{', '.join(options)} is no option of it")
    if not address.hosts:
        raise ValueError("it has no host")
    if not _KEYSPACE.fullmatch(address.keyspace):
        raise ValueError("the keyspace must be a letter, then letters, digits or _, lower case")
    return address


_STORES: dict[str, Callable[[SplitResult], StoreAddress]] = {
    "sqlite": _embedded,
    "cassandra": _cassandra,
}


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ValueError(f"its {name} must be a whole number from {least} to {most}")
    return int(text)


def _check_bind(value: str) -> None:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValidationError("must be HOST:PORT, such as 127.0.0.1:8080.")


def _methods(text: str) -> tuple[str, ...]:
    return () if text == NO_METHOD else tuple(text.split(","))


def _check_auth(value: str) -> None:
    methods = _methods(value)
    if len(set(methods)) < len(methods) or not AUTH_METHODS.issuperset(methods):
        raise ValidationError(
            "must be none, or one or several of api_key, basic, jwt, such as api_key,jwt."
        )


def _origins(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _check_origins(value: str) -> None:
    if not all(map(_ORIGIN.fullmatch, _origins(value))):
        raise ValidationError(
            "must be origins, exact and with commas between,"
            " such as https://desk.example.com,http://localhost:3000."
        )


def _check_base_path(value: str) -> None:
    if not _BASE_PATH.fullmatch(value.rstrip("/")):
        raise ValidationError("must be empty or a path such as /cv or /genesys/1/cs.")


def _check_access_log(value: str) -> None:
    if value not in [*AccessLog]:
        raise ValidationError(f"must be {', '.join(AccessLog)}.")


def _check_deadline(value: float) -> None:
    if not LEAST_DEADLINE <= value <= LONGEST_DEADLINE:
        raise ValidationError(
            f"must be a number of seconds from {LEAST_DEADLINE} to {LONGEST_DEADLINE}."
        )


def _check_tracing(value: str) -> None:
    if value not in {"on", "off"}:
        raise ValidationError("must be on or off.")
    if value == "on" and not _is_installed("opentelemetry.exporter.otlp.proto.http"):
        raise ValidationError(
            "it takes OpenTelemetry: pip install 'customer-profiles[tracing]', or set it to off."
        )


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _between(least: int, most: int) -> Callable[[int], None]:
    def check(value: int) -> None:
        if not least <= value <= most:
            raise ValidationError(f"must be a whole number from {least} to {most}.")

    return check
