"""Every refusal and error becomes API.md's body: `{"type", "errors": [{"code", "detail", "attr"}]}`."""

import json
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone
from rest_framework import exceptions, serializers

from core.errors import Forbidden, Invalid, NotFound, Problem, Stale, TooMany, WrongState
from core.http import errors
from policies.models import Notice
from regions.models import Area, ClosedDay


def answer(error):
    return errors.exception_handler(error, {})


def only(error):
    response = answer(error)
    (problem,) = response.data["errors"]
    return response.status_code, response.data["type"], problem["code"], problem["attr"]


@pytest.mark.parametrize(
    ("refusal", "status", "kind", "code"),
    [
        (Invalid("号码有误"), 400, "validation_error", "invalid"),
        (Forbidden("不能办理"), 403, "client_error", "permission_denied"),
        (NotFound("没有"), 404, "client_error", "not_found"),
        (WrongState("已办结"), 409, "client_error", "wrong_state"),
        (Stale("已更新"), 412, "client_error", "stale_version"),
        (TooMany("太频繁"), 429, "client_error", "throttled"),
    ],
)
def test_refusals_keep_their_status_and_code(refusal, status, kind, code):
    assert only(refusal) == (status, kind, code, None)


def test_a_refusal_reports_all_its_problems():
    refusal = Invalid(problems=[Problem("required", "请填写姓名", "name"), Problem("in_past", "日期已过", "starts_on")])

    assert answer(refusal).data == {
        "type": "validation_error",
        "errors": [
            {"code": "required", "detail": "请填写姓名", "attr": "name"},
            {"code": "in_past", "detail": "日期已过", "attr": "starts_on"},
        ],
    }


def test_too_many_says_when_to_come_back():
    assert answer(TooMany("请稍后再试", retry_after=60))["Retry-After"] == "60"
    assert errors.refused(TooMany("请稍后再试", retry_after=60))["Retry-After"] == "60"
    assert answer(exceptions.Throttled(wait=12.2))["Retry-After"] == "13"


def test_a_refusal_is_answered_alike_outside_the_framework():
    plain = errors.refused(WrongState("已办结", code="already_decided", attr="status"))

    assert plain.status_code == 409
    assert json.loads(plain.content) == answer(WrongState("已办结", code="already_decided", attr="status")).data


@pytest.mark.parametrize(
    ("error", "status", "code", "detail"),
    [
        (exceptions.ParseError(), 400, "parse_error", "请求内容不是有效的 JSON，请检查格式后重试。"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated", "请先登录后再操作。"),
        (exceptions.AuthenticationFailed("Invalid token."), 401, "authentication_failed", "登录已失效，请重新登录。"),
        (exceptions.NotFound(), 404, "not_found", "没有找到您要查看的内容，请返回后重试。"),
        (Http404("No Area matches"), 404, "not_found", "没有找到您要查看的内容，请返回后重试。"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed", "此地址不支持该操作，请查阅接口文档。"),
        (
            exceptions.UnsupportedMediaType("text/xml"),
            415,
            "unsupported_media_type",
            "不支持此内容类型，请使用 JSON 提交（上传文件请使用 multipart）。",
        ),
        (exceptions.Throttled(wait=3), 429, "throttled", "操作过于频繁，请稍后再试。"),
        (
            PermissionDenied(),
            403,
            "permission_denied",
            "您没有办理此事项的权限；如有需要，请联系经办机构。",
        ),
    ],
)
def test_the_frameworks_own_errors_speak_chinese(error, status, code, detail):
    response = answer(error)

    assert response.status_code == status
    assert response.data == {"type": "client_error", "errors": [{"code": code, "detail": detail, "attr": None}]}


def test_a_challenge_is_kept():
    error = exceptions.NotAuthenticated()

    error.auth_header = "Bearer"

    assert answer(error)["WWW-Authenticate"] == "Bearer"


class Item(serializers.Serializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)


class Cost(serializers.Serializer):
    items = Item(many=True)


class Bill(serializers.Serializer):
    name = serializers.CharField(max_length=3)
    codes = serializers.ListField(child=serializers.IntegerField(), required=False)
    cost = Cost()

    def validate(self, data):
        if data["cost"]["items"][0]["amount"] > Decimal("100"):
            raise serializers.ValidationError("合计超限。", code="too_much")
        return data


def problems_of(data):
    with pytest.raises(exceptions.ValidationError) as refused:
        Bill(data=data).is_valid(raise_exception=True)
    return {(p["attr"], p["code"]): p["detail"] for p in answer(refused.value).data["errors"]}


def test_nested_fields_are_named_by_their_path():
    found = problems_of({"codes": [1, "x"], "cost": {"items": [{"amount": "1.00"}, {"amount": "a lot"}, {}]}})

    assert set(found) == {
        ("name", "required"),
        ("codes.1", "invalid"),
        ("cost.items.1.amount", "invalid"),
        ("cost.items.2.amount", "required"),
    }
    assert found["name", "required"] == "该字段是必填项。"


def test_what_concerns_the_whole_has_no_field():
    assert problems_of({"name": "王", "cost": {"items": [{"amount": "101"}]}}) == {(None, "too_much"): "合计超限。"}


def test_several_problems_of_one_field_stand_side_by_side():
    error = exceptions.ValidationError({"name": ["甲", "乙"]}, code="bad")

    assert [(p["attr"], p["detail"]) for p in answer(error).data["errors"]] == [("name", "甲"), ("name", "乙")]


def test_a_models_own_validation_names_its_fields():
    error = ModelError({"date": ModelError("日期有误", code="bad_date"), "__all__": ModelError("重复", code="twice")})

    assert [(p["code"], p["detail"], p["attr"]) for p in answer(error).data["errors"]] == [
        ("bad_date", "日期有误", "date"),
        ("twice", "重复", None),
    ]


def test_a_defect_is_left_to_django():
    assert answer(KeyError("x")) is None


@pytest.mark.parametrize(
    ("handler", "status", "kind", "code"),
    [
        (lambda r: errors.bad_request(r, Exception()), 400, "client_error", "bad_request"),
        (lambda r: errors.forbidden(r, Exception()), 403, "client_error", "permission_denied"),
        (lambda r: errors.page_not_found(r, Exception()), 404, "client_error", "not_found"),
        (errors.server_error, 500, "server_error", "server_error"),
    ],
)
def test_what_reaches_no_view_is_json_below_the_api(handler, status, kind, code):
    response = handler(RequestFactory().get("/api/v1/none/"))

    told = json.loads(response.content)

    assert (response.status_code, told["type"], told["errors"][0]["code"]) == (status, kind, code)


@pytest.mark.parametrize(
    ("handler", "status", "says"),
    [
        (lambda r: errors.bad_request(r, Exception()), 400, "请检查后重试"),
        (lambda r: errors.forbidden(r, Exception()), 403, "您没有办理此事项的权限"),
        (errors.forged, 403, "请返回上一页，刷新后重新提交"),
        (errors.locked_out, 429, "请 2 秒后再试"),
        (lambda r: errors.page_not_found(r, Exception()), 404, "请返回后重试"),
        (errors.server_error, 500, "请提供编号 r-17"),
    ],
)
@pytest.mark.parametrize(("path", "way"), [("/admin/x/", "返回工作人员后台"), ("/filings/x", "返回首页")])
def test_elsewhere_it_is_a_page_that_says_what_to_do_next(handler, status, says, path, way):
    response = handler(RequestFactory().get(path, headers={"X-Request-ID": "r-17"}))

    page = response.content.decode()

    assert response.status_code == status
    assert says in page
    assert way in page
    assert "<script" not in page


def test_a_server_error_gives_the_requests_id_and_no_details():
    response = errors.server_error(RequestFactory().get("/api/v1/none/", headers={"X-Request-ID": "r-17"}))

    (problem,) = json.loads(response.content)["errors"]

    assert problem["detail"] == "系统出现问题，请稍后重试；如仍不成功，请提供编号 r-17 联系客服。"


def broken_by(create):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        create()
    return answer(refused.value)


def test_a_rival_row_is_a_conflict_in_the_constraints_own_words(areas):
    ClosedDay.objects.create(area_id="500000", date="2026-11-23", reason="系统升级")

    response = broken_by(lambda: ClosedDay.objects.create(area_id="500000", date="2026-11-23", reason="停电"))

    assert response.status_code == 409
    assert response.data == {
        "type": "client_error",
        "errors": [{"code": "closed_day_once", "detail": "该地区这一天已登记为休息日。", "attr": None}],
    }


def test_who_gives_way_to_a_rival_may_try_again(db):
    """Two transactions that wait for each other: PostgreSQL ends one, and all it wrote."""
    deadlock = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'deadlock_detected'; END $$"

    with pytest.raises(OperationalError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deadlock)

    assert only(refused.value) == (409, "client_error", "rival_write", None)


def test_a_constraint_without_words_for_people_is_a_defect(areas):
    assert broken_by(lambda: Notice.objects.bulk_create([notice(), notice()])) is None
    assert broken_by(lambda: Area.objects.create(code="500000", name="渝", level="province")) is None


def notice():
    return Notice(
        area_id="500000", type="other", version=1, title="x", text="x", sha256="0", published_at=timezone.now()
    )
