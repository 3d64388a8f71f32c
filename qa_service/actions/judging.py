"""The judge that the settings ask for, in worker and command alike."""

from __future__ import annotations

from qa_service.actions.rules import open_rulebook
from qa_service.endpoint import endpoint_reader
from qa_service.pipeline import Judge
from qa_service.settings import Settings


def load_judge(settings: Settings) -> Judge:
    """The judge that the settings ask for: the shipped rules, the house's own over them, and its model server.

    Raises:
        LexiconInvalid: a rule file cannot be used; it is named.
        SettingsInvalid: the model server's address cannot be one.
    """
    rulebook = open_rulebook(settings)
    return Judge(rulebook, third=endpoint_reader(settings, rulebook))
