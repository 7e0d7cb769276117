"""deploy/ says what the product reads, and all it needs: variables, secrets, commands, queues, ports, paths."""

import os
import re
import shlex
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

from config import production
from config.environment import BASE_DIR
from core.http.json import LARGEST
from devservices.management.commands import up
from tests.deploy.delivered import DEPLOY, SECRETS, commands, compose, environments, manifests, pods

OTHERS = {"SITE_HOSTS", "POD_IP", "PROCESSES"}
"""Of what starts the processes, not theirs."""
EXAMPLE = set(re.findall(r"^#([A-Z_]+)=", (BASE_DIR / ".env.example").read_text(), flags=re.MULTILINE))
PRODUCTION = (BASE_DIR / "tests" / "config" / "production.env").read_text().splitlines()
NGINX = (DEPLOY / "proxy" / "nginx.conf").read_text()


def plain(name: str) -> str:
    return name.removesuffix("_FILE")


@pytest.mark.parametrize(
    ("place", "given"), list(environments()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_variable_is_one_that_is_read_and_none_is_missing(place, given):
    names = {plain(name) for name in given}

    assert names - OTHERS - EXAMPLE == set()
    assert set(production.REQUIRED) - names == set()
    assert not {name for name in production.FORBIDDEN if given.get(name, "0") != "0"}


def test_a_secret_is_never_a_value():
    secret = re.compile(r"KEY$|KEYS$|SECRET$|TOKEN$|PASSWORD$|_URL$")
    public = {"SMS_URL"}

    open_ones = [
        (place, name) for place, given in environments() for name in given if secret.search(name) and name not in public
    ]

    assert open_ones == []


def test_only_the_migration_is_the_owner_and_only_deliver_purges():
    owners = {place for place, given in environments() if "DATABASE_OWNER_URL_FILE" in given}
    purging = {place for place, given in environments() if "DATABASE_PURGE_URL_FILE" in given}

    assert owners == {"compose migrate", "kubernetes yidi-migrate", "systemd yidi-migrate"}
    assert purging - owners == {"compose worker-deliver", "kubernetes yidi-deliver", "systemd yidi-worker@"}


def test_what_goes_through_the_pooler_says_so_and_what_goes_to_the_server_does_not():
    for place, given in environments():
        direct = given["DATABASE_URL_FILE"].rpartition("/")[2] in ("database_url_direct", "database_url_proof")
        assert (given["DATABASE_POOLED"] == "1") is not direct, place


def test_every_file_of_a_secret_is_given_to_who_reads_it():
    for name, service in compose()["services"].items():
        given = {plain(key): value for key, value in dict(environments()).get(f"compose {name}", {}).items()}
        read = {value.removeprefix(SECRETS) for value in given.values() if str(value).startswith(SECRETS)}
        assert read == set(service.get("secrets", [])) or not given, name
    assert {name for service in compose()["services"].values() for name in service.get("secrets", [])} == set(
        compose()["secrets"]
    )
    told = (DEPLOY / "README.md").read_text()
    assert [name for name in compose()["secrets"] if f"`{name}`" not in told] == []


@pytest.mark.parametrize(("place", "line"), list(commands()), ids=lambda value: value if " -" not in value else "")
def test_every_command_is_one_of_the_product(place, line):
    asked = re.findall(r"manage\.py (\w+)", line)
    assert set(asked) <= set(get_commands())
    if "celery" in line:
        assert "-A config.celery" in line
    if " worker " in line and "%i" not in line:
        [queue] = re.findall(r"-Q (\w+)", line)
        processes = re.findall(r"--concurrency (\d)", line)[0]
        assert shlex.split(line)[3:] == up.worker(queue, int(processes))
    if "granian" in line:
        served = shlex.split(line.replace("--port %i", "--port 8000"))
        assert served[1:] == up.server(served[4], 8000)[2:]


def test_every_queue_has_its_worker_everywhere():
    lines = [(place.split()[0], re.findall(r" -Q (\w+)", line)) for place, line in commands()]
    target = (DEPLOY / "systemd" / "yidi.target").read_text()

    for kind in ("compose", "kubernetes"):
        assert sorted(queue for place, queues in lines if place == kind for queue in queues) == sorted(settings.QUEUES)
    assert set(re.findall(r"yidi-worker@(\w+)\.service", target)) == set(settings.QUEUES)


def test_probes_ask_for_what_there_is():
    paths = [
        probe["httpGet"]["path"]
        for _name, pod in pods()
        for probe in (pod["containers"][0].get(kind) for kind in ("startupProbe", "livenessProbe", "readinessProbe"))
        if probe and "httpGet" in probe
    ]

    assert paths == ["/healthz", "/healthz", "/readyz?part=database"]
    assert all(resolve(path.partition("?")[0]) for path in paths)


def test_ports_meet():
    services = {
        each["metadata"]["name"]: each["spec"]["ports"][0]["port"] for each in manifests() if each["kind"] == "Service"
    }
    pooler = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text()

    assert re.findall(r"server (\S+):(\d+)", NGINX) == [("web", "8000")]
    assert (services["web"], services["pgbouncer"]) == (8000, 6432)
    assert "listen_port = 6432" in pooler
    assert re.findall(r"listen (\d+)", NGINX) == [
        port.split(":")[1] for port in compose()["services"]["proxy"]["ports"]
    ]


def test_the_proxy_takes_what_the_application_takes_and_says_who_asked():
    [most] = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    passed = dict(re.findall(r"proxy_set_header (\S+) (\S+);", NGINX))

    assert int(most) * 2**20 > max(size for _beginning, size in LARGEST)
    assert passed["X-Forwarded-For"] == "$remote_addr"  # not what the caller says of himself
    assert {passed[name] for name in ("traceparent", "tracestate", "baggage", "Forwarded", "X-Forwarded-Host")} == {
        '""'
    }
    logged = NGINX[NGINX.index("log_format") : NGINX.index("access_log")]
    assert not re.search(r"\$remote|\$request\b|_uri|\$args|\$http_|\$host", logged)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/v1/areas/",
        "/admin/login/",
        "/favicon.ico",
        "/fsi/api/x",
        "/mbs-fsi/web/api/fsi/x",
        "/mss/web/api/fsi/x",
    ],
)
def test_every_part_of_the_site_passes_the_proxy(path):
    closed = re.findall(r"location = (\S+) \{ return 404; \}", NGINX)

    assert closed == ["/metrics", "/readyz"]
    assert path not in closed
    assert resolve(path)


def test_the_image_holds_every_app_and_the_whole_lock():
    left_in = set(re.findall(r"^!(\S+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), flags=re.MULTILINE))
    apps = {app for app in settings.INSTALLED_APPS if (BASE_DIR / app).is_dir()}
    pins = {
        name: set(re.findall(r"^([a-z][^ ]*==\S+)", (BASE_DIR / name).read_text(), flags=re.MULTILINE))
        for name in ("requirements.txt", "requirements-traces.txt", "requirements-s3.txt")
    }

    assert apps | {"manage.py", "locale", "templates", "requirements-traces.txt", "requirements-s3.txt"} <= left_in
    assert all((BASE_DIR / name).exists() for name in left_in)
    assert pins["requirements.txt"] <= pins["requirements-traces.txt"] & pins["requirements-s3.txt"]
    assert "--require-hashes" in (DEPLOY / "Dockerfile").read_text()


def test_production_starts_with_these_settings_and_secrets_from_files(tmp_path):
    given = dict(environments())["compose web"] | {"WECHAT_APP_ID": "wx0", "SMS_URL": "https://sms.example/send"}
    given |= {
        "INSURED_REGISTER": "register.example.Register",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "ENV_FILE": os.devnull,
    }
    known = dict(line.split("=", 1) for line in PRODUCTION if line and not line.startswith("#"))
    for name, path in given.items():
        if name.endswith("_FILE") and name != "ENV_FILE":
            (tmp_path / plain(name)).write_text(known.get(plain(name), "said-in-a-file") + "\n")
            given[name] = str(tmp_path / plain(name)) if path.startswith(SECRETS) else path
    code = (
        "from config import settings as s; d = s.DATABASES['default']; print(s.METRICS_TOKEN, d['HOST'], d['OPTIONS'].get('options'),"
        " d['OPTIONS']['prepare_threshold'], d['DISABLE_SERVER_SIDE_CURSORS'], s.REDIS_URL, s.SMS_KEY)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
    )

    assert done.stdout.split() == [
        "said-in-a-file",
        "db.example",
        "None",
        "None",
        "True",
        "redis://redis.example/0",
        "said-in-a-file",
    ], done.stderr
