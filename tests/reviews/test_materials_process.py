"""The worker's side: any number of deliveries, kills and rivals give one result, and nothing is left lying about."""

import base64
import contextlib
import errno
import os
import socketserver
import subprocess
import sys
import threading
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from reviews import materials, tasks
from reviews.materials import pages, processing, storage
from reviews.materials.processing import convert
from reviews.models import Material, private_storage
from tests import factories
from tests.reviews import material_files as files

pytestmark = pytest.mark.django_db
Now = timezone.now
MINUTE = timedelta(minutes=1)
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of all virus scanners (eicar.org), in two pieces, so that none of them finds it in this one."""


@pytest.fixture(autouse=True)
def _empty_storage():
    """Files outlive a test's transaction; each test here starts with none."""
    for name in stored_now():
        private_storage().delete(name)


def upload(account, content=None, *, ago=timedelta(0)):
    file = SimpleUploadedFile("照片.jpg", content or files.jpeg())
    material = materials.receive(account, file, "residence_permit")
    Material.objects.filter(id=material.id).update(uploaded_at=Now() - ago)
    material.refresh_from_db()
    return material


@pytest.fixture
def work(django_capture_on_commit_callbacks):
    """Do something as if it were committed afterwards: what it scheduled happens."""

    def do(task, *args, **how):
        with django_capture_on_commit_callbacks(execute=True):
            return task(*args, **how)

    return do


def stored_now():
    names = set()
    for folder in ("", "quarantine/"):
        with contextlib.suppress(FileNotFoundError):
            names |= {f"{folder}{name}" for name in private_storage().listdir(folder)[1]}
    return names


def state(material):
    material.refresh_from_db()
    return material.status, material.attempts, material.problem


def test_ready_picture_replaces_the_original(account, work):
    material = upload(account)

    assert stored_now() == {f"quarantine/{material.id}"}

    work(materials.process, material.id)

    assert state(material) == ("ready", 1, "")
    assert stored_now() == {f"{material.id}.jpg", f"{material.id}.thumbnail.jpg"}
    assert (material.content_type, material.pages, material.claimed_until) == ("image/jpeg", 1, None)
    assert material.size == private_storage().size(material.file.name)


def test_pdf_is_kept_to_the_byte(account, work):
    content = files.pdf(pages=3)
    material = upload(account, content)

    work(materials.process, material.id)

    material.refresh_from_db()

    assert (material.content_type, material.pages, material.size) == ("application/pdf", 3, len(content))
    assert storage.read(material.file.name) == content
    assert stored_now() == {f"{material.id}.pdf", f"{material.id}.thumbnail.jpg"}


def test_delivered_twice_is_done_once(account, work):
    material = upload(account)
    work(tasks.process_material)
    made = private_storage().get_modified_time(f"{material.id}.jpg")

    work(tasks.process_material)

    assert state(material) == ("ready", 1, "")
    assert private_storage().get_modified_time(f"{material.id}.jpg") == made


def test_unknown_or_deleted_material_is_no_error(work):
    assert work(materials.process, uuid.uuid4()) is None


def test_material_in_anothers_hands_is_left_alone(account, work):
    material = upload(account)

    Material.objects.update(claimed_until=Now() + MINUTE, attempts=1)

    assert work(materials.process, material.id) is None
    assert work(materials.process_waiting) == 0
    assert state(material) == ("processing", 1, "")


@pytest.mark.django_db(transaction=True)
def test_row_locked_by_a_rival_is_passed_over(account, work):
    """SKIP LOCKED: a sweep beside a sweep takes the next row instead of waiting."""
    locked, free = (upload(account, ago=order * MINUTE) for order in (2, 1))
    with _rival() as rival:
        rival.execute("SELECT 1 FROM reviews_material WHERE id = %s FOR UPDATE", [locked.id])
        assert work(materials.process_waiting) == 1
        assert state(free) == ("ready", 1, "")
        assert state(locked) == ("processing", 0, "")


@contextlib.contextmanager
def _rival():
    """A cursor of another session, in a transaction of its own."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.rollback()
        other.close()


def test_sweep_takes_what_no_task_was_heard_of_but_leaves_a_fresh_one_its_task(account, work):
    fresh, overlooked = upload(account), upload(account, ago=MINUTE)

    assert work(tasks.process_waiting_materials) == 1
    assert state(overlooked) == ("ready", 1, "")
    assert state(fresh) == ("processing", 0, "")


def test_sweep_stops_at_its_limit_and_goes_on_next_time(account, work):
    for order in range(3):
        upload(account, ago=(order + 1) * MINUTE)

    assert [work(materials.process_waiting, limit=2), work(materials.process_waiting, limit=2)] == [2, 1]


def test_accounts_take_turns(account, work):
    """Three files of one account, then one of another: theirs is the second, not the fourth."""
    many = [upload(account, ago=order * MINUTE) for order in (5, 4, 3)]
    other = upload(factories.citizen(), ago=2 * MINUTE)

    turns = [work(materials.process_next).id for _ in range(4)]

    assert turns == [many[0].id, other.id, many[1].id, many[2].id]


def test_what_is_in_work_counts_as_a_turn_however_old(account, work):
    in_work, second = (upload(account, ago=order * MINUTE) for order in (50, 4))
    other = upload(factories.citizen(), ago=2 * MINUTE)
    Material.objects.filter(id=in_work.id).update(claimed_until=Now() + MINUTE)

    assert work(materials.process_next).id == other.id
    assert work(materials.process_next).id == second.id
    assert work(materials.process_next) is None


def test_an_active_pdf_is_stored_as_pictures_of_its_pages(account, work):
    material = upload(account, files.pdf_with_script())
    work(materials.process, material.id)
    material.refresh_from_db()

    stored = storage.read(material.file.name)

    assert (material.content_type, material.pages, material.size) == ("application/pdf", 1, len(stored))
    assert stored.startswith(b"%PDF")
    assert (b"JavaScript" in stored, b"DCTDecode" in stored) == (False, True)


class Scanner(socketserver.StreamRequestHandler):
    """Speaks clamd's INSTREAM: told the file in pieces, it finds the test file of all scanners, or answers what it is set to."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
        found = b"Eicar-Test-Signature FOUND" if EICAR in content else b"OK"
        self.wfile.write(self.server.answer or b"stream: " + found + b"\0")


@pytest.fixture
def scanner(settings):
    with socketserver.TCPServer(("127.0.0.1", 0), Scanner) as server:
        server.answer = None
        settings.SCANNER_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_what_the_scanner_finds_is_refused_and_not_kept(account, work, scanner):
    material, clean = upload(account, files.jpeg() + EICAR), upload(account, files.jpeg() + b"x" * 200_000)
    work(materials.process, material.id)
    work(materials.process, clean.id)

    assert (state(material), state(clean)) == (("refused", 1, "file_infected"), ("ready", 1, ""))
    assert stored_now() == {f"{clean.id}.jpg", f"{clean.id}.thumbnail.jpg"}


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: \0", b"\0"])
def test_a_scanner_that_gives_no_verdict_lets_the_file_wait(account, work, scanner, answer):
    material = upload(account)
    scanner.answer = answer
    for _again in range(5):
        work(materials.process, material.id)
        Material.objects.update(claimed_until=Now() - MINUTE)

    assert state(material) == ("processing", 0, "")

    scanner.answer = None
    work(materials.process, material.id)

    assert state(material) == ("ready", 1, "")


def test_a_scanner_that_is_gone_lets_the_file_wait(account, work, settings):
    settings.SCANNER_URL = "unix:///nonexistent/clamd.ctl"
    material = upload(account)
    work(materials.process, material.id)

    assert state(material) == ("processing", 0, "")


def test_a_disk_without_room_lets_the_file_wait(account, work, monkeypatch):
    material = upload(account)
    with monkeypatch.context() as full:
        full.setattr(private_storage().inside, "save", no_room)
        for _again in range(5):
            work(materials.process, material.id)
            Material.objects.update(claimed_until=Now() - MINUTE)

        assert state(material) == ("processing", 0, "")

    work(materials.process, material.id)

    assert state(material) == ("ready", 1, "")


def no_room(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_dead_workers_claim_runs_out(account, work):
    """Killed in the middle: the row stays claimed for a while, then the sweep takes it up."""
    material = upload(account)

    Material.objects.update(claimed_until=Now() - timedelta(seconds=1), attempts=1)

    assert work(materials.process_waiting) == 1
    assert state(material) == ("ready", 2, "")


def test_what_kills_three_workers_is_refused(account, work):
    material = upload(account)

    Material.objects.update(claimed_until=Now() - timedelta(seconds=1), attempts=3)

    assert work(materials.process_waiting) == 1
    assert state(material) == ("refused", 4, "processing_failed")
    assert stored_now() == set()


@pytest.mark.django_db(transaction=True)
def test_worker_killed_in_the_middle_leaves_a_row_that_is_finished_later(account, work):
    """A real process, killed with SIGKILL after its claim is committed and before anything is storage."""
    material = upload(account)
    script = (
        "import os, signal, django; django.setup()\n"
        "from uuid import UUID\n"
        "from reviews.materials import processing\n"
        "processing.convert = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"processing.process(UUID('{material.id}'))\n"
    )
    database = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database}"

    killed = subprocess.run([sys.executable, "-c", script], env={**os.environ, "DATABASE_URL": url}, timeout=60)

    assert killed.returncode == -9
    assert state(material) == ("processing", 1, "")
    assert work(materials.process, material.id) is None

    Material.objects.update(claimed_until=Now() - timedelta(seconds=1))

    assert work(materials.process_waiting) == 1
    assert state(material) == ("ready", 2, "")
    assert stored_now() == {f"{material.id}.jpg", f"{material.id}.thumbnail.jpg"}


def test_converter_that_keeps_failing_is_given_up_after_three(account, monkeypatch, tmp_path, work):
    """The converter is replaced by a program that is killed: three attempts, then the person is told."""
    program = tmp_path / "convert.py"
    program.write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    monkeypatch.setattr(processing, "PROGRAM", program)
    material = upload(account)

    seen = [state(work(materials.process, material.id)) for _ in range(3)]

    assert seen == [("processing", 1, ""), ("processing", 2, ""), ("refused", 3, "processing_failed")]
    assert stored_now() == set()


def test_converter_that_never_ends_is_stopped(account, monkeypatch, tmp_path, work):
    program = tmp_path / "convert.py"
    program.write_text("import signal; signal.pause()")
    monkeypatch.setattr(processing, "PROGRAM", program)
    monkeypatch.setattr(processing, "SECONDS", 0.5)
    material = upload(account)

    work(materials.process, material.id)

    assert state(material) == ("processing", 1, "")


def test_lost_original_is_told(account, work):
    material = upload(account)
    storage.remove_original(material.id)

    work(materials.process, material.id)

    assert state(material) == ("refused", 1, "processing_failed")


def test_deleted_while_it_is_processed_leaves_nothing(account, monkeypatch, work):
    """Its owner deletes the upload between processing and result: no row and no file comes back."""
    material = upload(account)

    def converted(original, content_type):
        materials.discard(account, material)
        return convert(original, content_type)

    monkeypatch.setattr(processing, "convert", converted)

    work(materials.process, material.id)

    assert not Material.objects.exists()
    assert stored_now() == set()


def test_second_of_two_workers_changes_nothing(account, monkeypatch, work):
    """A worker so slow that its claim ran out finishes after the one that took over."""
    material = upload(account)

    def slow(original, content_type):
        monkeypatch.undo()
        Material.objects.update(claimed_until=Now() - timedelta(seconds=1))
        assert work(materials.process_waiting) == 1
        assert state(material) == ("ready", 2, "")
        return convert(files.jpeg(color=files.WHITE), content_type)

    monkeypatch.setattr(processing, "convert", slow)
    before = work(materials.process, material.id)

    after = storage.read(f"{material.id}.jpg")

    assert before.status == "processing"
    assert processing.convert(files.jpeg(), "image/jpeg").picture == after


def test_uploads_unused_for_a_week_are_cleared_away(account, work):
    week = timedelta(days=7)
    old, recent, used = (upload(account, ago=ago) for ago in (week + MINUTE, week - MINUTE, 2 * week))
    for material in (old, recent, used):
        work(materials.process, material.id)

    Material.objects.filter(id=used.id).update(submission=factories.draft())

    assert work(materials.purge) == 1
    assert set(Material.objects.values_list("id", flat=True)) == {recent.id, used.id}
    assert stored_now() == {f"{m.id}.{end}" for m in (recent, used) for end in ("jpg", "thumbnail.jpg")}


def test_originals_of_broken_attempts_are_cleared_away(account, work):
    """No row (the request broke off) or a settled row (killed before cleaning up): the original goes after an hour."""
    waiting, settled = upload(account), upload(account)
    work(materials.process, settled.id)
    stray = [storage.put_original(name, SimpleUploadedFile("x", b"x")) for name in (uuid.uuid4(), settled.id)]
    fresh = storage.put_original(uuid.uuid4(), SimpleUploadedFile("x", b"x"))
    for name in (*stray, f"quarantine/{waiting.id}"):
        path = private_storage().inside.path(name)
        os.utime(
            path, (Now() - timedelta(hours=2)).timestamp() * 1.0 and ((Now() - timedelta(hours=2)).timestamp(),) * 2
        )
    work(tasks.process_waiting_materials)

    left = {name for name in stored_now() if name.startswith("quarantine/")}

    assert left == {f"quarantine/{waiting.id}", fresh}


def test_rotating_the_keys_seals_every_file_of_a_material_again(account, work, settings):
    material, waiting = upload(account, files.pdf(pages=2)), upload(account)
    work(materials.process, material.id)
    material.refresh_from_db()
    with pages.picture(material, 2) as picture:
        before = picture.read()
    old = settings.DATA_KEYS[0]
    settings.DATA_KEYS = ["newer:" + base64.b64encode(b"7" * 32).decode(), old]

    assert storage.reseal_all("newer") == 4  # the paper, its thumbnail, its second page, and what waits

    settings.DATA_KEYS = settings.DATA_KEYS[:1]

    with pages.picture(material, 2) as picture:
        assert picture.read() == before
    assert storage.read(material.file.name) == files.pdf(pages=2)
    assert storage.read(waiting.file.name) == files.jpeg()
