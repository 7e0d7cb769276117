"""The automatic checks of filings: pure functions over `FilingCase`, one per rule, in the order in which they are shown."""

from filings.checks import where, when, what, who, proof  # noqa: F401, I001 - registered in this order
