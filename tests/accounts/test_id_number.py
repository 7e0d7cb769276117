"""ID numbers after GB 11643. The numbers are made up; their check characters were worked out by hand."""

from datetime import date

import pytest
from stdnum.iso7064.mod_11_2 import calc_check_digit

from accounts.id_number import InvalidIdNumber, normalise, read_id_number

TODAY = date(2026, 11, 21)


def test_the_number_of_the_standard_reads_as_printed():
    # The example of GB 11643-1999, annex: 北京朝阳, born 1949-12-31, a woman, check character X.
    read = read_id_number("11010519491231002X", today=TODAY)

    assert (read.number, read.birth_date, read.sex) == ("11010519491231002X", date(1949, 12, 31), "female")


def test_check_character_by_hand():
    # digits  1  1  0  1  0  1  1  9  5  5  0  3  0  7  0  0  2
    # weights 7  9 10  5  8  4  2  1  6  3  7  9 10  5  8  4  2
    # sum     7+ 9+ 0+ 5+ 0+ 4+ 2+ 9+30+15+ 0+27+ 0+35+ 0+ 0+ 4 = 147; 147 mod 11 = 4; place 4 of 1 0 X 9 8 … is 8
    assert read_id_number("110101195503070028", today=TODAY).number == "110101195503070028"


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 19491231 002X "]
)
def test_typed_variants_become_the_number_on_the_card(typed):
    assert normalise(typed) == "11010519491231002X"
    assert read_id_number(typed, today=TODAY).number == "11010519491231002X"


def test_sex_is_the_parity_of_the_sequence():
    # 1×7+1×9+1×5+1×4+1×2+9×1+5×6+5×3+3×9+7×5+1×2 = 145; 145 mod 11 = 2: X
    assert read_id_number("11010119550307001X", today=TODAY).sex == "male"


@pytest.mark.parametrize(
    ("number", "part"),
    [
        ("", "18位"),
        ("11010519491231002", "18位"),
        ("11010519491231002XX", "18位"),
        ("1101051949123100AX", "18位"),
        ("01010519491231002X", "18位"),
        ("11010519491231002²", "校验位"),  # a superscript two is normalised to 2, which is not the check character
        ("660105194912310020", "前两位"),
        ("720105194912310020", "前两位"),
        ("840105194912310020", "前两位"),
        ("110105194902300024", "出生日期"),
        ("110105190002290029", "出生日期"),  # 1900 was no leap year
        ("110105189912310020", "出生日期"),
        ("110105202611220023", "出生日期"),  # tomorrow
        ("110105194912310021", "校验位"),
        ("110105194912310012", "校验位"),
    ],
)
def test_what_is_wrong_is_named(number, part):
    with pytest.raises(InvalidIdNumber) as refused:
        read_id_number(number, today=TODAY)

    assert refused.value.code == "id_number_invalid"
    assert refused.value.status == 400
    assert refused.value.problems[0].attr == "id_number"
    assert part in refused.value.detail


@pytest.mark.parametrize(
    # Real people whom stricter checks refuse: codes younger than their holders, 兵团, 港澳台 permits, permanent residents.
    "digits",
    ["65900119800101001", "50010119850101001", "46900519850101001", "81000019900101001", "82000019900101001",
     "83000019900101001", "71000019900101001", "91156019800101001"],
)  # fmt: skip
def test_codes_younger_than_their_holders_are_accepted(digits):
    number = digits + calc_check_digit(digits)

    assert read_id_number(number, today=TODAY).birth_date.year in (1980, 1985, 1990)


def test_every_single_wrong_digit_and_every_swap_of_neighbours_is_caught():
    digits = "11010119550307002"

    right = calc_check_digit(digits)

    for place, digit in enumerate(digits):
        for other in set("0123456789") - {digit}:
            assert calc_check_digit(digits[:place] + other + digits[place + 1 :]) != right

    for place in range(16):
        if digits[place] != digits[place + 1]:
            swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
            assert calc_check_digit(swapped) != right


def test_someone_born_today_is_accepted():
    digits = "11010520261121001"

    assert read_id_number(digits + calc_check_digit(digits), today=TODAY).birth_date == TODAY
