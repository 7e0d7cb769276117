"""审计: who saw or did what of whom, when and why, read together from every record that is only ever appended to."""

from reviews.audit.reading import Act, Cursor, Entry, Question, Rows, Source, count, entries, page, register

__all__ = ["Act", "Cursor", "Entry", "Question", "Rows", "Source", "count", "entries", "page", "register"]
