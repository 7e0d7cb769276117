"""Decisions made before: where, and from when to when, as far as the case and its events still tell."""

from django.db import migrations

FILL = """
UPDATE reviews_decision d
SET area_id = s.area_id,
    due_at = CASE WHEN (d.round, d.stage) = (s.round, s.stage) THEN s.due_at END,
    started_at = CASE WHEN (d.round, d.stage) = (s.round, s.stage) THEN s.stage_started_at ELSE (
        SELECT max(e.at) FROM reviews_event e
        WHERE e.submission_id = s.id AND e.verb IN ('submit', 'resubmit', 'approve') AND e.at < d.decided_at
    ) END
FROM reviews_submission s
WHERE s.id = d.submission_id AND d.area_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0006_decisions_counted")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
