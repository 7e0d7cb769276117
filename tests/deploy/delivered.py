"""What stands in deploy/, read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from config.environment import BASE_DIR

DEPLOY = BASE_DIR / "deploy"
SECRETS = "/run/secrets/"


@cache
def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@cache
def manifests() -> list[dict[str, Any]]:
    """Every object for the cluster, in the order of kustomization.yaml."""
    files = [DEPLOY / name for name in kustomization()["resources"]] + [DEPLOY / "kubernetes/keda/workers.yaml"]
    return [each for file in files for each in yaml.safe_load_all(file.read_text())]


@cache
def kustomization() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())


def settings_of(file: str) -> dict[str, str]:
    lines = (DEPLOY / file).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


COMMON = settings_of("yidi.env")
IN_CONTAINERS = settings_of("yidi.env") | settings_of("containers.env")


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and pod of each workload."""
    for each in manifests():
        spec = each.get("spec", {})
        template = spec.get("template") or spec.get("jobTemplate", {}).get("spec", {}).get("template")
        if template:
            yield each["metadata"]["name"], template["spec"]


def of_ours(service: dict[str, Any]) -> bool:
    return str(service.get("image", "")).startswith("yidi:")


def environments() -> Iterator[tuple[str, dict[str, str]]]:
    """The environment of each process of the product: in Compose, in the cluster, under systemd."""
    for name, service in compose()["services"].items():
        if of_ours(service):
            yield f"compose {name}", IN_CONTAINERS | service.get("environment", {})
    for name, pod in pods():
        [container] = pod["containers"]
        if container["image"] == "yidi":
            given = {each["name"]: str(each.get("value", "")) for each in container.get("env", [])}
            yield f"kubernetes {name}", IN_CONTAINERS | given
    for unit in sorted((DEPLOY / "systemd").glob("*.service")):
        more = "".join(file.read_text() for file in (DEPLOY / "systemd").glob(f"{unit.stem}*.service.d/*.conf"))
        lines = re.findall(r"^Environment=(.+)$", unit.read_text() + more, flags=re.MULTILINE)
        yield f"systemd {unit.stem}", COMMON | dict(part.split("=", 1) for line in lines for part in line.split())


def commands() -> Iterator[tuple[str, str]]:
    """Every command line of the product, wherever it stands."""
    for name, service in compose()["services"].items():
        if of_ours(service) and "command" in service:
            yield f"compose {name}", " ".join(service["command"])
    for name, pod in pods():
        if pod["containers"][0]["image"] == "yidi" and "command" in pod["containers"][0]:
            yield f"kubernetes {name}", " ".join(pod["containers"][0]["command"])
    for unit in sorted((DEPLOY / "systemd").glob("*.service")):
        for line in re.findall(r"^ExecStart=(.+)$", unit.read_text(), flags=re.MULTILINE):
            yield f"systemd {unit.stem}", line.replace("/opt/yidi/.venv/bin/", "")
    image = re.search(r"^CMD (\[.*?\])", (DEPLOY / "Dockerfile").read_text().replace("\\\n", ""), flags=re.MULTILINE)
    assert image
    yield "image", " ".join(yaml.safe_load(image[1]))
