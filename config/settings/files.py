"""Files: the static ones, and the materials people upload."""

from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.environment import DATA_DIR, env

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(DATA_DIR / "materials"))
# In an S3-compatible store, or in any of Django's storages.
MATERIALS_URL = env.str("MATERIALS_URL", default="")
if MATERIALS_URL and not find_spec("storages"):
    raise ImproperlyConfigured("MATERIALS_URL is set: pip install --require-hashes -r requirements-s3.txt")
_INSIDE = (
    {"inside": "core.bucket.Bucket", "url": MATERIALS_URL}
    if MATERIALS_URL
    else {
        "inside": env.str("MATERIALS_STORAGE", default="django.core.files.storage.FileSystemStorage"),
        **env.json("MATERIALS_STORAGE_OPTIONS", default={}),
    }
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "materials": {
        "BACKEND": "core.sealed_files.SealedStorage",
        "OPTIONS": _INSIDE,
    },
    "staticfiles": {"BACKEND": "config.static.Static"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not (Path(STATIC_ROOT) / "staticfiles.json").exists()
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024  # no upload lies open in a temporary file
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

SCANNER_URL = env.str("SCANNER_URL", default="")  # ClamAV's daemon: tcp://host:3310 or unix:///run/clamav/clamd.ctl
