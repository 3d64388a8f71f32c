"""What the engine writes becomes the text that people and rules read: simplified, without stray spaces or bytes."""

from __future__ import annotations

import re
from functools import cache

import opencc

_HAN = r"\u3400-\u9fff"
_MARKS = "，。？！；：、…"
_SPACE_BY_HAN = re.compile(rf"(?<=[{_HAN}{_MARKS}])\s+(?=[{_HAN}{_MARKS}\w])|(?<=[\w])\s+(?=[{_HAN}{_MARKS}])")
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
    readable = _UNPRINTABLE.sub("", text).strip()
    folded = _ASPECT.sub("着", _simplifier().convert(readable)).replace("甚么", "什么")
    return re.sub(r"\s+", " ", _SPACE_BY_HAN.sub("", folded))


def joined(first: str, second: str, pause_ms: int) -> str:
    """Two stretches of one speaker's text with a mark for the pause between them where none is written."""
    if not first or not second or first[-1] in _MARKS + ",.?!" or pause_ms < _BREATH_MS:
        return first + second
    return first + ("，" if pause_ms < _SENTENCE_MS else "。") + second


_BREATH_MS = 60
"""Shorter is a cut of ours, not a pause."""

_SENTENCE_MS = 600
