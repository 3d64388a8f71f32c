"""What commands that judge files have in common: hearing a recording, and knowing the calls of this run before it."""

from __future__ import annotations

import typer

from qa_service.call import Call, Transcript
from qa_service.cli.items import Item
from qa_service.past import PastCall
from qa_service.settings import Settings
from qa_service.transcription.engine import SpeechEngine, load_engine
from qa_service.transcription.transcribe import transcribe_recording


class Ears:
    """Transcribes recordings; the engine is loaded once the first one needs it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: SpeechEngine | None = None

    def heard(self, item: Item) -> Transcript | None:
        """What the recording says, None for a call that came with its turns or has no recording."""
        if item.recording is None or item.call.turns:
            return None
        if self._engine is None:
            self._engine = load_engine(self._settings)
            if self._engine.note:
                typer.echo(self._engine.note, err=True)
        return transcribe_recording(
            item.recording,
            item.call.recording,
            self._settings,
            self._engine,
            other_side=item.other_side,
            billed_seconds=item.call.billed_seconds,
        )


class RunHistory:
    """The calls of one run, each of which later ones of the same debtor or number have as history."""

    def __init__(self) -> None:
        self._past: list[PastCall] = []
        self._by_key: dict[tuple[str, str], list[int]] = {}

    def add(self, past: PastCall) -> None:
        """Remember a call; one without debtor and number can be nobody's history."""
        keys = _keys(past)
        if keys:
            for key in keys:
                self._by_key.setdefault(key, []).append(len(self._past))
            self._past.append(past)

    def of(self, call: Call) -> tuple[PastCall, ...]:
        """The calls to the same debtor or number, in the order they came."""
        places = {place for key in _keys(call) for place in self._by_key.get(key, ())}
        return tuple(self._past[place] for place in sorted(places))


def _keys(call: Call | PastCall) -> list[tuple[str, str]]:
    named = (("debtor", call.debtor_id), ("number", call.number_id))
    return [(kind, key) for kind, key in named if key]
