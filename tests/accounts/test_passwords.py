"""What a password of the staff may be."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import Account, Role
from regions.models import Agency
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang():
    account = make.reviewer(name="张晓敏", nickname="小敏")
    account.username = "cq-zhang"
    Agency.objects.update_or_create(area_id="500000", defaults={"name": "重庆市医疗保障事务中心"})
    return account


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-wet1x", "password_too_short"),
        ("password1234", "password_too_common"),
        ("192837465019", "password_entirely_numeric"),
        ("cq-zhang-and-more", "password_own_words"),
        ("hello张晓敏hello", "password_own_words"),
        ("zhangxiaomin is 40", "password_own_words"),
        ("Zhang Xiao Min is 40", "password_own_words"),
        ("welcome to YIDI 9", "password_own_words"),
        ("欢迎使用异地系统的各位", "password_own_words"),
        ("chongqing-sunshine", "password_own_words"),
        ("重庆市医疗保障事务中心2026", "password_own_words"),
    ],
)
def test_what_is_short_common_or_ones_own_is_refused(zhang, password, code):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, zhang)

    assert code in [error.code for error in refused.value.error_list]


@pytest.mark.parametrize("password", ["correct horse battery", "四只乌龟在月亮上喝咖啡吗", "x7#Qm-plumb-vivid"])
def test_other_long_ones_are_fine(zhang, password):
    validate_password(password, zhang)


def test_a_hospital_is_no_password(noon):
    till = make.staff(Role.HOSPITAL, institution=make.institution(name="示范医院"))

    with pytest.raises(ValidationError):
        validate_password("shifanyiyuan-2026", till)


def test_nobody_in_particular_is_judged_by_the_house_alone():
    validate_password("chongqing-sunshine", Account(role=Role.ADMIN))
