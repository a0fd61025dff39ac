"""The settings in the environment: defaults, good values, and one sentence on a bad one."""

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from app.protection import check_protected
from app.settings import (
    DEFAULT_DEFINITION,
    AccessLog,
    CassandraStore,
    EmbeddedStore,
    Settings,
    StoreAddress,
    WrongSetting,
    host_of,
    read_settings,
    store_address,
)

DEFAULTS = {
    "bind": "127.0.0.1:8080",
    "store": EmbeddedStore(Path("var/profiles.db")),
    "base_path": "",
    "workers": 2,
    "threads": 4,
    "definition": DEFAULT_DEFINITION,
    "max_body": 1024 * 1024,
    "deadline": 5.0,
    "keep_alive": 75,
    "weak_if_match": False,
    "require_if_match": False,
    "history_days": 30,
    "auth": (),
    "auth_file": Path("var/access.yaml"),
    "open_to_all": False,
    "rate_limit": 0,
    "cors_origins": (),
    "access_log": AccessLog.JSON,
    "tracing": False,
}


def cassandra(**parts: Any) -> CassandraStore:
    defaults: dict[str, Any] = {"hosts": ("h",), "port": 9042, "keyspace": "ks"}
    return CassandraStore(**defaults | {"local_dc": "datacenter1"} | parts)


def refusal(url: str) -> str:
    with pytest.raises(WrongSetting) as caught:
        store_address(url)
    return str(caught.value)


def test_without_variables_each_setting_has_its_default() -> None:
    settings = read_settings()
    assert {each.name: getattr(settings, each.name) for each in fields(Settings)} == DEFAULTS


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bind", "0.0.0.0:80", "0.0.0.0:80"),
        ("bind", "[::1]:65535", "[::1]:65535"),
        ("store", "sqlite:////srv/p.db", EmbeddedStore(Path("/srv/p.db"))),
        ("base_path", "", ""),
        ("base_path", "/", ""),
        ("base_path", "/cv", "/cv"),
        ("base_path", "/genesys/1/cs/", "/genesys/1/cs"),
        ("workers", "1", 1),
        ("workers", "256", 256),
        ("threads", "1", 1),
        ("threads", "256", 256),
        ("definition", "d.yaml", Path("d.yaml")),
        ("max_body", "1", 1),
        ("max_body", "2097152", 2097152),
        ("deadline", "0.1", 0.1),
        ("deadline", "300", 300.0),
        ("keep_alive", "7200", 7200),
        ("weak_if_match", "yes", True),
        ("require_if_match", "yes", True),
        ("cors_origins", "https://a.example", ("https://a.example",)),
        ("cors_origins", "http://a:3000,https://b", ("http://a:3000", "https://b")),
        ("history_days", "0", 0),
        ("history_days", "3650", 3650),
        ("auth", "none", ()),
        ("auth", "jwt", ("jwt",)),
        ("auth", "jwt,api_key,basic", ("jwt", "api_key", "basic")),
        ("auth_file", "/etc/access.yaml", Path("/etc/access.yaml")),
        ("open_to_all", "yes", True),
        ("open_to_all", "no", False),
        ("rate_limit", "10000", 10000),
        ("access_log", "summary", AccessLog.SUMMARY),
        ("access_log", "off", AccessLog.OFF),
        ("tracing", "on", True),
        ("tracing", "off", False),
    ],
)
def test_a_variable_sets_its_setting_and_no_other(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(f"PROFILES_{name.upper()}", text)
    settings = read_settings()
    read = {each.name: getattr(settings, each.name) for each in fields(Settings)}
    assert read == DEFAULTS | {name: value}


@pytest.mark.parametrize(
    ("variable", "text"),
    [("BIND", text) for text in ("", "localhost", ":80", "h:", "h:0", "h:65536", "h:x", "h:-1")]
    + [("STORE", text) for text in ("", "profiles.db", "redis://h/ks", "sqlite:///")]
    + [("BASE_PATH", text) for text in ("cv", "/a b", "/a//b", "/a?b", "/a%20b", "/\u00e9")]
    + [("WORKERS", text) for text in ("", "0", "257", "-1", "1.5", "two", '"')]
    + [("THREADS", text) for text in ("", "0", "257", "-1", "1.5", "two")]
    + [("MAX_BODY", text) for text in ("", "0", "4194305", "1M")]
    + [("DEADLINE", text) for text in ("", "0", "0.05", "301", "5s", "-1", "nan", "inf")]
    + [("KEEP_ALIVE", text) for text in ("", "0", "7201", "forever")]
    + [
        ("CORS_ORIGINS", text)
        for text in (
            "*",
            "https://*.a",
            "https://a/",
            "https://a, https://b",
            "https://A",
            "a",
            ",",
        )
    ]
    + [("HISTORY_DAYS", text) for text in ("", "-1", "3651", "a month")]
    + [
        ("AUTH", text)
        for text in ("", "digest", "jwt,jwt", "none,jwt", "jwt,", "JWT", "jwt, basic")
    ]
    + [("OPEN_TO_ALL", text) for text in ("", "maybe", "2")]
    + [("RATE_LIMIT", text) for text in ("", "-1", "10001", "1.5", "100/s")]
    + [("ACCESS_LOG", text) for text in ("", "JSON", "on", "text")]
    + [("TRACING", text) for text in ("", "yes", "1")],
)
def test_a_bad_value_is_told_in_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setenv(f"PROFILES_{variable}", text)
    with pytest.raises(WrongSetting) as caught:
        read_settings()
    told = str(caught.value)
    assert told.startswith(f"PROFILES_{variable}")
    assert told.endswith(".")
    assert "\n" not in told
    assert ". " not in told


@pytest.mark.parametrize(
    ("variable", "value", "extra", "package"),
    [("TRACING", "on", "tracing", "opentelemetry")],
)
def test_a_setting_without_its_extra_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, extra: str, package: str
) -> None:
    for name in [each for each in sys.modules if each.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setenv(f"PROFILES_{variable}", value)
    with pytest.raises(WrongSetting, match=rf"pip install 'customer-profiles\[{extra}\]'"):
        read_settings()


def test_the_past_is_kept_for_days_told_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROFILES_HISTORY_DAYS", "2")
    assert read_settings().keep_past_for == 2 * 24 * 60 * 60


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("sqlite:///p.db", EmbeddedStore(Path("p.db"))),
        ("sqlite:///var/a%20b.db", EmbeddedStore(Path("var/a b.db"))),
        ("sqlite:////srv/p.db", EmbeddedStore(Path("/srv/p.db"))),
        ("cassandra://h/ks", cassandra()),
        ("CASSANDRA://h/ks/", cassandra()),
        ("cassandra://h1,h2,h3:9043/ks", cassandra(hosts=("h1", "h2", "h3"), port=9043)),
        ("cassandra://h/ks?local_dc=DC1", cassandra(local_dc="DC1")),
        ("cassandra://h/ks?replication=2&local_dc=b", cassandra(replication=2, local_dc="b")),
        ("cassandra://u@h/ks", cassandra(username="u")),
        ("cassandra://u:p@h/ks", cassandra(username="u", password="p")),  # noqa: S106
        ("cassandra://u%40:%2F%3A%40@h/ks", cassandra(username="u@", password="/:@")),  # noqa: S106
    ],
)
def test_a_url_names_a_store(url: str, address: StoreAddress) -> None:
    assert store_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://p.db",
        "sqlite://var/p.db",
        "sqlite:p.db",
        "sqlite:var/p.db",
        "sqlite:////",
        "sqlite:///p.db?mode=ro",
        "sqlite:///a#b.db",
        "cassandra:///ks",
        "cassandra://,/ks",
        "cassandra://h",
        "cassandra://h/",
        "cassandra://h/KS",
        "cassandra://h/1ks",
        "cassandra://h/k-s",
        "cassandra://h/k/s",
        f"cassandra://h/{'k' * 49}",
        "cassandra://h:x/ks",
        "cassandra://h:0/ks",
        "cassandra://h:-1/ks",
        "cassandra://h:65536/ks",
        "cassandra://h1:9042,h2:9042/ks",
        "cassandra://h/ks?dc=DC1",
        "cassandra://h/ks?local_dc",
        "cassandra://h/ks?replication=all",
        "cassandra://h/ks?replication=-1",
        "cassandra://[h/ks",
        "h/ks",
    ],
)
def test_any_other_url_is_refused_with_the_forms_there_are(url: str) -> None:
    told = refusal(url)
    assert told.startswith(f"PROFILES_STORE={url} names no store")
    assert "sqlite:///var/profiles.db" in told
    assert "cassandra://host1,host2:9042/keyspace?local_dc=NAME" in told


@pytest.mark.parametrize("mark", ["", ":", "%40", "@", "/", "#", "?", "[", "\u2100"])
def test_a_refusal_does_not_tell_the_password(mark: str) -> None:
    told = refusal(f"cassandra://user:tiger{mark}lion@h:port/KEYSPACE?x=1")
    assert "tiger" not in told
    assert "lion" not in told


@pytest.mark.parametrize("start", ["", "//", "cassandra:", "cassandra:/", "redis://", "sqlite://"])
def test_a_refusal_of_another_form_does_not_tell_the_password_either(start: str) -> None:
    assert "tiger" not in refusal(f"{start}user:tiger@h/ks")


def test_what_is_logged_of_an_address_does_not_tell_the_password() -> None:
    address = store_address("cassandra://user:tiger@h/ks")
    settings = Settings(**DEFAULTS | {"store": address})  # type: ignore[arg-type]
    assert "user" in repr(settings)
    assert "tiger" not in f"{settings!r} {settings} {address!r} {address}"


@pytest.mark.parametrize("bind", ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"])
def test_without_authentication_only_this_machine_is_served(bind: str) -> None:
    check_protected(read_settings(), host_of(bind))


@pytest.mark.parametrize("bind", ["0.0.0.0:1", "[::]:1", "192.168.0.1:1", "example.org:1", ":1"])
def test_others_are_served_with_authentication_or_in_plain_words_only(
    monkeypatch: pytest.MonkeyPatch, bind: str
) -> None:
    with pytest.raises(WrongSetting, match="PROFILES_OPEN_TO_ALL=yes"):
        check_protected(read_settings(), host_of(bind))
    monkeypatch.setenv("PROFILES_OPEN_TO_ALL", "yes")
    check_protected(read_settings(), host_of(bind))
    monkeypatch.setenv("PROFILES_OPEN_TO_ALL", "no")
    monkeypatch.setenv("PROFILES_AUTH", "api_key")
    check_protected(read_settings(), host_of(bind))
