"""Spans of time by hand: validity counts its first day, a time limit does not count the day of its event."""

from datetime import date

import pytest

from policies.language.terms import Span, due_on, last_day, parse_span


@pytest.mark.parametrize(
    ("first", "span", "last"),
    [
        (date(2026, 3, 15), Span(6, "months"), date(2026, 9, 14)),
        (date(2026, 3, 1), Span(6, "months"), date(2026, 8, 31)),
        (date(2026, 8, 31), Span(6, "months"), date(2027, 2, 28)),  # February has no 31st: the month's last day
        (date(2026, 8, 29), Span(6, "months"), date(2027, 2, 28)),
        (date(2026, 8, 28), Span(6, "months"), date(2027, 2, 27)),
        (date(2027, 8, 29), Span(6, "months"), date(2028, 2, 28)),  # 2028 has a 29th
        (date(2024, 2, 29), Span(12, "months"), date(2025, 2, 28)),
        (date(2026, 12, 1), Span(1, "months"), date(2026, 12, 31)),
        (date(2026, 1, 1), Span(60, "days"), date(2026, 3, 1)),
        (date(2026, 1, 1), Span(1, "days"), date(2026, 1, 1)),
    ],
)
def test_last_day_covered(first, span, last):
    assert last_day(first, span) == last


@pytest.mark.parametrize(
    ("event", "span", "due"),
    [
        (date(2026, 2, 10), Span(12, "months"), date(2027, 2, 10)),
        (date(2026, 1, 31), Span(1, "months"), date(2026, 2, 28)),
        (date(2026, 3, 15), Span(2, "months"), date(2026, 5, 15)),
        (date(2026, 3, 15), Span(10, "days"), date(2026, 3, 25)),
        (date(2026, 12, 31), Span(2, "months"), date(2027, 2, 28)),
    ],
)
def test_last_day_of_a_time_limit(event, span, due):
    assert due_on(event, span) == due


def test_working_days_need_the_calendar():
    with pytest.raises(ValueError, match="calendar"):
        due_on(date(2026, 1, 1), Span(5, "working days"))

    with pytest.raises(ValueError, match="calendar"):
        last_day(date(2026, 1, 1), Span(5, "working days"))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("6 months", Span(6, "months")),
        ("1 day", Span(1, "days")),
        ("5 working days", Span(5, "working days")),
        ("0 days", None),
        ("6", None),
        ("six months", None),
        ("6 Months", None),
        ("6 months ", None),
    ],
)
def test_parse(text, span):
    assert parse_span(text) == span


@pytest.mark.parametrize(
    ("span", "label"),
    [
        (Span(6, "months"), "6个月"),
        (Span(24, "months"), "2年"),
        (Span(60, "days"), "60日"),
        (Span(5, "working days"), "5个工作日"),
    ],
)
def test_label(span, label):
    assert span.label == label
