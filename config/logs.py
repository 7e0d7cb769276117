"""Structured logs: one line an event, JSON in production, with the request id that also reaches the tasks."""

from importlib import import_module
from typing import Any

import structlog

PROCESSORS: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.StackInfoRenderer(),
]


def configuration(*, json: bool, level: str, traced: bool = False) -> dict[str, Any]:
    """Return Django's LOGGING: our own and the libraries' records go through the same processors to stderr."""
    processors = [*PROCESSORS, _trace_id] if traced else PROCESSORS
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *processors,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(json)],
        "foreign_pre_chain": processors,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},
            "celery.beat": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},  # it would show what tasks return
            "celery.worker.strategy": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
        },
    }


def _rendering(json: bool) -> list[structlog.types.Processor]:
    """Exceptions are shown without the values of local variables: those may be personal data."""
    if json:
        plain = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
        return [plain, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]


def _trace_id(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Name the trace a line belongs to, by which it is found where traces are kept; only where there are traces (config.traces)."""
    context = import_module("opentelemetry.trace").get_current_span().get_span_context()
    return {**event, "trace_id": f"{context.trace_id:032x}"} if context.is_valid else event
