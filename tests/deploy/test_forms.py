"""deploy/ has the forms that those who read it ask for, and lets nothing do more than it must."""

import copy
import re
import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from tests.deploy.delivered import DEPLOY, compose, kustomization, manifests, of_ours, pods
from tests.deploy.programs import found, program

KUBERNETES = "1.33"


def test_compose_file_is_one():
    whole = PyCompose.from_yaml(yaml.safe_dump(compose()))  # its references followed

    assert {*compose()["services"]} == {*whole.service_names()}
    with pytest.raises(Exception, match="memorry"):  # it does look
        PyCompose.from_yaml("services: {web: {image: x, memorry: 1}}")


@pytest.mark.parametrize("name", compose()["services"])
def test_a_service_does_no_more_than_it_must(name):
    service = compose()["services"][name]

    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    assert service.get("user", "") not in ("root", "0")
    if of_ours(service):
        assert service["user"] == "10001:10001"
    assert {*service.get("networks", [])} <= {*compose()["networks"]}
    assert ("ports" in service) == (name == "proxy")


@pytest.mark.parametrize("each", manifests(), ids=lambda each: f"{each['kind']} {each['metadata']['name']}")
def test_a_manifest_is_what_kubernetes_takes(each):
    if each["apiVersion"].startswith("keda.sh/"):  # of an extension: its own parts, of which the schemas know nothing
        assert each["spec"]["scaleTargetRef"]["name"] in {name for name, _pod in pods()}
        assert {"serverAddress", "query", "threshold"} == {*each["spec"]["triggers"][0]["metadata"]}
        return
    kubernetes_validate.validate(each, KUBERNETES, strict=True)


def test_what_kubernetes_does_not_take_is_found():
    broken = copy.deepcopy(next(each for each in manifests() if each["kind"] == "Deployment"))
    broken["spec"]["replica"] = 2

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, KUBERNETES, strict=True)


@pytest.mark.parametrize(("name", "pod"), list(pods()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_pod_does_no_more_than_it_must(name, pod):
    [container] = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert container["resources"].keys() == {"requests", "limits"}
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}


def test_what_belongs_together_finds_itself():
    labels = {
        name: each["spec"]["template"]["metadata"]["labels"]
        for each in manifests()
        if each["kind"] == "Deployment"
        for name in [each["metadata"]["name"]]
    }
    kept = [each for each in manifests() if each["kind"] == "PodDisruptionBudget"]

    for each in kept:
        assert each["spec"]["selector"]["matchLabels"].items() <= labels[each["metadata"]["name"]].items()
    assert {each["metadata"]["name"] for each in kept} == {*labels} - {"yidi-beat"}
    for name in kustomization()["resources"]:
        assert (DEPLOY / name).exists()
    [yidi, pooler] = kustomization()["configMapGenerator"]
    assert all((DEPLOY / file).exists() for file in [*yidi["envs"], *pooler["files"]])


@program("nginx", "nginx-light")
def test_nginx_takes_the_proxys_file(tmp_path):
    text = (DEPLOY / "proxy" / "nginx.conf").read_text().replace("server web:8000", "server 127.0.0.1:8000")
    text = text.replace(" /tmp/", f" {tmp_path}/").replace("/run/secrets", str(tmp_path))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "2",
         "-keyout", tmp_path / "tls_key", "-out", tmp_path / "tls_certificate"], check=True, capture_output=True,
    )  # fmt: skip
    (tmp_path / "nginx.conf").write_text(text)

    done = subprocess.run([found("nginx"), "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


@program("promtool", "prometheus")
def test_prometheus_takes_the_alerts_and_they_fire_when_they_should(tmp_path):
    folder = DEPLOY / "prometheus"
    for asked in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run([found("promtool"), *asked], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    shutil.copytree(folder, tmp_path / "p")
    told = (tmp_path / "p" / "prometheus.yml").read_text().replace("/run/secrets/metrics_token", "alerts.yml")
    (tmp_path / "p" / "prometheus.yml").write_text(told)
    done = subprocess.run(
        [found("promtool"), "check", "config", tmp_path / "p" / "prometheus.yml"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@program("systemd-analyze", "systemd")
def test_systemd_takes_the_units_and_finds_them_closed(tmp_path):
    folder = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", folder)
    for unit in folder.glob("*.service"):
        unit.write_text(re.sub(r"/opt/yidi/\.venv/bin/\w+", "/bin/true", unit.read_text()))
    for kind, name in (("worker", "decide"), ("web", "8000")):
        shutil.copy(folder / f"yidi-{kind}@.service", folder / f"yidi-{kind}@{name}.service")
    names = sorted(path for path in folder.iterdir() if path.is_file() and "@." not in path.name)

    done = subprocess.run([found("systemd-analyze"), "verify", "--man=no", *names], capture_output=True, text=True)
    closed = subprocess.run(
        [found("systemd-analyze"), "security", "--offline=true", "--threshold=20", *[n for n in names if n.suffix == ".service"]],
        capture_output=True, text=True,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert closed.returncode == 0, closed.stdout[-2000:]


def test_scripts_are_read_by_a_shell():
    assert subprocess.run(["sh", "-n", DEPLOY / "postgres" / "roles.sh"]).returncode == 0
