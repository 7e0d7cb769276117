"""Django's PostgreSQL backend, as this house speaks to the server."""
