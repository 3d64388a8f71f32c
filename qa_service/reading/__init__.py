"""Facts read once of a call and shared by all checks."""

from qa_service.reading.read import Reader, Reading

__all__ = ["Reader", "Reading"]
