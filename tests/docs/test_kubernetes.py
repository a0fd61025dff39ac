"""The Kubernetes manifests, against the published schemas and against the service."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import kubernetes_validate
import pytest
import yaml
from gunicorn.config import Config

from app import __version__
from app.commands.main import main
from app.factory import create_app
from app.serving import gunicorn_config
from app.settings import CassandraStore, Settings, read_settings, store_address
from app.tls import Tls
from tests.support.certificates import Authority
from tests.support.server import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
VERSIONS = [f"1.{minor}" for minor in range(30, 38)]
PAGE = (ROOT / "docs" / "how-to" / "kubernetes.md").read_text()
PROBES, LIVE = ("startup", "liveness", "readiness"), "/health/live"
STORES = {"Deployment": "cassandra://serve@db/profiles", "Job": "cassandra://migrate@db/profiles"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()

Manifest = dict[str, Any]


def read(path: Path) -> Manifest:
    found: Manifest = yaml.safe_load(path.read_text())
    return found


FILES = {path.relative_to(FOLDER): read(path) for path in sorted(FOLDER.rglob("*.yaml"))}
MANIFESTS = {path: each for path, each in FILES.items() if path.name != "kustomization.yaml"}
SCHEMALESS = {"service-monitor.yaml"}  # of the Prometheus operator
BY_KIND = {each["kind"]: each for each in MANIFESTS.values()}
PODS = {kind: BY_KIND[kind]["spec"]["template"] for kind in ("Deployment", "Job")}
CONTAINERS = {kind: pod["spec"]["containers"][0] for kind, pod in PODS.items()}


def variables(kind: str) -> dict[str, str | None]:
    """The environment of a container; None where a secret has the value."""
    return {each["name"]: each.get("value") for each in CONTAINERS[kind]["env"]}


def labels_of(kind: str) -> dict[str, str]:
    found: dict[str, str] = PODS[kind]["metadata"]["labels"]
    return found


def selectors(node: Any) -> Iterator[dict[str, str]]:
    """All labels that are asked for anywhere below ``node``."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and "matchLabels" in node:
        yield node["matchLabels"]
    for child in children:
        yield from selectors(child)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "path", [path for path in MANIFESTS if path.name != "service-monitor.yaml"]
)
def test_a_manifest_fits_the_published_schema(path: Path, version: str) -> None:
    kubernetes_validate.validate(MANIFESTS[path], version, strict=True)


def test_the_schemas_notice_an_unknown_field() -> None:
    wrong = BY_KIND["Service"] | {"spec": {"port": 80}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_each_kustomization_takes_all_files_of_its_folder() -> None:
    for name in ("migration", "service"):
        kustomization = FILES[Path(name) / "kustomization.yaml"]
        beside = {path.name for path in MANIFESTS if path.parent.name == name}
        assert set(kustomization["resources"]) == beside
        assert kustomization["components"] == ["../image"]


def test_the_image_is_this_release_and_named_once() -> None:
    (image,) = FILES[Path("image/kustomization.yaml")]["images"]
    assert image["newTag"] == __version__
    assert {each["image"] for each in CONTAINERS.values()} == {image["name"]}
    assert f"{image['newName']}:{image['newTag']} ." in PAGE


@pytest.mark.parametrize("kind", PODS)
def test_the_environment_is_made_of_settings_that_are_good(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {f"PROFILES_{each.name.upper()}" for each in fields(Settings)}
    assert set(variables(kind)) <= known
    for name, value in variables(kind).items():
        monkeypatch.setenv(name, value or STORES[kind])
    assert isinstance(read_settings().store, CassandraStore)


@pytest.mark.parametrize("kind", PODS)
def test_the_command_is_one_of_the_command_line(kind: str) -> None:
    program, *names = CONTAINERS[kind]["args"]
    assert program == "profiles"
    command: click.Command | None = main
    for name in names:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None
    assert not isinstance(command, click.Group)


def test_what_is_probed_and_scraped_is_there() -> None:
    routes = {rule.rule for rule in create_app(read_settings()).url_map.iter_rules()}
    service, container = BY_KIND["Service"]["spec"]["ports"][0], CONTAINERS["Deployment"]
    (port,) = container["ports"]
    assert variables("Deployment")["PROFILES_BIND"] == f"0.0.0.0:{port['containerPort']}"
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] in routes
        assert container[probe]["httpGet"]["port"] == port["name"]
    assert service["targetPort"] == port["name"]
    (endpoint,) = BY_KIND["ServiceMonitor"]["spec"]["endpoints"]
    assert endpoint["port"] == service["name"]
    assert endpoint["path"] in routes


def test_only_readiness_asks_the_store() -> None:
    paths = {name: CONTAINERS["Deployment"][f"{name}Probe"]["httpGet"]["path"] for name in PROBES}
    assert paths == {"startup": LIVE, "liveness": LIVE, "readiness": "/health/ready"}


def test_selectors_find_the_pods_of_the_service_and_not_of_the_migration() -> None:
    service = labels_of("Deployment")
    assert BY_KIND["Service"]["spec"]["selector"] == service
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert list(selectors(BY_KIND[kind]["spec"])) == [service] * (3 if kind in PODS else 1)
    assert labels_of("Job") != service
    ours = BY_KIND["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
    assert all(ours.items() <= labels_of(kind).items() for kind in PODS)
    assert BY_KIND["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "profiles"
    assert BY_KIND["Deployment"]["metadata"]["name"] == "profiles"


@pytest.mark.parametrize("kind", PODS)
def test_a_pod_has_no_more_rights_than_it_needs(kind: str) -> None:
    spec, container = PODS[kind]["spec"], CONTAINERS[kind]
    user = re.search(r"^USER (\d+)$", DOCKERFILE, re.M)
    assert user is not None
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == int(user[1])
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} == set(container["resources"]["requests"])


def test_only_tmp_can_be_written() -> None:
    volumes = {each["name"]: each for each in PODS["Deployment"]["spec"]["volumes"]}
    mounts = CONTAINERS["Deployment"]["volumeMounts"]
    writable = [each for each in mounts if not each.get("readOnly")]
    assert [each["mountPath"] for each in writable] == ["/tmp"]  # noqa: S108
    assert "emptyDir" in volumes["tmp"]
    assert {each["name"] for each in mounts} == set(volumes)


def test_a_pod_is_granted_the_time_that_its_end_takes() -> None:
    pause = CONTAINERS["Deployment"]["lifecycle"]["preStop"]["sleep"]["seconds"]
    granted = PODS["Deployment"]["spec"]["terminationGracePeriodSeconds"]
    graceful = getattr(gunicorn_config, "graceful_timeout", Config().graceful_timeout)
    assert granted >= pause + graceful + 5
    assert f"For {pause} seconds" in PAGE
    assert f"{graceful} seconds for those under way. {granted} are granted" in PAGE.replace(
        "\n  ", " "
    )


def test_the_page_makes_every_secret_and_map_that_the_manifests_name() -> None:
    made = set(re.findall(r"kubectl create (?:secret generic|configmap) (\S+)", PAGE))
    named = set()
    for text in (path.read_text() for path in FOLDER.rglob("*.yaml")):
        named |= set(re.findall(r"secretName: (\S+)", text))
        named |= set(re.findall(r"(?:secretKeyRef|configMap|credentials):\s+name: (\S+)", text))
    assert made == named


def test_the_documented_addresses_are_those_of_a_cluster_with_tls(tmp_path: Path) -> None:
    ca = Authority(tmp_path).pair.cert
    shared = re.findall(r"TLS='(.+)'", PAGE)[0].replace("/etc/profiles/cassandra/ca.pem", str(ca))
    urls = re.findall(r'--from-literal=\w+="(cassandra://.+)"', PAGE)
    assert len(urls) == 2
    for url in urls:
        address = store_address(url.replace("$TLS", shared))
        assert isinstance(address, CassandraStore)
        assert address.tls == Tls(ca=ca)


def test_every_file_of_the_page_is_there() -> None:
    named = re.findall(r"deploy/kubernetes[\w/.-]*|schemas/[\w/.-]+", PAGE)
    assert named
    for path in named:
        assert (ROOT / path.rstrip(".")).exists(), path
