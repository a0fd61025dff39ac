"""What a URL says of TLS: files that are used, and one sentence on each that cannot be."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from app.settings import CassandraStore, WrongSetting, store_address
from app.tls import Tls
from tests.support.certificates import Authority, Pair


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Pair:
    return Authority(folder).pair


@pytest.fixture(scope="module")
def client(folder: Path) -> Pair:
    return Authority(folder, "clients").pair_of("client")


def tls_of(options: str) -> Tls | None:
    address = store_address(f"cassandra://user:tiger@h/ks?local_dc=a&{options}")
    assert isinstance(address, CassandraStore)
    return address.tls


def refusal(options: str) -> str:
    with pytest.raises(WrongSetting) as caught:
        tls_of(options)
    told = str(caught.value)
    assert told.startswith("PROFILES_STORE cannot be used: ")
    assert told.endswith(".")
    assert "tiger" not in told
    return told.removeprefix("PROFILES_STORE cannot be used: ")


def test_without_options_the_machines_authorities_are_trusted() -> None:
    tls = tls_of("tls=true")
    assert tls == Tls()
    assert tls.context().check_hostname


def test_the_authorities_in_ca_are_the_only_ones_trusted(authority: Pair) -> None:
    tls = tls_of(f"tls=true&ca={authority.cert}")
    assert tls == Tls(ca=authority.cert)
    assert len(tls.context().get_ca_certs()) == 1


def test_a_certificate_and_its_key_may_be_one_file(client: Pair, folder: Path) -> None:
    (folder / "both.pem").write_text(client.together)
    assert tls_of(f"tls=true&cert={folder}/both.pem") == Tls(cert=folder / "both.pem")
    told = tls_of(f"tls=true&cert={client.cert}&key={client.key}&tls_name=db")
    assert told == Tls(cert=client.cert, key=client.key, name="db")


@pytest.mark.parametrize(
    "options", ["tls=yes", "ca=/a.pem", "tls_name=db", "cert=/a.pem&key=/a.key&tls=false"]
)
def test_what_is_about_tls_needs_tls(options: str) -> None:
    told = "tls must be true where it, ca, cert, key or tls_name is given."
    assert refusal(options) == told


def test_a_url_that_is_no_setting_is_refused_as_what_it_was_given_as() -> None:
    with pytest.raises(WrongSetting, match=r"^the URL cannot be used: tls must be true"):
        store_address("cassandra://h/ks?tls=no", "the URL")


def test_a_key_needs_its_certificate() -> None:
    assert refusal("tls=true&key=/a.key") == "key is given without cert."


@pytest.mark.parametrize("option", ["ca", "cert"])
def test_a_missing_file_is_named(option: str) -> None:
    told = refusal(f"tls=true&{option}=/nowhere.pem")
    assert told == f"{option}=/nowhere.pem cannot be read (No such file or directory)."


def test_a_file_without_certificates_is_named(client: Pair) -> None:
    told = refusal(f"tls=true&ca={client.key}")
    assert told == f"ca={client.key} holds no certificates in PEM."


def test_a_key_of_another_certificate_is_named(authority: Pair, client: Pair) -> None:
    told = refusal(f"tls=true&cert={client.cert}&key={authority.key}")
    pair = f"cert={client.cert} with key={authority.key}"
    assert told == f"{pair} holds no certificate with its key, in PEM and without a passphrase."


def test_a_key_with_a_passphrase_is_refused_and_not_asked_for(client: Pair, folder: Path) -> None:
    key = serialization.load_pem_private_key(client.key.read_bytes(), None)
    locked = serialization.BestAvailableEncryption(b"lion")
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "locked.key").write_bytes(key.private_bytes(pem, pkcs8, locked))
    assert "passphrase" in refusal(f"tls=true&cert={client.cert}&key={folder}/locked.key")
