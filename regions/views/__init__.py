"""The open reference endpoints."""
