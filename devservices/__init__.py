"""What a machine without services gets: a real PostgreSQL, a real Redis, and `manage.py up`, which runs everything.

Whoever needs the services holds them (`services.running_services`). The first one starts a small keeper process, which runs both as its children and
stops them when the last user is gone, however that ended: each holds a file lock, and the kernel drops it.
Data, ports and passwords stay in the data folder, so that copies with folders of their own run side by side.
"""
