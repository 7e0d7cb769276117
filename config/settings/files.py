"""Files: the static ones, and the materials people upload."""

from pathlib import Path

from config.environment import DATA_DIR, env

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(DATA_DIR / "materials"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "materials": {
        "BACKEND": env.str("MATERIALS_STORAGE", default="django.core.files.storage.FileSystemStorage"),
        "OPTIONS": env.json("MATERIALS_STORAGE_OPTIONS", default={}),
    },
    "staticfiles": {"BACKEND": "config.static.Static"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not (Path(STATIC_ROOT) / "staticfiles.json").exists()
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
