"""Static files: hashed and compressed once collected, straight from the apps before."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Static(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names carry the hash of their content where `collectstatic` has run; in tests it has not."""

    def url(self, name: str | None, force: bool = False) -> str:
        """Return the file's address."""
        if name and not self.hashed_files:
            return f"{self.base_url}{name}"
        return str(super().url(name, force))
