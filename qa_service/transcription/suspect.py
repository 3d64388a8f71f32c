"""A first doubt about recognised text: loops, impossible speed, inventions, the prompt said back, nobody speaking.

What is doubted stays visible and is marked; no rule fires on it alone.
"""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from qa_service.call import Suspicion
from qa_service.transcription.decoder import LOOP_COMPRESSION
from qa_service.transcription.engine import Segment
from qa_service.transcription.wording import clean

PHRASES_FILE = Path(__file__).resolve().parents[2] / "lexicons" / "invented_phrases.toml"

LOOP_CHARACTERS = 18
"""Six times 我没钱: less can be said in earnest."""

SENTENCE_CHARACTERS = 10
"""A unit from this length on is a loop when it comes three times running: 你什么时候还钱 three times is a person."""

FASTEST = 12.0
"""Characters a second; fast Mandarin is 7 to 8, bursts reach 10."""

FEWEST_FOR_RATE = 8
LEAST_SPEECH = 0.35
"""Mean speech probability under an utterance below which nobody spoke; speech is above 0.5 by the detector's rule."""

ENGINE_NO_SPEECH = 0.6
ENGINE_LOG_PROB = -0.7

ECHO_SHARE = 0.8
ECHO_RUN = 3
ECHO_LONG_RUN = 4
"""An echo is a text that is (by this share) expected words: this many of them in the order of the prompt, or the longer
number in any order; or the longer number in order amid other words. 逾期还款 alone is what callers say."""

_LOOP = re.compile(r"(.{1,20}?)\1{5,}")
_LONG_LOOP = re.compile(rf"(.{{{SENTENCE_CHARACTERS},60}}?)\1{{2,}}")
_COUNTED = re.compile(r"[^\W_]")


def of_segments(segments: Sequence[Segment], prompt: str | None = None) -> list[frozenset[Suspicion]]:
    """What the engine's texts and its numbers about itself give away, segment by segment.

    ``prompt`` is what the engine was told to expect, words separated by spaces. Equal segments in a row are judged as
    one text: a loop may be cut at every turn of it.
    """
    found: list[frozenset[Suspicion]] = []
    for _, group in itertools.groupby(segments, key=lambda segment: _plain(segment.text)):
        equal = list(group)
        shared = _of_text(clean("".join(segment.text for segment in equal)), prompt)
        found.extend(shared | _of_text(clean(segment.text), prompt) | _of_numbers(segment) for segment in equal)
    return found


def _of_numbers(segment: Segment) -> frozenset[Suspicion]:
    silent = segment.no_speech > ENGINE_NO_SPEECH and segment.log_prob < ENGINE_LOG_PROB
    return frozenset({Suspicion.NO_SPEECH}) if silent else frozenset()


def of_utterance(
    text: str, *, length_ms: int, speech_probability: float, prompt: str | None = None
) -> frozenset[Suspicion]:
    """What gives away an utterance of ``length_ms`` with this clean text and mean speech probability."""
    found = _of_text(text, prompt)
    characters = len(_COUNTED.findall(text))
    if characters >= FEWEST_FOR_RATE and characters * 1000 > FASTEST * length_ms:
        found |= {Suspicion.IMPOSSIBLE_RATE}
    if characters and speech_probability < LEAST_SPEECH:
        found |= {Suspicion.NO_SPEECH}
    return found


def is_loop(text: str) -> bool:
    """Whether the text is mostly the same over and over.

    That is: a few characters six times or more (18 characters or more), a whole sentence three times or more, or text
    that compresses as only a loop does. Spelling out marks does not break it.
    """
    plain = _plain(text)
    loop = max(
        (match.end() - match.start() for pattern in (_LOOP, _LONG_LOOP) for match in pattern.finditer(plain)), default=0
    )
    if loop >= max(LOOP_CHARACTERS, len(plain) / 2):
        return True
    data = text.encode()
    return len(text) >= LOOP_CHARACTERS and len(data) / len(zlib.compress(data)) > LOOP_COMPRESSION


def is_echo(text: str, prompt: str) -> bool:
    """Whether the text says back the words that the engine was told to expect (separated by spaces)."""
    plain, words = _plain(text), _expected(prompt)
    if not plain or not words:
        return False
    said = list(re.finditer("|".join(map(re.escape, sorted(words, key=len, reverse=True))), plain))
    mostly = sum(match.end() - match.start() for match in said) >= ECHO_SHARE * len(plain)
    in_order = max(_runs_in_order(said, words), default=0)
    return in_order >= ECHO_LONG_RUN or (mostly and (in_order >= ECHO_RUN or len(said) >= ECHO_LONG_RUN))


@lru_cache(maxsize=4)
def _expected(prompt: str) -> tuple[str, ...]:
    """The words of a prompt, plain, in its order."""
    return tuple(dict.fromkeys(filter(None, map(_plain, prompt.split()))))


def _runs_in_order(said: Sequence[re.Match[str]], words: Sequence[str]) -> Iterator[int]:
    """The number of words in each stretch that follows the prompt without anything between."""
    run, end, expected = 0, -1, -1
    for match in said:
        place = words.index(match.group())
        run = run + 1 if match.start() == end and place == expected else 1
        end, expected = match.end(), place + 1
        yield run


def is_invented(text: str) -> bool:
    """Whether the whole text is something Whisper is known to invent, whatever its spelling and punctuation."""
    plain = _plain(text)
    known = _phrases()
    if known.whole.fullmatch(plain) or known.framed.fullmatch(plain):
        return True
    return len(plain) <= known.credit_length and bool(known.credit.match(plain))


def _of_text(text: str, prompt: str | None) -> frozenset[Suspicion]:
    found = set()
    if is_loop(text):
        found.add(Suspicion.LOOP)
    if is_invented(text):
        found.add(Suspicion.INVENTED_PHRASE)
    if prompt and is_echo(text, prompt):
        found.add(Suspicion.PROMPT_ECHO)
    return frozenset(found)


@lru_cache(maxsize=8)  # each rule asks for the text at hand
def _plain(text: str) -> str:
    folded = clean(unicodedata.normalize("NFKC", text)).lower()
    return "".join(_COUNTED.findall(folded))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrases:
    """The phrases as patterns over plain text; a text that begins with a credit is one up to ``credit_length``."""

    whole: re.Pattern[str]
    framed: re.Pattern[str]
    credit: re.Pattern[str]
    credit_length: int


@cache
def _phrases() -> _Phrases:
    data = tomllib.loads(PHRASES_FILE.read_text(encoding="utf-8"))
    longest_first = sorted(data["whole"], key=len, reverse=True)
    whole = "|".join(map(re.escape, longest_first))
    credit = "|".join(map(re.escape, data["credits"]))
    framed = "|".join(rf"{re.escape(start)}.{{0,12}}{re.escape(end)}" for start, end in data["framed"])
    return _Phrases(
        whole=re.compile(f"(?:{whole})+"),
        framed=re.compile(framed),
        credit=re.compile(f"(?:{credit})"),
        credit_length=int(data["credit_length"]),
    )
