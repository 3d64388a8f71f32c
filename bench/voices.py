"""How well two speakers on one channel are told apart: ``python3 -m bench.voices [--every 4]``.

Dialogues of ``samples/scripts.jsonl`` are spoken in the voices that the method was tuned on, those of
``tests/corpus/blind.jsonl`` in voices that it was not (``mono_calls`` says how). Each call is decided upon several
times: with the true words, with one character in seven wrong, without any; by words alone, by voices alone, by both.
Needs espeak-ng; some fifteen minutes for all calls on an idle core.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.mono_calls import MonoCall, make_call
from qa_service.call import HeardWord, Span, Speaker
from qa_service.transcription.audio import SAMPLES_PER_MS
from qa_service.transcription.clips import Clip, Piece, put_back
from qa_service.transcription.engine import Word
from qa_service.transcription.speakers import tell_apart
from qa_service.transcription.turns import Heard
from qa_service.transcription.vad import METRICS, TURNS, Probabilities, frame_probabilities, spans

ROOT = Path(__file__).parents[1]
WRONG = 0.15
"""Share of characters exchanged, left out or added where recognition is to be poor."""

TIMES_OFF_MS = 60
"""Standard deviation of the word times."""

STEP_MS = 10
SHORTEST_STEPS = 5
"""A turn of which less than 50 ms are spoken by one alone tells nothing."""

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01)
_FREQUENT = "的一是了我不在人有他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"

_SPEAKERS = {speaker.value: speaker for speaker in Speaker}


@dataclass(slots=True)
class Score:
    """Sums over calls: steps and turns given to the right speaker, calls exchanged as a whole, CPU seconds."""

    calls: int = 0
    steps: int = 0
    right_steps: int = 0
    turns: int = 0
    right_turns: int = 0
    exchanged: int = 0
    cpu_s: float = 0.0
    audio_s: float = 0.0
    sure: list[tuple[float, bool]] = field(default_factory=list)


def heard(call: MonoCall, probabilities: Probabilities, *, wrong: float = 0.0, masked: bool = False) -> list[Heard]:
    """The utterances that the detector finds, with the words said in them as an engine would give them."""
    chance = random.Random(call.name)  # noqa: S311
    unmarked = wrong > 0 and chance.random() < 0.5
    words: list[Word] = []
    for character in sorted((one for turn in call.turns for one in turn.characters), key=lambda one: one.start_ms):
        text = character.text
        if not text.isalnum():
            if words and not unmarked:
                words[-1] = replace(words[-1], text=words[-1].text + text)
            continue
        text = _misheard(text, chance) if chance.random() < wrong else text
        shift = round(chance.gauss(0, TIMES_OFF_MS))
        start = max(character.start_ms + shift, words[-1].start_ms if words else 0)
        end = max(character.end_ms + shift, start)
        if text:
            words.append(Word(text="某" if masked else text, start_ms=start, end_ms=end, probability=0.9))
    speech = spans(probabilities, TURNS, len(call.samples) // SAMPLES_PER_MS)
    clip = Clip(pieces=tuple(Piece(span=span, at_ms=span.start_ms) for span in speech))
    return [_utterance(span, said) for span, said in zip(speech, put_back(clip, words), strict=True) if said]


def _misheard(text: str, chance: random.Random) -> str:
    other = chance.choice(_FREQUENT)
    return chance.choice((other, other, "", text + other))


def _utterance(span: Span, said: Sequence[Word]) -> Heard:
    words: list[HeardWord] = []
    text = ""
    for word in said:
        end = len(text) + len(word.text)
        words.append(
            HeardWord(
                start=len(text), end=end, start_ms=word.start_ms, end_ms=word.end_ms, probability=word.probability
            )
        )
        text += word.text
    return Heard(speaker=Speaker.AGENT, span=span, text=text, words=tuple(words))


def count(call: MonoCall, probabilities: Probabilities, told: Sequence[Heard], score: Score, *, either: bool) -> None:
    """Compare with who really spoke, where one alone did; ``either`` where the two voices may be exchanged."""
    steps = len(call.samples) // SAMPLES_PER_MS // STEP_MS + 1
    truth, guess = np.zeros((2, steps), dtype=np.int64), np.full(steps, -1)
    for turn in call.turns:
        truth[int(turn.speaker is Speaker.CUSTOMER), _steps(turn.start_ms, turn.end_ms)] += 1
    for part in told:
        guess[_steps(part.span.start_ms, part.span.end_ms)] = int(part.speaker is Speaker.CUSTOMER)
    speech = np.zeros(steps, dtype=bool)
    for span in spans(probabilities, METRICS, len(call.samples) // SAMPLES_PER_MS):
        speech[_steps(span.start_ms, span.end_ms)] = True
    counted = speech & (truth.sum(axis=0) == 1) & (guess >= 0)
    right = guess == truth[1]
    if either and right[counted].mean() < 0.5:
        right = ~right
    score.calls += 1
    score.steps += int(counted.sum())
    score.right_steps += int(right[counted].sum())
    score.exchanged += bool(right[counted].mean() < 0.5)
    score.audio_s += len(call.samples) / SAMPLES_PER_MS / 1000
    for turn in call.turns:
        own = _steps(turn.start_ms, turn.end_ms)
        if counted[own].sum() >= SHORTEST_STEPS:
            score.turns += 1
            score.right_turns += bool(right[own][counted[own]].mean() > 0.5)
    for part in told:
        own = _steps(part.span.start_ms, part.span.end_ms)
        if counted[own].sum() >= SHORTEST_STEPS:
            score.sure.append((part.speaker_confidence or 0.5, bool(right[own][counted[own]].mean() > 0.5)))


def _steps(start_ms: int, end_ms: int) -> slice:
    return slice(start_ms // STEP_MS, end_ms // STEP_MS)


def scores(calls: Iterable[tuple[MonoCall, Probabilities]]) -> dict[tuple[str, str], Score]:
    """Decide upon each call in every way; by way and kind of pair."""
    found: dict[tuple[str, str], Score] = {}
    for call, probabilities in calls:
        pair = ("two men or two women" if call.same_sex else "man and woman") + ", one line" * call.one_line
        poor = heard(call, probabilities, wrong=WRONG)
        silent = np.zeros_like(call.samples)
        for way, said, samples in (
            ("both, true words", heard(call, probabilities), call.samples),
            ("both, 15 % wrong", poor, call.samples),
            ("voices alone", heard(call, probabilities, masked=True), call.samples),
            ("true words alone", heard(call, probabilities), silent),
            ("15 % wrong, alone", poor, silent),
        ):
            score = found.setdefault((way, pair), Score())
            began = time.process_time()
            told = tell_apart(said, samples, probabilities)
            score.cpu_s += time.process_time() - began
            count(call, probabilities, told, score, either=way == "voices alone")
    return found


def made(every: int) -> Iterator[tuple[MonoCall, Probabilities]]:
    """Each dialogue as a mixed and as a same-sex pair; each third one once more with both on one line."""
    for number, (name, script) in enumerate(_scripts(every)):
        for one_line in (False, True) if number % 3 == 0 else (False,):
            for same_sex in (False, True):
                held_back = name.startswith("blind")
                call = make_call(name, script, same_sex=same_sex, one_line=one_line, held_back=held_back)
                yield call, frame_probabilities(call.samples)


def _scripts(every: int) -> list[tuple[str, list[tuple[Speaker, str]]]]:
    found = []
    for path in (ROOT / "samples" / "scripts.jsonl", ROOT / "tests" / "corpus" / "blind.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            call = json.loads(line)
            call = call.get("call", call)
            found.append((call["call_id"], [(_SPEAKERS[turn["speaker"]], turn["text"]) for turn in call["turns"]]))
    return found[::every]


def tables(title: str, found: dict[tuple[str, str], Score]) -> Iterator[Table]:
    """Accuracy by way and pair, and how often a stated confidence was right."""
    table = Table(title=title)
    for heading in ("by", "pair", "calls", "time right", "turns right", "exchanged", "CPU s / 5 min"):
        table.add_column(heading, justify="left" if heading in ("by", "pair") else "right")
    for (way, pair), score in sorted(found.items(), key=lambda item: (item[0][1], list(found).index(item[0]))):
        table.add_row(
            way, pair, str(score.calls), f"{score.right_steps / score.steps:.1%}",
            f"{score.right_turns / score.turns:.1%}", str(score.exchanged), f"{300 * score.cpu_s / score.audio_s:.2f}",
        )  # fmt: skip
    yield table
    reliability = Table(title=f"{title}: stated confidence against what was right")
    reliability.add_column("by")
    for low, high in pairwise(LEVELS):
        reliability.add_column(f"{low:.2f}-{min(high, 1):.2f}", justify="right")
    for way in dict.fromkeys(way for way, _ in found if way != "voices alone"):
        every = np.array([one for (other, _), score in found.items() if other == way for one in score.sure])
        reliability.add_row(way, *(_right_between(every, *pair) for pair in pairwise(LEVELS)))
    yield reliability


def _right_between(every: NDArray[np.float64], low: float, high: float) -> str:
    right = every[(every[:, 0] >= low) & (every[:, 0] < high), 1]
    return f"{right.mean():.1%} of {len(right)}" if len(right) else ""


def main() -> None:
    """Make the calls, decide, print."""
    parser = argparse.ArgumentParser(description="Two speakers on one channel: accuracy on made calls.")
    parser.add_argument("--every", type=int, default=1, help="only each n-th dialogue")
    options = parser.parse_args()
    calls = list(made(options.every))
    for title, held_back in (("voices tuned on", False), ("voices held back", True)):
        own = [pair for pair in calls if pair[0].name.startswith("blind") == held_back]
        if own:
            for table in tables(title, scores(own)):
                Console(width=140).print(table)


if __name__ == "__main__":
    main()
