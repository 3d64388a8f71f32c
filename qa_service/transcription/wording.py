"""What the engine writes becomes the text that people and rules read: simplified, without stray spaces or bytes."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

import opencc

_HAN = r"\u3400-\u9fff"
_MARKS = "，。？！；：、…"
_SPACE_BY_HAN = re.compile(rf"(?<=[{_HAN}{_MARKS}])\s+(?=[{_HAN}{_MARKS}\w])|(?<=[\w])\s+(?=[{_HAN}{_MARKS}])")
_SPACES = re.compile(r"\s+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffd]")
# OpenCC keeps 著 wherever it could be zhù; these are the words where it is.
_BOOKISH = "名作称述书者录"
_WRITTEN = "显昭卓原名专编论译遗巨土执"
_ASPECT = re.compile(rf"(?<![{_WRITTEN}])著(?![{_BOOKISH}])")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def clean(text: str) -> str:
    """Fold to simplified characters, drop bytes that are no text, and spaces beside Han characters."""
    return _cleaned(text)[0]


def clean_words(words: Sequence[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The clean text of words in a row, and of each the characters ``[start, end)`` that it became (perhaps none)."""
    text, kept = _cleaned("".join(words))
    ends = [0, *itertools.accumulate(map(len, words))]
    places = [bisect_left(kept, end) for end in ends]
    return text, tuple(itertools.pairwise(places))


def _cleaned(text: str) -> tuple[str, list[int]]:
    """The clean text, and for each of its characters the one of ``text`` that it comes from."""
    kept = [at for at, character in enumerate(text) if not _UNPRINTABLE.match(character)]
    while kept and text[kept[-1]].isspace():
        kept.pop()
    while kept and text[kept[0]].isspace():
        kept.pop(0)
    folded = _folded("".join(text[at] for at in kept))
    dropped = {at for match in _SPACE_BY_HAN.finditer(folded) for at in range(*match.span())}
    dropped |= {at for match in _SPACES.finditer(folded) for at in range(match.start() + 1, match.end())}
    left = [at for at in range(len(folded)) if at not in dropped]
    return _SPACES.sub(" ", "".join(folded[at] for at in left)), [kept[at] for at in left]


def _folded(text: str) -> str:
    """Simplified characters, one for each: the dictionary keeps the length, and where it should not, characters do."""
    simple = _simplifier().convert(text)
    if len(simple) != len(text):
        simple = "".join(_simplifier().convert(character)[:1] or character for character in text)
    return _ASPECT.sub("着", simple).replace("甚么", "什么")


def joined(first: str, second: str, pause_ms: int) -> str:
    """Two stretches of one speaker's text with a mark for the pause between them where none is written."""
    if not first or not second or first[-1] in _MARKS + ",.?!" or pause_ms < _BREATH_MS:
        return first + second
    return first + ("，" if pause_ms < _SENTENCE_MS else "。") + second


_BREATH_MS = 60
"""Shorter is a cut of ours, not a pause."""

_SENTENCE_MS = 600
