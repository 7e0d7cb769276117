"""Uploads at rest: sealed, bound to their name, opened with the keys alone, sealed again when the keys change."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from django.core.files.base import ContentFile

from core.sealed_files import NotSealed, SealedStorage

OLD = "old:" + base64.b64encode(b"1" * 32).decode()
NEW = "new:" + base64.b64encode(b"2" * 32).decode()
SCAN = b"\xff\xd8 a residence permit"


@pytest.fixture
def files(tmp_path, settings):
    settings.DATA_KEYS = [OLD]
    return SealedStorage(location=tmp_path)


def read(files, name):
    with files.open(name) as file:
        return file.read()


def test_what_lies_on_the_disk_is_not_what_was_given(files, tmp_path):
    name = files.save("quarantine/one", ContentFile(SCAN))

    assert (name, read(files, name), files.size(name)) == ("quarantine/one", SCAN, len(SCAN))
    assert SCAN not in (tmp_path / name).read_bytes()


def test_another_files_content_in_its_place_does_not_open(files, tmp_path):
    one, other = files.save("one.jpg", ContentFile(SCAN)), files.save("other.jpg", ContentFile(b"another"))
    (tmp_path / one).write_bytes((tmp_path / other).read_bytes())

    with pytest.raises(InvalidTag):
        read(files, one)


def test_an_open_file_laid_there_is_not_taken_for_ours(files, tmp_path):
    (tmp_path / "one.jpg").write_bytes(SCAN)

    with pytest.raises(NotSealed):
        read(files, "one.jpg")


def test_a_name_taken_meanwhile_is_sealed_for_the_name_it_gets(files, monkeypatch):
    """Two save under one name at once: whoever comes second gets another name, and its file opens under it."""
    first = files.save("one.jpg", ContentFile(b"first"))
    monkeypatch.setattr(files, "get_available_name", lambda name, max_length=None: name)

    second = files.save("one.jpg", ContentFile(b"second"))

    assert second != first
    assert (read(files, first), read(files, second)) == (b"first", b"second")


def test_sealed_again_under_the_newest_key_it_opens_without_the_old_one(files, settings, tmp_path):
    name = files.save("one.jpg", ContentFile(SCAN))
    settings.DATA_KEYS = [NEW, OLD]

    assert [files.reseal(name, newest="new"), files.reseal(name, newest="new")] == [True, False]

    settings.DATA_KEYS = [NEW]

    assert read(files, name) == SCAN
    assert [path.name for path in tmp_path.iterdir()] == ["one.jpg"]


@pytest.mark.parametrize("newest", ["guomi", "old"])
def test_between_sm4_and_aes_either_way(files, settings, newest):
    sm4 = "guomi:sm4:" + base64.b64encode(b"3" * 16).decode()
    settings.DATA_KEYS = [OLD, sm4] if newest == "guomi" else [sm4, OLD]
    name = files.save("one.jpg", ContentFile(SCAN))
    settings.DATA_KEYS = settings.DATA_KEYS[::-1]

    assert (read(files, name), files.reseal(name, newest=newest)) == (SCAN, True)

    settings.DATA_KEYS = settings.DATA_KEYS[:1]
    assert read(files, name) == SCAN


def test_a_file_from_before_files_were_sealed_is_sealed_where_it_lies(files, tmp_path):
    (tmp_path / "one.jpg").write_bytes(SCAN)

    assert [files.seal_open_file("one.jpg"), files.seal_open_file("one.jpg")] == [True, False]
    assert read(files, "one.jpg") == SCAN
