"""Calls with both speakers on one channel, made for measuring who is told from whom.

Dialogues are spoken by espeak-ng, each side in a voice of its own (variant, pitch, pace, length of the vocal tract), go
through a telephone line of their own (band, tilt, level, noise, mu-law, some with an echo) and are mixed: pauses of 100
to 900 ms between turns, some turns that begin before the other one ends, some shouted, some 嗯 into the other one's
talk. What is said when is known, so that the decision on the speaker is measured apart from recognition.

Needs espeak-ng, which nothing else does.
"""

from __future__ import annotations

import io
import random
import subprocess
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, pinyin

from qa_service.call import Speaker

RATE = 16_000
Sound = NDArray[np.float32]

MEN, WOMEN = ("m1", "m3", "m4", "m6", "Andy", "ed"), ("f1", "f2", "f4", "Annie", "linda")
"""Voices that the method may be tuned on."""

HELD_BACK_MEN, HELD_BACK_WOMEN = ("m2", "m5", "m7", "max", "adam"), ("f3", "f5", "belinda", "steph", "anika")
"""Voices that only the final figures are made with."""

OVERLAPPING, BACK_CHANNEL, RAISED, ECHOING = 0.08, 0.1, 0.1, 0.3
"""How many turns begin before the other one ends, have a 嗯 put into their midst, are shouted; how many sides echo."""

RAISED_BY = (15, 20, 6.0)
"""What shouting adds to pitch, words a minute, decibels."""

_BACK_CHANNELS = ("嗯", "哦", "对", "啊")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One side's voice and line: espeak-ng variant, words a minute, pitch (0-99), warp of the frequencies (1: none).

    ``tilt_db`` is from 300 to 3400 Hz, ``level_db`` relative to the call, ``noise_db`` the speech over the hiss.
    """

    variant: str
    speed: int
    pitch: int
    warp: float
    tilt_db: float
    level_db: float
    noise_db: float
    echoing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One character as it is said: milliseconds of the call."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeTurn:
    """What one side says; ``overlapping`` where the other one speaks at the same time."""

    speaker: Speaker
    start_ms: int
    end_ms: int
    characters: tuple[Character, ...]
    overlapping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MonoCall:
    """A made call: int16 samples of shape (n,) at 16 kHz, and who says what when."""

    name: str
    same_sex: bool
    samples: NDArray[np.int16]
    turns: tuple[MadeTurn, ...]
    one_line: bool


def make_call(
    name: str, script: Sequence[tuple[Speaker, str]], *, same_sex: bool, one_line: bool, held_back: bool
) -> MonoCall:
    """Speak and mix one dialogue; the same arguments give the same call.

    With ``one_line`` both sides have the same band, level, noise and echo, so that nothing but the voices tells them
    apart; otherwise each has its own, as two telephones have.
    """
    chance = random.Random(f"{name} {same_sex} {held_back}" + " one line" * one_line)  # noqa: S311
    voices = _voices(chance, same_sex=same_sex, held_back=held_back)
    if one_line:
        voices[Speaker.CUSTOMER] = _on_the_line_of(voices[Speaker.AGENT], voices[Speaker.CUSTOMER])
    turns: list[MadeTurn] = []
    sounds: dict[Speaker, list[tuple[int, Sound]]] = {speaker: [] for speaker in Speaker}
    at_ms = 400
    for speaker, text in script:
        if turns and turns[-1].speaker is not speaker and chance.random() < OVERLAPPING:
            at_ms -= chance.randint(200, 700)
        elif turns:
            at_ms += chance.randint(100, 900)
        sound, turn = _say(text, speaker, max(at_ms, 0), voices[speaker], chance)
        sounds[speaker].append((turn.start_ms, sound))
        turns.append(turn)
        at_ms = max(turn.end_ms, *(before.end_ms for before in turns))
        if turn.end_ms - turn.start_ms > 4000 and chance.random() < BACK_CHANNEL:
            other = Speaker.CUSTOMER if speaker is Speaker.AGENT else Speaker.AGENT
            middle = chance.randint(turn.start_ms + 1000, turn.end_ms - 1500)
            sound, answer = _say(chance.choice(_BACK_CHANNELS), other, middle, voices[other], chance)
            sounds[other].append((answer.start_ms, sound))
            turns.append(answer)
    length = (at_ms + 600) * RATE // 1000
    noise = np.random.default_rng(chance.randrange(2**32))
    mixed = sum((_through_line(sounds[one], voices[one], length, noise) for one in Speaker), np.zeros(length))
    scaled = np.clip(mixed / np.abs(mixed).max() * 0.5, -1, 1)
    return MonoCall(name=name, same_sex=same_sex, one_line=one_line, samples=_mu_law(scaled), turns=_marked(turns))


def _voices(chance: random.Random, *, same_sex: bool, held_back: bool) -> dict[Speaker, Voice]:
    men, women = (HELD_BACK_MEN, HELD_BACK_WOMEN) if held_back else (MEN, WOMEN)
    if same_sex:
        variants = chance.sample(chance.choice((men, women)), 2)
    else:
        variants = [chance.choice(men), chance.choice(women)]
        chance.shuffle(variants)
    return {
        speaker: Voice(
            variant=variant,
            speed=chance.randint(180, 250),
            pitch=chance.randint(35, 70),
            warp=chance.uniform(0.95, 1.05),
            tilt_db=chance.uniform(-5, 5),
            level_db=chance.uniform(-4, 4),
            noise_db=chance.uniform(20, 30),
            echoing=chance.random() < ECHOING,
        )
        for speaker, variant in zip(Speaker, variants, strict=True)
    }


def _on_the_line_of(other: Voice, voice: Voice) -> Voice:
    return replace(
        voice, tilt_db=other.tilt_db, level_db=other.level_db, noise_db=other.noise_db, echoing=other.echoing
    )


def _say(text: str, speaker: Speaker, at_ms: int, voice: Voice, chance: random.Random) -> tuple[Sound, MadeTurn]:
    """One turn clause by clause, in a mood of its own (pitch, pace and level a little off), with a breath between."""
    pitch, speed, louder_db = RAISED_BY if chance.random() < RAISED else (0, 0, 0.0)
    pitch, speed = pitch + chance.randint(-5, 5), speed + chance.randint(-10, 10)
    mood = replace(voice, pitch=voice.pitch + pitch, speed=voice.speed + speed)
    gain = 10 ** ((louder_db + chance.uniform(-2, 2)) / 20)
    pieces: list[Sound] = []
    characters: list[Character] = []
    reached = at_ms
    for clause in _clauses(text):
        spoken = _speak(clause, mood) * np.float32(gain)
        length_ms = len(spoken) * 1000 // RATE
        characters += _spread(clause, reached, length_ms)
        breath_ms = chance.randint(60, 280)
        pieces += [spoken, np.zeros(breath_ms * RATE // 1000, dtype=np.float32)]
        reached += length_ms + breath_ms
    sound = np.concatenate(pieces[:-1])
    end_ms = at_ms + len(sound) * 1000 // RATE
    return sound, MadeTurn(speaker=speaker, start_ms=at_ms, end_ms=end_ms, characters=tuple(characters))


def _clauses(text: str) -> Iterator[str]:
    """Pieces that end at a mark."""
    clause = ""
    for character in text:
        clause += character
        if not character.isalnum():
            if any(one.isalnum() for one in clause):
                yield clause
            clause = ""
    if any(one.isalnum() for one in clause):
        yield clause


def _spread(clause: str, start_ms: int, length_ms: int) -> Iterator[Character]:
    """The characters of a clause at an even pace; a mark takes no time."""
    said = sum(character.isalnum() for character in clause)
    done = 0
    for character in clause:
        begin = start_ms + length_ms * done // said
        done += character.isalnum()
        yield Character(text=character, start_ms=begin, end_ms=start_ms + length_ms * done // said)


def _speak(clause: str, voice: Voice) -> Sound:
    """The clause as espeak-ng says it, at 16 kHz (the frequencies warped on the way), silence cut off both ends."""
    said = "".join(character for character in clause if character.isalnum())
    syllables = pinyin(said, style=Style.TONE3, neutral_tone_with_five=True)
    end = "?" if clause.endswith("？") else "."
    command = ["espeak-ng", "-v", f"cmn-latn-pinyin+{voice.variant}", "-s", str(voice.speed), "-p", str(voice.pitch)]
    spoken = " ".join(syllable[0] for syllable in syllables) + end
    made = subprocess.run([*command, "--stdout", spoken], stdout=subprocess.PIPE, check=True).stdout  # noqa: S603
    with wave.open(io.BytesIO(made)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(made[44:], dtype=np.int16).astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(samples) > 0.005)
    if not len(loud):
        return np.zeros(RATE // 10, dtype=np.float32)
    return _resampled(samples[loud[0] : loud[-1] + 1], round(rate * voice.warp))


def _resampled(samples: Sound | NDArray[np.float64], rate: int) -> Sound:
    """To 16 kHz by cutting (or filling) the spectrum."""
    wanted = len(samples) * RATE // rate
    spectrum = np.fft.rfft(samples)
    fitted = np.zeros(wanted // 2 + 1, dtype=np.complex128)
    kept = min(len(fitted), len(spectrum))
    fitted[:kept] = spectrum[:kept]
    return np.asarray(np.fft.irfft(fitted, wanted) * wanted / len(samples), dtype=np.float32)


def _through_line(
    sounds: Sequence[tuple[int, Sound]], voice: Voice, length: int, noise: np.random.Generator
) -> NDArray[np.float64]:
    side = np.zeros(length)
    for start_ms, sound in sounds:
        at = start_ms * RATE // 1000
        side[at : at + len(sound)] += sound[: length - at]
    if voice.echoing:
        for delay_ms, gain in ((23, 0.25), (47, 0.15), (90, 0.08)):
            delay = delay_ms * RATE // 1000
            side[delay:] += gain * side[:-delay].copy()
    spectrum = np.fft.rfft(side)
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    octaves = np.log2(np.clip(hertz, 300, 3400) / 300) / np.log2(3400 / 300)
    spectrum *= (
        10 ** (voice.tilt_db * octaves / 20) / (1 + (hertz / 3500) ** 12) / (1 + (280 / np.maximum(hertz, 1)) ** 8)
    )
    side = np.fft.irfft(spectrum, length)
    loudness = np.sqrt(np.mean(np.square(side[np.abs(side) > 0.01]))) if np.any(np.abs(side) > 0.01) else 1.0
    side *= 10 ** (voice.level_db / 20) / loudness
    return side + noise.normal(0, 10 ** ((voice.level_db - voice.noise_db) / 20), length)


def _mu_law(samples: NDArray[np.float64]) -> NDArray[np.int16]:
    """Through mu-law and back; what is above 4 kHz the line has already cut."""
    low = np.clip(samples, -1, 1)
    coded = np.round(np.sign(low) * np.log1p(255 * np.abs(low)) / np.log(256) * 127) / 127
    return np.asarray(np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255 * 32767, dtype=np.int16)


def _marked(turns: Sequence[MadeTurn]) -> tuple[MadeTurn, ...]:
    """In order of time, those marked whose greater part lies under the other one's talk."""
    marked = []
    for turn in turns:
        covered = sum(
            max(0, min(turn.end_ms, other.end_ms) - max(turn.start_ms, other.start_ms))
            for other in turns
            if other.speaker is not turn.speaker
        )
        marked.append(replace(turn, overlapping=2 * covered > turn.end_ms - turn.start_ms))
    return tuple(sorted(marked, key=lambda turn: turn.start_ms))
