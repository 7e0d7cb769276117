"""What the environment says, before Django and without it: `.env`, the data folder, development's own secrets."""

import base64
import os
import secrets
from pathlib import Path

import environ
from environ.fileaware_mapping import FileAwareMapping

from devservices.state import not_ours, prepare, private

BASE_DIR = Path(__file__).resolve().parent.parent


class _Variables(FileAwareMapping):  # type: ignore[misc]
    """What the environment says, or the file that NAME_FILE names: there secrets stand in no list of processes."""

    def __getitem__(self, name: str) -> str:
        return str(super().__getitem__(name)).rstrip("\n")


class _Environment(environ.Env):  # type: ignore[misc]
    ENVIRON = _Variables()


env = _Environment()
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".local"))).expanduser().absolute()


def choice(name: str, *allowed: str) -> str:
    """What the environment says, the first if it says nothing. A word misspelt must not mean the laxer one."""
    value = str(env.str(name, default=allowed[0]))
    if value not in allowed:
        raise environ.ImproperlyConfigured(f"{name} must be {' or '.join(allowed)}, not {value!r}.")
    return value


PRODUCTION = choice("ENVIRONMENT", "development", "production") == "production"
SECRETS = ("SECRET_KEY", "DATA_KEYS", "HASH_KEY")


def load_development_secrets() -> None:
    """Take the secrets the environment lacks from `secrets.env` of the data folder, made once.

    They lie beside the data they protect, so that a restart can still read what was encrypted. Never used in production.
    """
    if all(os.environ.get(name) for name in SECRETS):
        return
    prepare(DATA_DIR)
    kept = DATA_DIR / "secrets.env"
    if not kept.exists():
        _make_secrets(kept)
    if not os.access(kept, os.R_OK):
        raise not_ours(kept)
    environ.Env.read_env(kept)


def _make_secrets(kept: Path) -> None:
    """Write new secrets; when two processes do so at once, the first one's stay."""
    fresh = kept.with_name(f"{kept.name}.{os.getpid()}")
    with private(fresh) as file:
        file.write("# Made for development on this machine. Keep it with the data: it cannot be read without.\n")
        file.write(f"SECRET_KEY={secrets.token_urlsafe(48)}\nDATA_KEYS=dev:{_key()}\nHASH_KEY={_key()}\n")
    try:
        os.link(fresh, kept)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
