"""Background work of the queue and of uploads: thin, each may run twice, late, or beside itself."""

from celery import shared_task

from reviews import materials, presence, queue


@shared_task
def sweep() -> int:
    """Do what is due, in small transactions; stop after a while so that another worker may go on."""
    return queue.work()


@shared_task
def process_material() -> None:
    """An upload came: make one safe at once, the one whose turn it is. There is a message for each."""
    materials.process_next()


@shared_task
def process_waiting_materials() -> int:
    """Make up for uploads whose task was lost or whose worker died; clear away what nobody uses."""
    done = materials.process_waiting()
    materials.purge()
    return done


@shared_task
def purge_presences() -> int:
    """Forget who was at which case a day ago."""
    return presence.purge()
