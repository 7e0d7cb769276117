"""The command, and all that the project ships."""

from io import StringIO

import pytest
from django.core.management import call_command

from regions.policy.loader import SHIPPED, policy_files, read_reports

GOOD = 'area: "{area}"\nname: x\neffective_from: {since}\neffective_until: {until}\n'


def run(*paths) -> tuple[list[str], int]:
    out = StringIO()
    status = 0
    try:
        call_command("check_policies", *map(str, paths), stdout=out)
    except SystemExit as ended:
        status = ended.code
    return out.getvalue().splitlines(), status


@pytest.fixture
def write(tmp_path):
    def write(name: str, area: str = "500000", since: str = "2022-01-01", until: str = "null", extra: str = ""):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(GOOD.format(area=area, since=since, until=until) + extra, encoding="utf-8")
        return path

    return write


def test_everything_shipped_passes():
    files = len(policy_files(SHIPPED))

    assert run() == ([f"{files} passed, 0 failed"], 0)
    assert files >= 60


def test_shipped_files_are_read_by_the_stricter_rule(monkeypatch, write, tmp_path):
    bare = "supplements: [{id: a, insurance: employee, kind: above_cap, fund: large_amount, ratios: [{ratio: 0.9}]}]\n"
    path = write("bare.yaml", extra=bare)
    assert run(path)[1] == 0

    monkeypatch.setattr("regions.policy.loader.SHIPPED", tmp_path)
    (tmp_path / "national.yaml").write_bytes((SHIPPED / "national.yaml").read_bytes())

    assert [problem.code for problem in read_reports([path])[0].problems] == ["source_missing"]


def test_files_and_folders_together(write, tmp_path):
    write("a/one.yaml")
    write("a/two.yml", area="410100")
    write("a/notes.txt")
    bad = write("bad.yaml", extra="colour: red\n")

    lines, status = run(tmp_path / "a", bad)

    assert status == 1
    assert lines[0].startswith(f"{bad}:5: colour: ")
    assert lines[1:] == ["2 passed, 1 failed"]


def test_overlapping_files_fail(write, tmp_path):
    write("old.yaml", since="2022-01-01", until="2025-01-01")
    write("new.yaml", since="2024-06-01")

    lines, status = run(tmp_path)

    assert status == 1
    assert lines[0].startswith(f"{tmp_path / 'new.yaml'}:")
    assert "period_overlaps" in lines[0]
    assert lines[-1] == "1 passed, 1 failed"


def test_a_later_file_may_close_an_open_one(write, tmp_path):
    write("old.yaml", since="2022-01-01")
    write("new.yaml", since="2024-06-01")

    assert run(tmp_path) == (["2 passed, 0 failed"], 0)


def test_a_missing_file_and_an_empty_folder_fail(tmp_path):
    (tmp_path / "empty").mkdir()

    lines, status = run(tmp_path / "empty", tmp_path / "missing.yaml")

    assert status == 1
    assert lines[-1] == "0 passed, 2 failed"


def test_text_that_is_not_utf_8(tmp_path):
    path = tmp_path / "gbk.yaml"
    path.write_bytes("name: 重庆".encode("gbk"))

    lines, status = run(path)

    assert (status, lines[-1]) == (1, "0 passed, 1 failed")
    assert "[encoding]" in lines[0]
