"""Files as other systems publish them, and what is read of them."""

from __future__ import annotations

from pathlib import Path

from qa_service.call import Speaker, Turn
from qa_service.interchange.read import read_transcript
from qa_service.interchange.roles import Cast, cast
from qa_service.interchange.said import Conversation
from qa_service.interchange.text import decoded

FILES = Path(__file__).parent / "files"
AGENT, CUSTOMER = Speaker.AGENT, Speaker.CUSTOMER


def conversations(text: str, *named: str) -> list[Conversation]:
    """Those of a text, every one of which must be good."""
    found = read_transcript(text, "t", named)
    assert found is not None, "not recognised"
    good = [one for one in found if isinstance(one, Conversation)]
    assert len(good) == len(found), found
    return good


def conversation(text: str, *named: str) -> Conversation:
    (only,) = conversations(text, *named)
    return only


def of_file(name: str) -> list[Conversation]:
    return conversations(decoded((FILES / name).read_bytes()))


def complaint(text: str) -> str:
    """The one refusal of a text that is recognised."""
    found = read_transcript(text, "t")
    assert found is not None, "not recognised"
    (only,) = found
    assert not isinstance(only, Conversation), only
    return str(only)


def told(text: str, **speakers: Speaker) -> Cast:
    return cast(conversation(text, *speakers), speakers)


def spoken(turns: tuple[Turn, ...]) -> list[tuple[Speaker, int, int, str]]:
    return [(turn.speaker, turn.start_ms, turn.end_ms, turn.text) for turn in turns]
