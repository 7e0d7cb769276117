"""Catalogue files: read whole or refused by line, published by somebody else, one after another."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from core.errors import Forbidden, WrongState
from policies.catalogue.items import find_items
from policies.catalogue.publishing import load, publish, upload, withdraw
from policies.catalogue.reading import CatalogueError, decoded
from policies.models import CatalogueEntry, CatalogueVersion
from tests.factories import area
from tests.policies.policy_texts import keeper
from tests.policies.test_catalogue_items import DAY
from tests.rivals import together

pytestmark = pytest.mark.django_db
HEAD = "area,code,name,class,first_copay_ratio,price_limit,effective_from\n"
VITAMIN = "XA06ADF336P001010100233"
BEIJING = "110000,X1,药甲,乙,0.1,12.5,2026-01-01\n"


@pytest.fixture(autouse=True)
def beijing():
    area("500000")
    return area("110000")


@pytest.fixture
def two():
    return keeper(area="110000", number=1), keeper(area="110000", number=2)


def problems(text: str) -> list[str]:
    with pytest.raises(CatalogueError) as refused:
        load(text, "目录.csv")
    return [str(problem) for problem in refused.value.problems]


def test_every_wrong_line_is_told_and_nothing_is_loaded():
    lines = [
        "999999,X1,药甲,甲,,,2026-01-01",
        ",,药甲,甲,,,2026-01-01",
        ",X1,,戊,0.1,5,2026-02-30",
        ",X2,药乙,甲,0.1,,2026-01-01",
        ",X2,药乙,乙,1.1,0,2026-01-01",
        ",X3,药丙,丙,,5,2026-01-01",
        ",X4,药丁,乙,0.1,,2026-01-01",
        "000000,x4,药丁,乙,0.2,,2026-01-01",
    ]

    found = problems(HEAD + "\n".join(lines))

    assert found == [
        "第 2 行：area：没有代码为 999999 的地区；所有地区通用的请留空",
        "第 3 行：code：请填写国家编码（字母和数字，不超过 50 位）",
        "第 4 行：name：请填写名称，不超过 200 字",
        "第 4 行：class：请填写甲、乙、丙或 A、B、C；还不知道的请留空",
        "第 4 行：effective_from：请填写开始日，如 2026-01-01",
        "第 5 行：first_copay_ratio：只有乙类有先自付比例，其他类别请留空",
        "第 6 行：first_copay_ratio：请填写 0 到 1 之间、最多四位小数的比例，如 0.1",
        "第 6 行：price_limit：请填写大于 0、最多六位小数的单价（元）；没有限价的请留空",
        "第 7 行：price_limit：只有甲类和乙类有限价，其他类别请留空",
        "第 9 行：与第 8 行的地区、编码和开始日相同，请只留一行",
    ]
    assert problems("code,name\nX1,药甲\n")[0].startswith("第 1 行：表头应有 area,code,name")
    assert problems(HEAD) == ["第 1 行：文件里没有目录项目，请在表头下面逐行填写"]
    assert not CatalogueVersion.objects.exists()
    assert not CatalogueEntry.objects.exists()


def test_a_file_is_a_draft_until_somebody_else_publishes_it(two):
    draft = upload(HEAD + BEIJING, "北京.csv", by=two[0])

    assert (draft.area, draft.rows, draft.status, CatalogueEntry.objects.count()) == ("110000", 1, "draft", 0)
    for by in (two[0], keeper(area="500000", number=3)):
        with pytest.raises(Forbidden):
            publish(draft, by=by)

    done = publish(draft, by=two[1])

    assert (done.status, done.number, done.published_by) == ("published", 1, two[1])
    assert find_items("110000", ["X1"], DAY)["X1"].item_class == "B"
    assert list(draft.events.order_by("pgh_id").values_list("status", flat=True)) == ["draft", "published"]
    for again in (publish, withdraw):
        with pytest.raises(WrongState):
            again(done, by=two[1])


def test_a_supervisor_loads_their_own_area_and_the_administrator_all(two):
    for rows in (BEIJING.replace("110000", ""), BEIJING + BEIJING.replace("110000", "")):
        with pytest.raises(Forbidden) as refused:
            upload(HEAD + rows, "全国.csv", by=two[0])
        assert refused.value.code == "not_yours"
    assert upload(HEAD + BEIJING.replace("110000", ""), "全国.csv", by=keeper("admin", area=None)).area == "000000"


def test_the_whole_list_once_more_writes_what_changed():
    first, _ = load(HEAD + BEIJING + BEIJING.replace("X1", "X2"), "a.csv")
    second, changes = load(HEAD + BEIJING + BEIJING.replace("X1", "X2").replace("0.1", "0.25"), "b.csv")

    assert (len(changes.added), len(changes.changed), changes.unchanged) == (0, 1, 1)
    assert [first.entries.count(), second.entries.count(), second.number] == [2, 1, 2]
    assert str(find_items("110000", ["X2"], DAY)["X2"].first_copay_ratio) == "0.2500"
    assert load(HEAD + BEIJING + BEIJING.replace("X1", "X2").replace("0.1", "0.250"), "c.csv")[0] is None
    back, changes = load(HEAD + BEIJING.replace("X1", "X2"), "d.csv")  # and the correction is taken back
    assert back.rows == len(changes.changed) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_the_same_at_once_one_does(two):
    draft = upload(HEAD + BEIJING, "北京.csv", by=two[0])
    with pytest.raises(WrongState) as waiting:
        upload(HEAD + BEIJING, "北京.csv", by=two[1])

    results = together(
        lambda: publish(draft, by=two[1]), lambda: load(HEAD + BEIJING, "命令.csv"), lambda: publish(draft, by=two[1])
    )

    assert waiting.value.code == "catalogue_waiting"
    assert CatalogueEntry.objects.count() == CatalogueVersion.objects.published().count() == 1
    assert len([result for result in results if isinstance(result, CatalogueVersion)]) <= 1
    with pytest.raises(WrongState) as unchanged:
        upload(HEAD + BEIJING + "\n", "北京.csv", by=two[1])
    assert unchanged.value.code == "catalogue_unchanged"


def test_the_database_refuses_that_one_person_uploads_and_publishes(two):
    draft = upload(HEAD + BEIJING, "北京.csv", by=two[0])
    changes = {"status": "published", "number": 9, "published_at": draft.uploaded_at, "published_by": two[0]}

    with pytest.raises(IntegrityError, match="catalogue_four_eyes"), transaction.atomic():
        CatalogueVersion.objects.filter(pk=draft.pk).update(**changes)


def test_the_command_loads_whole_files_and_the_lists_that_are_shipped(tmp_path, django_assert_max_num_queries):
    good, bad, out = tmp_path / "good.csv", tmp_path / "bad.csv", io.StringIO()
    good.write_bytes((HEAD + BEIJING).encode("gb18030"))
    bad.write_text(HEAD + BEIJING.replace("X1", "X5") + ",X6,药,甲,,,昨天\n", "utf-8")

    with pytest.raises(SystemExit) as ended:
        call_command("load_catalogue", str(good), str(bad), stdout=out)
    load(HEAD + f",{VITAMIN},维生素,乙,0.2,,2026-01-01\n", "completed.csv")
    with django_assert_max_num_queries(20):  # 16 901 rows go in by the five thousand
        call_command("load_catalogue", "--national", stdout=out)

    assert ended.value.code == 1
    assert out.getvalue().splitlines() == [
        "good.csv: 1 added, 0 changed, 0 unchanged, 0 without a class or ratio",
        "bad.csv:3: effective_from：请填写开始日，如 2026-01-01",
        "bad.csv: 1 wrong, nothing loaded",
        "national.csv: 16901 added, 0 changed, 1 unchanged, " + out.getvalue().splitlines()[-1].split(", ")[3],
    ]
    assert CatalogueVersion.objects.get(number=1).entries.get().name == "药甲"
    bare = CatalogueEntry.objects.filter(item_class="B", first_copay_ratio=None).first().code
    found = find_items("110000", [VITAMIN, bare], DAY)
    assert (found[bare].item_class, found[bare].known, found[bare].listed) == ("B", False, True)
    assert (found[VITAMIN].known, str(found[VITAMIN].first_copay_ratio)) == (True, "0.2000")


def test_what_is_no_text_is_refused():
    with pytest.raises(CatalogueError):
        decoded(b"\xff\xff\xff")
