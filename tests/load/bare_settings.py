"""Settings of the server that shows what a request costs at least: no middleware, one view, a copy of the database."""

import os

from config.settings import *

ROOT_URLCONF = "tests.load.floor"
MIDDLEWARE: list[str] = []
FLOOR_FILE, FLOOR_DATABASE = os.environ["FLOOR_FILE"], os.environ["FLOOR_DATABASE"]
