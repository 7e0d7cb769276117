"""Background work of the queue: thin, each may run twice, late, or beside itself."""

from celery import shared_task

from reviews import queue
from reviews.material_tasks import process_material, process_waiting_materials

__all__ = ["process_material", "process_waiting_materials", "sweep"]


@shared_task
def sweep() -> int:
    """Do what is due, in small transactions; stop after a while so that another worker may go on."""
    return queue.work()
