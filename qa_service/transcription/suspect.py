"""A first doubt about recognised text: loops, impossible speed, known inventions, nobody speaking.

What is doubted stays visible and is marked; no rule fires on it alone.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
import zlib
from functools import cache
from pathlib import Path

from qa_service.call import Suspicion
from qa_service.transcription.engine import Segment
from qa_service.transcription.wording import clean

PHRASES_FILE = Path(__file__).resolve().parents[2] / "lexicons" / "invented_phrases.toml"

LOOP_COMPRESSION = 2.4
"""Whisper's own limit: text that compresses better than this repeats itself."""

LOOP_CHARACTERS = 18
FASTEST = 12.0
"""Characters a second; fast Mandarin is 7 to 8, bursts reach 10."""

FEWEST_FOR_RATE = 8
LEAST_SPEECH = 0.35
"""Mean speech probability under an utterance below which nobody spoke; speech is above 0.5 by the detector's rule."""

ENGINE_NO_SPEECH = 0.6
ENGINE_LOG_PROB = -0.7

_LOOP = re.compile(r"(.{1,20}?)\1{5,}")
_COUNTED = re.compile(r"[^\W_]")


def of_segment(segment: Segment) -> frozenset[Suspicion]:
    """What the engine's text and its numbers about itself give away."""
    found = _of_text(clean(segment.text))
    if segment.no_speech > ENGINE_NO_SPEECH and segment.log_prob < ENGINE_LOG_PROB:
        found |= {Suspicion.NO_SPEECH}
    return found


def of_utterance(text: str, *, length_ms: int, speech_probability: float) -> frozenset[Suspicion]:
    """What gives away an utterance of ``length_ms`` with this clean text and mean speech probability."""
    found = _of_text(text)
    characters = len(_COUNTED.findall(text))
    if characters >= FEWEST_FOR_RATE and characters * 1000 > FASTEST * length_ms:
        found |= {Suspicion.IMPOSSIBLE_RATE}
    if characters and speech_probability < LEAST_SPEECH:
        found |= {Suspicion.NO_SPEECH}
    return found


def is_loop(text: str) -> bool:
    """Whether the text is mostly the same few characters over and over: six times or more, 18 characters or more."""
    loop = max((match.end() - match.start() for match in _LOOP.finditer(text)), default=0)
    if loop >= max(LOOP_CHARACTERS, len(text) / 2):
        return True
    data = text.encode()
    return len(text) >= LOOP_CHARACTERS and len(data) / len(zlib.compress(data)) > LOOP_COMPRESSION


def is_invented(text: str) -> bool:
    """Whether the whole text is something Whisper is known to invent, whatever its spelling and punctuation."""
    plain = _plain(text)
    whole, credit, credit_length = _phrases()
    return bool(whole.fullmatch(plain)) or (len(plain) <= credit_length and bool(credit.match(plain)))


def _of_text(text: str) -> frozenset[Suspicion]:
    found = set()
    if is_loop(text):
        found.add(Suspicion.LOOP)
    if is_invented(text):
        found.add(Suspicion.INVENTED_PHRASE)
    return frozenset(found)


def _plain(text: str) -> str:
    folded = clean(unicodedata.normalize("NFKC", text)).lower()
    return "".join(_COUNTED.findall(folded))


@cache
def _phrases() -> tuple[re.Pattern[str], re.Pattern[str], int]:
    """The phrases as two patterns over plain text, and how long a credit may be."""
    data = tomllib.loads(PHRASES_FILE.read_text(encoding="utf-8"))
    longest_first = sorted(data["whole"], key=len, reverse=True)
    whole = "|".join(map(re.escape, longest_first))
    credit = "|".join(map(re.escape, data["credits"]))
    return re.compile(f"(?:{whole})+"), re.compile(f"(?:{credit})"), int(data["credit_length"])
