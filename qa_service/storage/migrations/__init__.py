"""Alembic migrations, run by ``qa_service.storage.schema``; they travel inside the package."""
