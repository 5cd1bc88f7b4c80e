"""The example site as it is served: PostgreSQL, Redis, gunicorn or uvicorn, and a sandbox beside it."""
