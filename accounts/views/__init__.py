"""HTTP in and out, one domain call per view."""
