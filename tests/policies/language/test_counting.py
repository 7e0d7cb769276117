"""README's table of what the policies know is as the files are."""

from policies.language.counting import PAGE, counted, refreshed

CITY = """\
area: "510100"
name: x
effective_from: 2022-01-01
sources: [{id: A1, title: x, grade: A}, {id: C1, title: x, grade: C}]
filing: {types: {other: {lane: instant, source: C1}}}
benefits:
  - id: stay
    insurance: employee
    care: inpatient
    source: A1
    deductible: {amounts: [{when: {level: 3}, amount: 800, source: C1}, {amount: 400}]}
    share:
      bands:
        - {upto: 30000, ratios: [{ratio: 0.85, source: C1}]}
        - {upto: null, ratios: [{ratio: 0.9}]}
    annual_cap: not_known
  - {id: others, insurance: employee, care: outpatient, not_known: [{reason: x}], share: {bands: [{upto: null, ratios: []}]}}
"""
PROVINCE = 'area: "510000"\nname: x\neffective_from: 2022-01-01\nfiling: {exempt: []}\n'


def test_the_table_is_as_the_files_are():
    page = PAGE.read_text("utf-8")

    assert "<!-- counts -->" in page
    assert refreshed(page) == page, "`make counts` writes it"


def test_areas_benefits_and_figures_are_counted(tmp_path):
    (tmp_path / "city.yaml").write_text(CITY, "utf-8")
    (tmp_path / "province.yaml").write_text(PROVINCE, "utf-8")

    table = counted(sorted(tmp_path.iterdir()))

    counts = [line.split("|")[2].strip() for line in table.splitlines()[2:]]
    assert counts == [
        "1",
        "2",
        "1",
        "5",
        "3",
        "0",
        "2",
        "0",
    ]  # of C: the sum of level 3 and the ratio of the first band
