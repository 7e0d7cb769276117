"""What has to be in place before the processes start: the schema, the first data, the static files. Each is done only when needed."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.environment import BASE_DIR
from config.models import Loaded
from core.grants import owner
from policies.language.loader import SHIPPED, policy_files


class OtherVersion(Exception):
    """The database was made by another version of the code; the message says how that shows."""


def migrate() -> None:
    """Bring the schema up to date. Raises OtherVersion; a database that knows migrations we do not is then left as it is."""
    with owner():
        unknown = _unknown_migrations()
    if unknown:
        raise OtherVersion(f"this one does not know its migration {unknown[-1]}")
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except (InconsistentMigrationHistory, ProgrammingError) as error:
        raise OtherVersion(str(error)) from error


def _unknown_migrations() -> list[str]:
    """Migrations the database has had and the code no longer knows, also not as replaced ones."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    known = loader.disk_migrations
    replaced = {name for migration in known.values() for name in migration.replaces}
    recorded = MigrationRecorder(connection).applied_migrations()
    return [".".join(name) for name in sorted(recorded.keys() - known.keys() - replaced)]


def load_first_data() -> list[str]:
    """Run the loaders that have not run with the present files; return their names. They may run twice without harm."""
    files = (path for path in sorted(BASE_DIR.glob("*/data/**/*")) if path.is_file() and path.parent != SHIPPED)
    data = _digest(path.read_bytes() for path in files)
    policies = _digest(path.read_bytes() for path in policy_files(SHIPPED))
    demo = {"load_demo": data, "load_demo_bills": data} if settings.SANDBOX else {}
    wanted = {"load_reference": data, "load_policies": policies} | demo
    known = dict(Loaded.objects.values_list("loader", "digest"))
    due = [name for name, digest in wanted.items() if known.get(name) != digest]
    for name in due:
        call_command(name, verbosity=0)
        Loaded.objects.update_or_create(loader=name, defaults={"digest": wanted[name]})
    return due


def collect_static() -> bool:
    """Collect, hash and compress the static files if one of them has changed."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    digest = _digest(_static_sources())
    if stamp.exists() and stamp.read_text() == digest:
        return False
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["*.map", "redoc"])
    stamp.write_text(digest)
    return True


def _static_sources() -> Iterable[bytes]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = Path(storage.path(path))
            yield f"{file}:{file.stat().st_size}:{file.stat().st_mtime_ns}".encode()


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
