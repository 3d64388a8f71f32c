"""Speech from text with espeak-ng: two voices, pinyin input, exact times of every character.

espeak-ng 1.51 reads most Chinese characters wrongly (its dictionary gives `hao3`, which it then spells out in
English). So characters become pinyin here, and the voice `cmn-latn-pinyin` reads the pinyin.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, load_phrases_dict, pinyin

RATE = 22050
"""Samples a second of what espeak-ng returns."""

PUNCTUATION = {"，": ",", "。": ".", "？": "?"}
_WORD, _END = 1, 0
_OWN_READINGS = {
    "银行": "yín háng",
    "行长": "háng zhǎng",
    "东江银行": "dōng jiāng yín háng",
    "一行": "yì háng",
    "重复": "chóng fù",
    "尾号": "wěi hào",
    "觉得": "jué de",
    "只能": "zhǐ néng",
    "打的": "dǎ de",
}
_STILL = frozenset("有没是剩差在会想以好敢说真需打骂跟得能要可")
"""After 还 these make it `hai2` (still); otherwise it is `huan2` (to pay back), by far the commoner here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One espeak-ng voice: `name` with its variant, words a minute, base pitch and pitch range (0-99)."""

    name: str
    speed: int
    pitch: int
    range: int


VOICES = {
    "agent": Voice(name="cmn-latn-pinyin+f2", speed=220, pitch=56, range=85),
    "customer": Voice(name="cmn-latn-pinyin+m3", speed=210, pitch=72, range=85),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """`samples` (n,) int16 at 22,050 Hz; `spans[i]` start and end in seconds of character i of the text.

    Punctuation has an empty span at the end of the character before it.
    """

    samples: NDArray[np.int16]
    spans: tuple[tuple[float, float], ...]


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user", ctypes.c_void_p),
        ("id", _EventId),
    ]


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Library:
    """The shared library, started once in a process; not safe for threads."""

    def __init__(self) -> None:
        self.lib = ctypes.CDLL("libespeak-ng.so.1")
        self.audio: list[bytes] = []
        self.words: list[tuple[int, float]] = []
        if self.lib.espeak_Initialize(2, 0, None, 0) != RATE:
            raise RuntimeError("espeak-ng did not start at 22,050 Hz")
        self._keep = _CALLBACK(self._collect)
        self.lib.espeak_SetSynthCallback(self._keep)

    def _collect(self, wave: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        if count > 0:
            self.audio.append(ctypes.string_at(wave, count * 2))
        index = 0
        while events[index].type != _END:
            if events[index].type == _WORD:
                self.words.append((events[index].text_position - 1, events[index].sample / RATE))
            index += 1
        return 0

    def say(self, text: str, voice: Voice) -> tuple[NDArray[np.int16], list[tuple[int, float]]]:
        """Audio (n,) int16 and, for each word spoken, its offset in `text` and its start in seconds."""
        self.audio.clear()
        self.words.clear()
        self.lib.espeak_SetVoiceByName(voice.name.encode())
        for number, value in ((1, voice.speed), (2, 75), (3, voice.pitch), (4, voice.range)):
            self.lib.espeak_SetParameter(number, value, 0)
        data = text.encode() + b"\0"
        self.lib.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, 1, 0, 1, None, None)
        return np.frombuffer(b"".join(self.audio), dtype=np.int16), list(self.words)


@lru_cache(maxsize=1)
def _library() -> _Library:
    load_phrases_dict({word: [[part] for part in reading.split()] for word, reading in _OWN_READINGS.items()})
    return _Library()


def syllables(text: str) -> list[str]:
    """One entry a character: its pinyin with the tone as a digit (5: neutral), or its punctuation in ASCII."""
    _library()
    parts: list[str] = []
    run = ""
    for character in text + "。":
        if character not in PUNCTUATION:
            run += character
            continue
        if run:
            readings = [p[0] for p in pinyin(run, style=Style.TONE3, neutral_tone_with_five=True)]
            parts += [_repay(run, i) if run[i] == "还" else reading for i, reading in enumerate(readings)]
        parts.append(PUNCTUATION[character])
        run = ""
    return parts[:-1]


def _repay(text: str, index: int) -> str:
    """The reading of the 还 at `index`."""
    before, after = text[:index][-1:], text[index + 1 : index + 3]
    if before == "不" or after[:2] in ("得上", "得起", "能力", "可不"):
        return "huan2"
    if after[:1] == "不":
        return "huan2" if after[1:] in ("上", "了", "起", "清", "还", "完") else "hai2"
    return "hai2" if after[:1] in _STILL else "huan2"


def speak(text: str, voice: Voice) -> Speech:
    """Say `text` (Han characters and ，。？ only) and return the audio with the time of every character."""
    parts = syllables(text)
    if len(parts) != len(text) or not all(part.isascii() for part in parts):
        raise ValueError(f"cannot be spoken character by character: {text}")
    offsets, spoken = {}, ""
    for index, part in enumerate(parts):
        spoken += part if part in ",.?" else " " + part
        if part not in ",.?":
            offsets[len(spoken) - len(part)] = index
    samples, words = _library().say(spoken, voice)
    starts = {offsets[position]: start for position, start in words if position in offsets}
    return Speech(samples=samples, spans=_spans(text, starts, samples))


def _spans(text: str, starts: dict[int, float], samples: NDArray[np.int16]) -> tuple[tuple[float, float], ...]:
    """Start and end of every character from the starts of the spoken ones; a pause belongs to nobody."""
    loud = np.abs(samples.astype(np.int32)) > 120
    spans: list[tuple[float, float]] = []
    spoken = sorted(starts)
    following = {a: starts[b] for a, b in pairwise(spoken)}
    for index, character in enumerate(text):
        if character in PUNCTUATION:
            end = spans[-1][1] if spans else 0.0
            spans.append((end, end))
            continue
        start = starts.get(index, spans[-1][1] if spans else 0.0)
        limit = following.get(index, len(samples) / RATE)
        inside = np.flatnonzero(loud[int(start * RATE) : int(limit * RATE)])
        end = start + (int(inside[-1]) + 1) / RATE if len(inside) else limit
        spans.append((start, max(end, start + 0.02)))
    return tuple(spans)
