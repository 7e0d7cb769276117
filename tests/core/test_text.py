"""Search spellings: full pinyin and initials."""

import pytest

from core.text import spell


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("重庆市", "chongqingshi", "cqs"),
        ("厦门市", "xiamenshi", "xms"),
        ("六安市", "luanshi", "las"),
        ("长治市", "changzhishi", "czs"),
        ("朝阳市", "chaoyangshi", "cys"),
        ("延边朝鲜族自治州", "yanbianchaoxianzuzizhizhou", "ybcxzzzz"),
        ("四川大学华西医院", "sichuandaxuehuaxiyiyuan", "scdxhxyy"),
        ("上海市长宁区天山中医医院", "shanghaishichangningqutianshanzhongyiyiyuan", "shscnqtszyyy"),
        ("青海省藏医院", "qinghaishengzangyiyuan", "qhszyy"),
        ("3201医院", "3201yiyuan", "3201yy"),
        ("A·B诊所（北区）", "abzhensuobeiqu", "abzsbq"),
        ("", "", ""),
    ],
)
def test_spelled_for_search(name, pinyin, initials):
    assert spell(name) == (pinyin, initials)
