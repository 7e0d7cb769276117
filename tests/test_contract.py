"""The OpenAPI document is the contract: whole, without warnings, and true in what it shows (API.md)."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator

PROMISED = {  # API.md, as far as it is built
    "GET account/",
    "DELETE account/",
    "GET agencies/",
    "GET areas/",
    "POST auth/logout/",
    "POST auth/password/",
    "POST auth/wechat/",
    "GET calendar/{}/",
    "GET claim-options/",
    "GET claims/",
    "POST claims/",
    "GET claims/{}/",
    "PATCH claims/{}/",
    *(f"POST claims/{{}}/{action}/" for action in ("submit", "withdraw", "resubmit")),
    "GET clock/",
    "POST clock/",
    "GET deadline/",
    "GET diagnoses/",
    "GET diseases/",
    "GET drafts/",
    "GET eligibility/",
    "POST estimates/",
    "GET settlement-years/",
    "GET filing-options/",
    "GET recognition-options/",
    "GET recognitions/",
    "POST recognitions/",
    "GET recognitions/{}/",
    "PATCH recognitions/{}/",
    *(f"POST recognitions/{{}}/{action}/" for action in ("submit", "withdraw", "resubmit", "renew", "choose")),
    "GET filings/",
    "POST filings/",
    "GET filings/{}/",
    "PATCH filings/{}/",
    *(f"POST filings/{{}}/{action}/" for action in ("submit", "withdraw", "resubmit", "cancel", "change")),
    "GET institutions/",
    "GET mandates/",
    "POST mandates/{}/approve/",
    "POST mandates/{}/revoke/",
    "POST materials/",
    "GET messages/",
    "POST messages/{}/read/",
    "GET persons/",
    "POST persons/",
    "DELETE persons/{}/",
    "POST persons/{}/verify/",
    "POST persons/{}/vouchers/",
    "GET policies/",
    "GET policies/coverage/",
    "GET policies/{}/",
    "GET proofs/",
    "POST proofs/",
    "GET proofs/{}/",
    "PATCH proofs/{}/",
    *(f"POST proofs/{{}}/{action}/" for action in ("submit", "withdraw", "resubmit")),
    "GET reconciliation/",
    "POST reconciliation/",
    "GET referrals/",
    "POST referrals/",
    "GET referrals/{}/",
    "PATCH referrals/{}/",
    "GET referrals/{}/certificate.pdf",
    "GET referrals/verify/{}/",
    *(f"POST referrals/{{}}/{action}/" for action in ("withdraw", "resubmit", "revoke")),
    "GET settlements/",
    "POST settlements/",
    "POST settlements/quote/",
    "GET settlements/{}/",
    "POST settlements/{}/reverse/",
    "GET settlements/{}/statement.pdf",
}
OPEN = {
    "agencies",
    "areas",
    "auth",
    "calendar",
    "clock",
    "deadline",
    "diagnoses",
    "diseases",
    "institutions",
    "notices",
    "policies",
}
OPEN_TOO = {"GET referrals/verify/{}/"}
SIGNED_LINKS = {"GET materials/{}/file/", "GET materials/{}/thumbnail/"}
KEYLESS = {  # signing in, binding, and insurance codes, which must be fresh
    *("POST auth/wechat/", "POST auth/password/"),
    *("POST persons/", "POST persons/{}/verify/", "POST persons/{}/resend/"),
    "POST persons/{}/vouchers/",
}
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


@pytest.fixture(scope="module")
def operations(schema):
    """Every operation by its name in API.md: "POST filings/{}/cancel/"."""
    return {
        f"{method.upper()} {short(path)}": described
        for path, methods in schema["paths"].items()
        for method, described in methods.items()
        if method in METHODS
    }


def short(path):
    parts = ["{}" if part.startswith("{") else part for part in path.removeprefix("/api/v1/").split("/")]
    return "/".join(parts)


def parameters(described, place):
    return {parameter["name"] for parameter in described.get("parameters", []) if parameter["in"] == place}


def bodies(described):
    """What an operation takes and answers: a name, the media type, and its schema with examples."""
    for media, body in described.get("requestBody", {}).get("content", {}).items():
        yield "request", media, body
    for status, response in described["responses"].items():
        for media, body in response.get("content", {}).items():
            yield status, media, body


def test_no_warnings_and_a_valid_document():
    out = StringIO()

    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)

    assert out.getvalue().startswith("openapi: 3.1")


def test_what_was_promised_is_there(operations):
    assert PROMISED - operations.keys() == set()


def test_every_operation_says_what_it_does(operations):
    assert [name for name, described in operations.items() if not described.get("summary")] == []

    ids = [described["operationId"] for described in operations.values()]
    assert len(set(ids)) == len(ids)


def test_the_document_speaks_one_language(operations):
    english = [name for name, described in operations.items() if described["summary"].isascii()]

    assert english == []


def test_the_page_for_people_loads_nothing_from_outside(client, db):
    page = client.get("/api/v1/docs/").content.decode()

    assert "异地就医备案" in page
    assert re.findall(r"""(?:src|href)=["']?(?:https?:)?//[^"'\s>]*""", page) == []


def test_every_json_body_has_an_example(operations):
    without = [
        (name, where)
        for name, described in operations.items()
        for where, media, body in bodies(described)
        if media == "application/json" and not body.get("examples")
    ]

    assert without == []


def test_every_example_is_what_the_schema_says(schema, operations):
    wrong = []

    for name, described in operations.items():
        for where, media, body in bodies(described):
            validator = Draft202012Validator({**body["schema"], "components": schema["components"]})
            for title, example in body.get("examples", {}).items():
                wrong += [f"{name} {where} {title}: {e.message}" for e in validator.iter_errors(example["value"])]
            assert media in (
                "application/json",
                "multipart/form-data",
                "image/jpeg",
                "application/pdf",
                "application/zip",
            )

    assert wrong == []


def test_every_error_has_the_one_shape_and_a_code(operations):
    for name, described in operations.items():
        for status, response in described["responses"].items():
            if status >= "400":
                body = response["content"]["application/json"]
                assert body["schema"] == {"$ref": "#/components/schemas/Error"}, (name, status)
                for example in body["examples"].values():
                    assert example["value"]["errors"][0]["code"], (name, status)


def test_the_errors_that_follow_from_what_an_operation_is(operations):
    for name, described in operations.items():
        method, path = name.split(" ")
        statuses = set(described["responses"])
        expected = {"404"} if "{}" in path else set()
        if method in ("POST", "PATCH"):
            expected |= {"400", "415"}
        if path.split("/")[0] not in OPEN and name not in SIGNED_LINKS | OPEN_TOO:
            expected |= {"401"}
        assert expected <= statuses, name


def test_who_signs_in_and_where_nobody_need(operations):
    for name, described in operations.items():
        area = name.split(" ")[1].split("/")[0]
        if name in OPEN_TOO or (area in OPEN - {"auth"} and name != "POST clock/"):
            assert described["security"] == [{}], name
        elif name == "POST estimates/":  # for an enrolment one signs in
            assert described["security"] == [{"bearer": []}, {}], name
        elif area != "auth" and name not in SIGNED_LINKS:
            assert described["security"] == [{"bearer": []}], name


def test_every_post_takes_a_key_but_signing_in_binding_and_vouchers(operations):
    posts = {name for name in operations if name.startswith("POST ")}

    keyed = {name for name in posts if "Idempotency-Key" in parameters(operations[name], "header")}

    assert posts - keyed == KEYLESS


def test_acting_on_a_submission_takes_the_version_that_was_seen(operations):
    for name, described in operations.items():
        method, path = name.split(" ")
        kinds = ("claims/{}/", "filings/{}/", "proofs/{}/", "recognitions/{}/", "referrals/{}/")
        acts = path.startswith(kinds) and method != "GET"
        assert ("If-Match" in parameters(described, "header")) is acts, name
        assert ("412" in described["responses"]) is acts, name


def test_every_list_has_the_one_envelope(schema, operations):
    lists = [n for n, described in operations.items() if "page" in parameters(described, "query")]

    assert "GET areas/" in lists
    assert "GET filings/" in lists

    for name in lists:
        reference = operations[name]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        component = schema["components"]["schemas"][reference.rpartition("/")[2]]
        assert set(component["required"]) == {"count", "next", "previous", "results"}, name
        assert parameters(operations[name], "query") >= {"page", "page_size"}
