"""What Whisper makes up is made up in other people's transcripts too."""

from __future__ import annotations

from qa_service.call import Suspicion
from qa_service.interchange.said import Format


def doubts(format_: Format, text: str) -> frozenset[Suspicion]:
    """Why this piece of a machine's transcript is not to be trusted; text of any other format is."""
    if format_ is not Format.WHISPER:
        return frozenset()
    # Only here: the module brings the speech libraries with it.
    from qa_service.transcription.suspect import is_invented, is_loop

    found = {Suspicion.LOOP: is_loop(text), Suspicion.INVENTED_PHRASE: is_invented(text)}
    return frozenset(suspicion for suspicion, holds in found.items() if holds)
