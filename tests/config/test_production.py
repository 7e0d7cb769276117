"""Production starts only when nothing is missing and nothing is lax (DESIGN.md §9)."""

import os
import re
import subprocess
import sys

import pytest

from config import production
from config.environment import BASE_DIR

DATA_KEYS_ASKED = "DATA_KEYS must be NAME:KEY, newest first, separated by commas, no name twice; each key 32 bytes in base64, or sm4: and 16 bytes."
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NAMES = (*production.REQUIRED, *production.FORBIDDEN, "REVIEW_MODE", "ENVIRONMENT")


@pytest.fixture
def whole(monkeypatch):
    """The environment of a production that may start."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for line in (BASE_DIR / "tests" / "config" / "production.env").read_text().splitlines():
        name, given, value = line.partition("=")
        if given and not name.startswith("#"):
            monkeypatch.setenv(name, value)
    return monkeypatch


def test_whole_environment_is_let_through(whole):
    assert list(production.refusals()) == []


@pytest.mark.parametrize("name", production.REQUIRED)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_secret_is_refused(whole, name, value):
    whole.delenv(name) if value is None else whole.setenv(name, value)

    assert list(production.refusals()) == [f"{name} is not set."]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY must be random and at least 50 characters long."),
        ("SECRET_KEY", "a" * 80, "SECRET_KEY must be random and at least 50 characters long."),
        ("ALLOWED_HOSTS", "yidi.example,*", "ALLOWED_HOSTS must name the hosts; * lets any in."),
        ("HASH_KEY", KEY[:-8], "HASH_KEY must be 32 bytes in base64, after sm3: for HMAC-SM3."),
        ("HASH_KEY", "%" + KEY[1:], "HASH_KEY must be 32 bytes in base64, after sm3: for HMAC-SM3."),
        (
            "DATA_KEYS",
            KEY,
            DATA_KEYS_ASKED,
        ),
        (
            "DATA_KEYS",
            f"k2:{KEY},k1:x",
            DATA_KEYS_ASKED,
        ),
        ("DATA_KEYS", f"k1:{KEY},k1:{KEY}", DATA_KEYS_ASKED),
        ("DATA_KEYS", f"k1:sm4:{KEY}", DATA_KEYS_ASKED),
        ("INSURED_REGISTER", "accounts.registry.DemoRegister", "INSURED_REGISTER must not be the demo register."),
        ("DEBUG", "1", "DEBUG must be off."),
        ("SIMULATION", "1", "SIMULATION must be off."),
        ("SANDBOX", "true", "SANDBOX must be off."),
        ("REVIEW_MODE", "simulated", "REVIEW_MODE must be human: nobody but a person decides."),
    ],
)
def test_lax_value_is_refused(whole, name, value, sentence):
    whole.setenv(name, value)

    assert list(production.refusals()) == [sentence]


def test_keys_of_sm4_and_sm3_are_let_through(whole):
    whole.setenv("DATA_KEYS", f"k2:sm4:AAECAwQFBgcICQoLDA0ODw==,k1:{KEY}")
    whole.setenv("HASH_KEY", f"sm3:{KEY}")

    assert list(production.refusals()) == []


def test_everything_wrong_is_said_at_once_and_nothing_starts(tmp_path):
    env = {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "production",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path / "data"),
        "DEBUG": "1",
    }

    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "DATA_KEYS is not set." in done.stderr
    assert "DEBUG must be off." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT must be development or production, not 'prod'."),
        ({"ENVIRONMENT": "Production"}, "ENVIRONMENT must be development or production, not 'Production'."),
        ({"REVIEW_MODE": "auto"}, "REVIEW_MODE must be simulated or human, not 'auto'."),
        ({"REVIEW_MODE": "simulated", "SIMULATION": "0"}, "REVIEW_MODE must be human, not 'simulated'."),
    ],
)
def test_a_misspelt_word_never_means_the_laxer_one(tmp_path, given, sentence):
    env = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path / "data"), **given}

    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert done.stderr.strip().endswith(sentence)


def test_production_switches_everything_strict():
    env = {"PATH": os.environ["PATH"], "ENV_FILE": "tests/config/production.env"}
    names = "DEBUG SIMULATION SANDBOX REVIEW_MODE SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE"
    code = f"from config import settings; print(*(getattr(settings, name) for name in {names.split()}))"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["False", "False", "False", "human", "True", "31536000", "True", "True"]


def test_each_role_of_the_database_signs_in_by_the_options_of_its_own_address():
    env = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "tests/config/production.env",
        "DATABASE_URL": "postgres://app:a@db/yidi?sslmode=require",
        "DATABASE_OWNER_URL": "postgres://owner:o@db/yidi?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "DATABASE_PURGE_URL": "postgres://purge:p@db/yidi?sslmode=verify-ca",
        "DATABASE_REPLICA_URL": "postgres://reader:r@standby/yidi?sslmode=prefer",
    }
    names = "('sslmode', 'sslrootcert', 'connect_timeout')"
    code = f"""from config import settings as s
for role in (s.DATABASES["default"], s.DATABASE_OWNER, s.DATABASES["purge"], s.DATABASES["replica"]):
    print(role["USER"], *(role["OPTIONS"].get(name) for name in {names}))"""

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == [
        "app require None 5",
        "owner verify-full /etc/ca.pem 5",
        "purge verify-ca None 5",
        "reader prefer None 2",
    ]


def test_developments_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path):
    env = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path / "data")}
    code = "from config import settings as s; print(s.SECRET_KEY, s.DATA_KEYS, s.HASH_KEY)"

    first, second = (
        subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True)
        for _ in range(2)
    )

    assert first.stdout == second.stdout
    assert len(first.stdout) > 150
    assert (tmp_path / "data" / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_example_lists_every_variable_that_is_read():
    code = "".join(path.read_text() for path in (BASE_DIR / "config").rglob("*.py"))
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code)) | set(production.REQUIRED) | set(production.FORBIDDEN)

    example = (BASE_DIR / ".env.example").read_text()

    assert len(read) > 30
    assert read - set(re.findall(r"^#([A-Z_]+)=", example, flags=re.MULTILINE)) == set()
