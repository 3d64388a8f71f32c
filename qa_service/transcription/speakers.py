"""Two speakers on one channel: who says what, decided for the whole call at once, with how sure that is.

What is heard is cut where the speech falters, since a quick answer leaves no pause. Each stretch has a sound
(``voices``) and words (``roles``). The words say which voice is the agent's; the voices say whose the many stretches
are whose words tell nothing. Both, and how readily speakers change after a pause, make one likeliest course: guessed
shares make two voices, the voices make better shares, from several first guesses, of which the likeliest outcome stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from qa_service.call import HeardWord, Span, Speaker, Voice
from qa_service.transcription.audio import SAMPLES_PER_MS
from qa_service.transcription.roles import agent_odds, asks
from qa_service.transcription.turns import Heard
from qa_service.transcription.vad import Probabilities, VadRule, spans
from qa_service.transcription.voices import Floats, VoicePrints, directions, likelihoods, voice_prints

FALTERING = VadRule(threshold=0.6, hysteresis=0.1, min_silence_ms=64, min_speech_ms=0, pad_ms=0)
"""Where a speaker may have changed: finer than any pause between utterances."""

CHANGE, CHANGE_BY_MS, CHANGE_LONGEST_MS, CHANGE_ASKED = -2.0, 1 / 300, 800, 0.8
"""Log odds of a change without a pause, what each millisecond of pause adds up to the longest, what a question adds."""

ANSWERED_BY = 0.3
"""Log odds that whoever is called speaks first."""

NEAR_MS = 150
"""A mark this near to where speech falters is where the words are cut: the engine's word times are no better."""

ROUNDS, SETTLED = 15, 0.01
"""The voices are settled once no guess gains more log evidence than this."""

BELIEVED = 0.6
"""How far the odds of voices and words are believed when confidence is stated (tuned on made calls)."""

SUREST = 0.99
"""A guess is never said to be certain."""

_AGENT = 0
_SPEAKERS = (Speaker.AGENT, Speaker.CUSTOMER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of speech of one person: where, and what is said ("" where the text is not to be believed)."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Whose a stretch probably is, and how surely (0.5 to ``SUREST``)."""

    speaker: Speaker
    confidence: float


def tell_apart(heard: Sequence[Heard], samples: NDArray[np.int16], probabilities: Probabilities) -> list[Heard]:
    """Give each utterance of a mono call its speaker and voice, cutting those in which two people speak.

    ``samples`` is int16 of shape (n,) at 16 kHz, with its speech probabilities. All come back in order of time, and
    doubtful.
    """
    speech = spans(probabilities, FALTERING, len(samples) // SAMPLES_PER_MS)
    in_order = sorted(heard, key=lambda one: one.span.start_ms)
    parts = [(number, part) for number, one in enumerate(in_order) for part in _cut(one, speech)]
    stretches = [Stretch(span=part.span, text="" if part.suspicions else part.text) for _, part in parts]
    guesses = guess_speakers(stretches, voice_prints(samples, probabilities, [one.span for one in stretches]))
    voices = _voices(guesses)
    told = [
        (number, replace(part, speaker=guess.speaker, voice=voices[guess.speaker], speaker_confidence=guess.confidence))
        for (number, part), guess in zip(parts, guesses, strict=True)
    ]
    together = groupby(told, key=lambda pair: (pair[0], pair[1].speaker))
    return [_joined([part for _, part in group]) for _, group in together]


def guess_speakers(stretches: Sequence[Stretch], prints: VoicePrints | None) -> tuple[Guess, ...]:
    """The likelier speaker of each stretch, in order of time; without ``prints`` by the words alone."""
    if not stretches:
        return ()
    cues = _cues(stretches)
    changes = _changes(stretches)
    evidence, shares = _course(cues[None], changes)
    likeliest = _Course(evidence=float(evidence[0]), shares=shares[0], fits=np.zeros_like(cues))
    if prints is not None:
        likeliest = max(likeliest, _two_voices(prints, cues, changes, shares[0]), key=lambda one: one.evidence)
    return _guesses(likeliest, cues, changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """An outcome: its log evidence, shares and fits of shape (speakers, n)."""

    evidence: float
    shares: Floats
    fits: Floats


def _two_voices(prints: VoicePrints, cues: Floats, changes: Floats, by_cues: Floats) -> _Course:
    """The likeliest pair of voices, from guesses by the cues and by the directions in which the sound differs most."""
    along = 1 / (1 + np.exp(-3 * directions(prints, 2)))
    first = np.concatenate([[by_cues[_AGENT]], along])
    shares = np.stack([np.concatenate([first, 1 - first]), np.concatenate([1 - first, first])], axis=1)
    reached = np.full(len(shares), -np.inf)
    for _ in range(ROUNDS):
        fits, prior = likelihoods(prints, shares)
        total, shares = _course(fits + cues, changes)
        before, reached = reached, total + prior
        if np.abs(reached - before).max() < SETTLED:
            break
    best = int(reached.argmax())
    return _Course(evidence=float(reached[best]), shares=shares[best], fits=fits[best])


def _guesses(likeliest: _Course, cues: Floats, changes: Floats) -> tuple[Guess, ...]:
    """The outcome with its confidence: the voices may also be the other way round, as far as the words allow it."""
    either_way = BELIEVED * (np.stack([likeliest.fits, likeliest.fits[::-1]]) + cues)
    evidence, shares = _course(either_way, changes)
    right_way_round = 1 / (1 + np.exp(min(evidence[1] - evidence[0], 50)))
    sure = right_way_round * shares[0] + (1 - right_way_round) * shares[1]
    return tuple(
        Guess(speaker=_SPEAKERS[one], confidence=round(float(np.clip(own[one], 0.5, SUREST)), 3))
        for one, own in zip(likeliest.shares.argmax(axis=0), sure.T, strict=True)
    )


def _cues(stretches: Sequence[Stretch]) -> Floats:
    """Log odds of what is said, of shape (speakers, n)."""
    odds = np.array([agent_odds(one.text) for one in stretches])
    odds[0] -= ANSWERED_BY
    return np.stack([odds / 2, -odds / 2])


def _changes(stretches: Sequence[Stretch]) -> Floats:
    """How likely the speaker is another one than before (0 to 1), for each stretch."""
    odds = [
        CHANGE
        + CHANGE_BY_MS * min(max(one.span.start_ms - before.span.end_ms, 0), CHANGE_LONGEST_MS)
        + CHANGE_ASKED * asks(before.text)
        for before, one in pairwise(stretches)
    ]
    return np.asarray(1 / (1 + np.exp(-np.array([0.0, *odds]))))


def _course(odds: Floats, changes: Floats) -> tuple[Floats, Floats]:
    """Both speakers over the whole call: log evidence of each guess, and whose each stretch is (0 to 1).

    ``odds`` is of shape (guesses, speakers, n) as are the shares returned; forward and backward over two states.
    """
    highest = odds.max(axis=1)
    fits = np.exp(odds - highest[:, None])
    number = odds.shape[2]
    ahead, back = np.empty_like(odds), np.ones_like(odds)
    evidence = highest.sum(axis=1)
    state = np.full(odds.shape[:2], 0.5)
    for at in range(number):
        state = (state + changes[at] * (state[:, ::-1] - state)) * fits[:, :, at]
        total = state.sum(axis=1, keepdims=True)
        state = ahead[:, :, at] = state / total
        evidence = evidence + np.log(total[:, 0])
    for at in range(number - 1, 0, -1):
        state = back[:, :, at] * fits[:, :, at]
        state = state + changes[at] * (state[:, ::-1] - state)
        back[:, :, at - 1] = state / state.sum(axis=1, keepdims=True)
    shares = ahead * back
    return evidence, shares / shares.sum(axis=1, keepdims=True)


def _voices(guesses: Sequence[Guess]) -> dict[Speaker, Voice]:
    """Which voice is whose: the first is the one that speaks first."""
    if not guesses:
        return {}
    first = guesses[0].speaker
    return {speaker: Voice.FIRST if speaker is first else Voice.SECOND for speaker in _SPEAKERS}


def _cut(one: Heard, speech: Sequence[Span]) -> Iterator[Heard]:
    """The utterance in parts, one for each stretch of speech within that holds a word."""
    inside = [span for span in speech if span.start_ms < one.span.end_ms and one.span.start_ms < span.end_ms]
    first = 0  # the first word not yet handed out
    start_ms = one.span.start_ms
    for before, after in pairwise(inside):
        last = _words_until((before.end_ms + after.start_ms) // 2, one, first)
        if last > first:
            yield _part(one, first, last, Span(start_ms=start_ms, end_ms=before.end_ms))
            first, start_ms = last, after.start_ms
    if first == 0:
        yield replace(one, speaker_doubtful=True)
    elif first < len(one.words):
        yield _part(one, first, len(one.words), Span(start_ms=start_ms, end_ms=one.span.end_ms))


def _words_until(moment_ms: int, one: Heard, first: int) -> int:
    """Number of the word that the next part begins with: the nearest one, or one behind a mark almost as near."""
    words = one.words

    def distance(number: int) -> float:
        begins_ms = words[number].start_ms if number < len(words) else words[-1].end_ms
        ends_ms = words[number - 1].end_ms if number else words[0].start_ms
        marked = number > 0 and not one.text[words[number - 1].end - 1].isalnum()
        return abs((begins_ms + ends_ms) / 2 - moment_ms) - NEAR_MS * marked

    return min(range(first, len(words) + 1), key=distance, default=first)


def _part(one: Heard, first: int, last: int, span: Span) -> Heard:
    """Words ``[first, last)`` of an utterance, with the marks behind them."""
    start = one.words[first].start if first else 0
    end = one.words[last].start if last < len(one.words) else len(one.text)
    words = tuple(replace(word, start=word.start - start, end=word.end - start) for word in one.words[first:last])
    return replace(one, span=span, text=one.text[start:end], words=words, speaker_doubtful=True)


def _joined(parts: Sequence[Heard]) -> Heard:
    """Parts of one utterance in a row that went to the same speaker, as sure as they are on average over their time."""
    text, words = "", list[HeardWord]()
    for part in parts:
        words += (replace(word, start=word.start + len(text), end=word.end + len(text)) for word in part.words)
        text += part.text
    lengths = [max(part.span.end_ms - part.span.start_ms, 1) for part in parts]
    sure = sum((part.speaker_confidence or 0) * length for part, length in zip(parts, lengths, strict=True))
    return replace(
        parts[0],
        span=Span(start_ms=parts[0].span.start_ms, end_ms=parts[-1].span.end_ms),
        text=text,
        words=tuple(words),
        speaker_confidence=round(sure / sum(lengths), 3),
    )
