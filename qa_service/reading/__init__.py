"""Facts read once of a call and shared by all checks."""

from qa_service.reading.read import GUESSED_SPEAKER, Reader, Reading

__all__ = ["GUESSED_SPEAKER", "Reader", "Reading"]
