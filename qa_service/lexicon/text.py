"""The view of a turn that patterns see: one spelling for things that sound or mean the same.

Fillers and spaces are gone, 您 reads 你, stuttered pronouns are said once, traditional and full-width forms are
folded. Every character of the view knows where it came from, so a match can be quoted exactly as it was said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import opencc

CLAUSE_MARKS = "，。？！；：、…—,.?!;:~～"
SENTENCE_MARKS = "。？！；…?!;"

_FILLERS = frozenset("呃嗯啊哦喔唔欸诶哎唉噢呀嘛呐")
_SAME = str.maketrans({"您": "你", "咱": "我", "俺": "我", "她": "他", "它": "他", "牠": "他", "幺": "一"})
_STUTTER = re.compile(r"([我你他这那就不是])\1+")
_DROPPED = re.compile(r"[\s“”\"'‘’《》()（）【】\[\]·]")


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@dataclass(frozen=True, slots=True)
class TextView:
    """Normalised text with, for each of its characters, the offset in the original."""

    text: str
    offsets: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of the original that characters ``[start, end)`` of the view stand for."""
        return self.offsets[start], self.offsets[end - 1] + 1

    def from_first_word(self) -> TextView:
        """The view without the marks that a dropped filler leaves at the start (嗯，是我)."""
        opening = len(self.text) - len(self.text.lstrip(CLAUSE_MARKS))
        return TextView(self.text[opening:], self.offsets[opening:]) if opening else self


def view_of(text: str) -> TextView:
    """Normalise one turn's text, keeping offsets."""
    simple = simplify(text)
    seen = simple.translate(_SEEN)
    # Every character is seen as one or none: as long as before, nothing was left out.
    kept = range(len(text)) if len(seen) == len(text) else [at for at, each in enumerate(simple) if _SEEN[ord(each)]]
    return _without_stutter(seen, kept)


class _Seen(dict[int, str]):
    """How each character stands in a view, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = plain = _seen(chr(code))
        return plain


_SEEN = _Seen()


def _seen(character: str) -> str:
    """How one character stands in a view; empty where it is left out."""
    if character in CLAUSE_MARKS:
        return character
    if character in _FILLERS or _DROPPED.match(character):
        return ""
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain.translate(_SAME) if len(plain) == 1 else ""


def simplify(text: str) -> str:
    """Traditional to simplified characters; unchanged where the fold would alter the length and so the offsets."""
    if text.isascii():
        return text
    folded: str = _simplifier().convert(text)
    return folded if len(folded) == len(text) else text


def _without_stutter(text: str, offsets: Sequence[int]) -> TextView:
    repeated = [at for match in _STUTTER.finditer(text) for at in range(match.start(), match.end() - 1)]
    if repeated:
        kept = sorted(set(range(len(text))).difference(repeated))
        text, offsets = "".join(text[at] for at in kept), [offsets[at] for at in kept]
    return TextView(text, tuple(offsets))
