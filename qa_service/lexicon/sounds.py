"""Words by sound: what an engine wrote with other characters of the same syllables, read as the lexicon spells it.

Syllables are toneless and folded as telephone Mandarin folds them: zh/z, ch/c, sh/s, ang/an, eng/en, ing/in, l/n.
Only phrases of three or more Chinese syllables are looked for: shorter ones sound like half the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import ahocorasick_rs
from pypinyin import Style, lazy_pinyin

SHORTEST = 3
"""Syllables of a phrase from which on it is looked for by sound; the number is the issue's own and measured in
``docs/decisions/judging.md``."""

SYLLABLES_A_SLIP = 3
"""A phrase may differ in one character for every so many: more is another phrase."""

FOLDED_FROM = 4
"""Syllables from which on folded sounds may stand for each other; a phrase of three must be a plain homophone."""

# Characters so common that a phrase held together by them sounds like anything: two others are needed, in one of three
# syllables three.
_COMMON = frozenset(
    "我你他她们不没有无了的得地是在给这那还都就也要会能可把被让叫到去来上下里外大小一二两三四五六七八九十百千万几个点"
    "什么怎样哪谁吗吧呢啊多少好对说看想打再又才很太最和跟与或从向为以"
)
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_PRIVATE = 0xE000
_FOLDS = ((re.compile("^([zcs])h"), r"\1"), (re.compile("([aei])ng$"), r"\1n"), (re.compile("^l"), "n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Respelt:
    """A text as it sounds: its characters, those of known phrases put for others of the same sound.

    ``phrases`` are the ranges that were read by sound.
    """

    text: str
    phrases: tuple[tuple[int, int], ...]

    def rests_on(self, start: int, end: int) -> bool:
        """Whether characters ``[start, end)`` hold a phrase that was read by sound."""
        return any(start <= first and last <= end for first, last in self.phrases)


class Respeller:
    """Knows the phrases of a rulebook by sound; built once."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Index the phrases of at least three syllables that everyday characters alone do not make up."""
        self._phrases = sorted({phrase for phrase in phrases if _HAN.fullmatch(phrase) and _is_telling(phrase)})
        self._automaton = ahocorasick_rs.AhoCorasick([as_sounds(phrase) for phrase in self._phrases] or ["\0"])

    def respell(self, text: str) -> Respelt | None:
        """The text with every phrase that it holds by sound alone, longest first; None where it holds none."""
        found = self._heard(text)
        if all(text[start:end] == phrase for start, end, phrase in found):
            return None  # what it holds is spelt as the lexicon has it
        characters, places = list(text), list[tuple[int, int]]()
        taken = {at for start, end, phrase in found if text[start:end] == phrase for at in range(start, end)}
        for start, end, phrase in found:
            if taken.isdisjoint(range(start, end)) and _is_slip(text[start:end], phrase):
                taken.update(range(start, end))
                characters[start:end] = phrase
                places.append((start, end))
        if not places:
            return None
        return Respelt(text="".join(characters), phrases=tuple(sorted(places)))

    def _heard(self, text: str) -> list[tuple[int, int, str]]:
        """The places that sound like a phrase, the longest first, the leftmost of equal ones first."""
        hits = self._automaton.find_matches_as_indexes(as_sounds(text), overlapping=True)
        found = [(start, end, self._phrases[number]) for number, start, end in hits if number < len(self._phrases)]
        return sorted(found, key=lambda hit: (hit[0] - hit[1], hit[0], hit[2]))


def _is_telling(phrase: str) -> bool:
    telling = sum(character not in _COMMON for character in phrase)
    return telling >= SHORTEST or (telling >= SHORTEST - 1 and len(phrase) > SHORTEST)


def _is_slip(written: str, phrase: str) -> bool:
    """Whether ``written`` differs from the phrase as recognition errs: in few characters, the short ones plainly."""
    changed = [(one, other) for one, other in zip(written, phrase, strict=True) if one != other]
    plain = len(phrase) >= FOLDED_FROM or all(_syllable(one) == _syllable(other) for one, other in changed)
    return plain and len(changed) <= len(phrase) // SYLLABLES_A_SLIP


@lru_cache(maxsize=1 << 15)
def _syllable(character: str) -> str:
    return str(lazy_pinyin(character, style=Style.NORMAL)[0])


class _Sounds(dict[int, str]):
    """The sound of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = sound = _sound(chr(code))
        return sound


_SOUNDS = _Sounds()


def _sound(character: str) -> str:
    """One private character for every folded syllable; anything that is no Chinese character stays as it is."""
    if not _HAN.fullmatch(character):
        return character
    return _code(fold(_syllable(character)))


@cache
def fold(syllable: str) -> str:
    """A toneless syllable with what the telephone does not tell apart made equal: ``zhang`` and ``zan`` are ``zan``."""
    for pattern, replacement in _FOLDS:
        syllable = pattern.sub(replacement, syllable)
    return syllable


_codes: dict[str, str] = {}


def _code(syllable: str) -> str:
    return _codes.setdefault(syllable, chr(_PRIVATE + len(_codes)))


def as_sounds(text: str) -> str:
    """The text as sounds, one character for each of its own."""
    return text.translate(_SOUNDS)
