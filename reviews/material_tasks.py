"""Background work on uploads: thin, each may run twice, late, or beside itself. `reviews.tasks` offers them to the worker."""

from uuid import UUID

from celery import shared_task

from reviews import materials


@shared_task(name="reviews.tasks.process_material")
def process_material(material_id: str) -> None:
    """Make one upload safe, at once after it came."""
    materials.process(UUID(material_id))


@shared_task(name="reviews.tasks.process_waiting_materials")
def process_waiting_materials() -> int:
    """Make up for uploads whose task was lost or whose worker died; clear away what nobody uses."""
    done = materials.process_waiting()
    materials.purge()
    return done
