"""Static files: hashed and compressed once collected, straight from the apps before."""

from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Static(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names carry the hash of their content where `collectstatic` has run; in tests it has not."""

    # Only what styles load: source maps, named in comments, are not collected.
    patterns = (("*.css", CompressedManifestStaticFilesStorage.patterns[0][1][:2]),)

    def url(self, name: str | None, force: bool = False) -> str:
        """Return the file's address."""
        if name and not self.hashed_files:
            return f"{self.base_url}{name}"
        return str(super().url(name, force))

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Gzip only: Brotli at its highest level takes a minute for the libraries of the admin and the API page."""
        return super().create_compressor(**kwargs | {"use_brotli": False})
