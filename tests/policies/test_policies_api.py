"""`policies/`: the shipped files, their sources and their text."""

from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from policies import published, publishing
from policies.language.loader import load_text

FOLDER = Path(__file__).resolve().parents[2] / "policies/data"


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_all_files_are_there(api, db):
    answer = api.get("/api/v1/policies/?page_size=100")

    assert ids(answer) == sorted(path.stem for path in FOLDER.glob("*.yaml"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("area=500000", ["500000-chongqing-2022", "500000-chongqing-2025"]),
        ("area=500000&on=2023-06-01", ["500000-chongqing-2022"]),
        ("area=500000&on=2019-01-01", []),
        ("area=000000", ["national"]),
        ("q=重庆&on=2026-01-01", ["500000-chongqing-2025"]),
        ("q=Chongqing", ["500000-chongqing-2022", "500000-chongqing-2025"]),
        ("q=nowhere", []),
        ("area=999999", []),
    ],
)
def test_the_files_of_an_area(api, db, query, expected):
    assert ids(api.get(f"/api/v1/policies/?{query}")) == expected


def test_a_later_file_ends_its_predecessor(api, db):
    first, second = api.get("/api/v1/policies/?area=500000").json()["results"]

    assert first["effective_until"] == second["effective_from"]
    assert second["effective_until"] is None
    assert ids(api.get(f"/api/v1/policies/?area=500000&on={second['effective_from']}")) == [second["id"]]


def test_a_file_is_shown_as_it_is_written(api, db):
    answer = api.get("/api/v1/policies/500000-chongqing-2025/").json()

    written = (FOLDER / "500000-chongqing-2025.yaml").read_bytes()

    assert answer["text"].encode() == written
    assert answer["sha256"] == sha256(written).hexdigest()
    assert answer["area"] == "500000"
    assert answer["content"]["area"] == "500000"


def test_every_file_reads_the_same_as_its_yaml(api, db):
    for path in FOLDER.glob("*.yaml"):
        answer = api.get(f"/api/v1/policies/{path.stem}/").json()
        written = yaml.load(path.read_bytes(), yaml.BaseLoader)  # texts only
        assert texts(answer["content"]) == texts(written), path.name
        assert [source["id"] for source in answer["sources"]] == [source["id"] for source in written["sources"]]


def texts(value):
    """All scalars as the texts they are written with; `~` and nothing at all are other spellings of null."""
    if isinstance(value, dict):
        return {key: texts(below) for key, below in value.items()}
    if isinstance(value, list):
        return [texts(below) for below in value]
    if value is None or value in ("", "~"):
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", ["510000-nowhere-2025", "..%2Fnational", "national.yaml"])
def test_no_other_file_is_ever_read(api, db, name):
    response = api.get(f"/api/v1/policies/{name}/")

    assert (response.status_code, response.json()["errors"][0]["code"]) == (404, "not_found")


@pytest.mark.parametrize(("day", "code"), [("soon", "invalid"), ("1999-01-01", "out_of_range")])
def test_a_day_that_cannot_be(api, db, day, code):
    response = api.get(f"/api/v1/policies/?on={day}")

    assert [(e["attr"], e["code"]) for e in response.json()["errors"]] == [("on", code)]


def test_a_file_is_readable_with_its_sources(api, db):
    answer = api.get("/api/v1/policies/500000-chongqing-2025/").json()["readable"]

    benefit = next(one for one in answer["sections"] if one["key"] == "benefit:employee-inpatient")

    assert benefit["title"] == "职工医保 · 住院"

    table = next(block for block in benefit["blocks"] if block.get("title") == "起付线")
    row = next(row for row in table["rows"] if row["cells"] == ["三级医院", "620元"])

    assert row["sources"] == [{"id": "CQ1", "publisher": "gtuanb 1416071", "grade": "C"}]


def test_published_versions_take_the_place_of_the_areas_shipped_files(api, db):
    text = 'area: "500000"\nname: 新办法\neffective_from: 2026-01-01\nbenefits: []\n'
    publishing.publish_file(load_text(text, "500000-new.yaml"), text)
    corrected = text.replace("新办法", "更正")
    publishing.publish_file(load_text(corrected, "500000-new.yaml"), corrected)

    published.refresh()

    assert ids(api.get("/api/v1/policies/?area=500000")) == ["500000-new-r2"]
    assert ids(api.get("/api/v1/policies/?area=110000")) == ["110000-beijing-2025"]

    for name, stored in (("500000-new", text), ("500000-new-r2", corrected)):
        answer = api.get(f"/api/v1/policies/{name}/").json()
        assert (answer["id"], answer["text"], answer["sha256"]) == (name, stored, sha256(stored.encode()).hexdigest())

    assert api.get("/api/v1/policies/500000-chongqing-2025/").status_code == 200  # bills may have been settled by it
