"""Short ways to say what a check found."""

from __future__ import annotations

from reviews.checks import Finding, Level


def error(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """It cannot be submitted like this."""
    return Finding(code, Level.ERROR, message, source, fields)


def conflict(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """Another live submission, or a lock, is in the way (409)."""
    return Finding(code, Level.ERROR, message, source, fields, conflict=True)


def warning(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """A reviewer must look at it."""
    return Finding(code, Level.WARNING, message, source, fields)


def info(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """Good to know."""
    return Finding(code, Level.INFO, message, source, fields)
