"""The JSON interface under ``/api/v1``: FastAPI routes over ``qa_service.actions``."""
