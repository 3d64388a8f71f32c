"""The knowledge: rule files read into a rulebook that calls are judged by."""

from qa_service.lexicon.load import load_rulebook
from qa_service.lexicon.model import Rulebook

__all__ = ["Rulebook", "load_rulebook"]
