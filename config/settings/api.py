"""The API: how requests are read and answered, and its OpenAPI document."""

from config.environment import PRODUCTION, choice, env
from config.settings.security import PROXIES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.tokens.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.http.json.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.http.json.JSONParser"],
    "DEFAULT_METADATA_CLASS": "core.http.json.Methods",
    "DEFAULT_PAGINATION_CLASS": "core.http.paging.Paging",
    "DEFAULT_SCHEMA_CLASS": "core.http.schema.Schema",
    "EXCEPTION_HANDLER": "core.http.errors.exception_handler",
    "NUM_PROXIES": PROXIES,
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "异地就医备案 API",
    "DESCRIPTION": (
        "异地就医备案：参保人备案、经办机构审核，以及与之相关的一切。\n\n"
        "不能发送 PATCH 的客户端（如小程序的 `wx.request`）发送 POST，并带请求头 `X-HTTP-Method-Override: PATCH`。"
        "文字按 `Accept-Language`（zh-CN、zh-Hant、en）回答，默认简体中文。\n\n"
        "在此之外：`GET /healthz`（进程）与 `GET /readyz`（数据库、消息队列、后台任务、到期处理；`?part=` 只问其中几项，可重复："
        "database、broker、worker、sweep），一切正常为 200，否则 503。"
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CertificateKind": "accounts.certificate.CertificateKind",
        "ChannelEnum": "settlements.models.Channel",
        "EnrollmentStatus": "accounts.models.EnrollmentStatus",
        "EntryStatus": "settlements.models.Status",
        "FiledBy": "filings.models.FiledBy",
        "FiledByFact": "policies.language.terms.FILED_BY",
        "Insurance": "accounts.models.Insurance",
        "InsuranceFact": "policies.language.terms.INSURANCES",
        "KindEnum": "reviews.models.Kind",
        "MandateStatus": "accounts.models.MandateStatus",
        "OmissionKind": "policies.language.omissions.OMISSIONS",
        "Relation": "accounts.models.Relation",
        "SettlementStatus": "settlements.till_bodies.SHOWN",
        "SubmissionChannel": "reviews.models.Channel",
        "SubmissionStatus": "reviews.models.Status",
        "Travel": "policies.language.terms.TRAVELS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.http.schema.add_error_component",
    ],
}
GATEWAY_INFCODE_AS_TEXT = env.bool("GATEWAY_INFCODE_AS_TEXT", default=False)
GATEWAY_DOCTOR_RANK = choice("GATEWAY_DOCTOR_RANK", "attending", "associate_chief", "chief", "")
GATEWAY_UNSIGNED = not PRODUCTION and env.bool("SANDBOX", default=True)
