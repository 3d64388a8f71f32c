"""Who says what on one channel: by the words, by the voices, by both, with an honest word on how sure that is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from qa_service.call import HeardWord, Span, Speaker, Suspicion, Voice
from qa_service.testing.audio import silence
from qa_service.transcription.audio import SAMPLES_PER_MS, decode
from qa_service.transcription.clips import Clip, Piece, put_back
from qa_service.transcription.engine import Word
from qa_service.transcription.speakers import SUREST, Stretch, guess_speakers, tell_apart
from qa_service.transcription.turns import Heard, to_turns
from qa_service.transcription.vad import TURNS, Probabilities, frame_probabilities, spans

A, C = Speaker.AGENT, Speaker.CUSTOMER
SAMPLES = Path(__file__).parents[2] / "samples"
MIXED = ["demo-01", "demo-04", "demo-05", "demo-13"]

DIALOGUES = {
    "outbound": [
        "C喂，你好。",
        "A您好，请问是张伟先生本人吗？",
        "C是我，你哪位？",
        "A我是诚达资产的客服，工号一零二六，受东江银行委托，本次通话有录音。",
        "C什么事？",
        "A您在东江银行的信用卡逾期了二十三天，一共欠款两千三百元。",
        "C我最近没工作，手头紧。",
        "A您看什么时候方便处理，我可以帮您申请分期。",
        "C我下周五还一千吧。",
        "A好的，我给您登记，感谢您的配合，再见。",
    ],
    "agent-first": [
        "A您好，这里是东江银行信用卡中心，请问是李女士吗？",
        "C对，我是。",
        "A您名下的账单已经逾期了，麻烦您尽快处理。",
        "C你们怎么天天打电话，再打我投诉了。",
        "A打扰您了，这边为您备注。",
    ],
    "wrong-number": [
        "C喂？",
        "A请问是王强先生吗？",
        "C打错了，我不认识他。",
        "A不好意思打扰了，再见。",
    ],
}


@pytest.mark.parametrize("name", DIALOGUES)
def test_the_words_alone_tell_a_plain_dialogue_apart(name: str) -> None:
    lines = DIALOGUES[name]
    stretches = [stretch(number * 3000, number * 3000 + 2200, line[1:]) for number, line in enumerate(lines)]
    guessed = guess_speakers(stretches, None)
    assert "".join("A" if one.speaker is A else "C" for one in guessed) == "".join(line[0] for line in lines)


def test_without_a_pause_an_unclear_stretch_stays_with_its_speaker() -> None:
    said = [(0, 2000, "我是东江银行的客服，工号一零二六"), (2100, 3000, "这个月的话"), (3100, 5000, "您的账单逾期了")]
    assert {one.speaker for one in guess_speakers([stretch(*one) for one in said], None)} == {A}


def test_nothing_said_nobody_guessed() -> None:
    assert guess_speakers([], None) == ()
    assert tell_apart([], silence(1000), np.zeros(32, dtype=np.float32)) == []


def test_a_single_unclear_utterance_is_taken_for_whoever_answered_and_not_surely() -> None:
    (guess,) = guess_speakers([stretch(0, 900, "你好")], None)
    assert guess.speaker is C
    assert guess.confidence < 0.6


def test_clear_words_make_sure_and_unclear_ones_do_not() -> None:
    clear, unclear = guess_speakers(
        [stretch(0, 3000, "请问是张伟先生本人吗，我是诚达资产的客服"), stretch(6000, 6500, "一千二")], None
    )
    assert clear.confidence > 0.8 > unclear.confidence


def test_two_people_in_one_utterance_are_cut_at_the_mark_and_every_word_keeps_its_place() -> None:
    one = utterance("请问是张伟先生本人吗？我就是，你哪位？您的账单逾期了。", start_ms=1000)
    told = tell_apart([one], silence(8000), faltering(one, at=("吗", "位")))
    assert [(part.speaker, part.text) for part in told] == [
        (A, "请问是张伟先生本人吗？"),
        (C, "我就是，你哪位？"),
        (A, "您的账单逾期了。"),
    ]
    assert [part.voice for part in told] == [Voice.FIRST, Voice.SECOND, Voice.FIRST]
    assert all(part.speaker_doubtful and part.speaker_confidence is not None for part in told)
    assert all(before.span.end_ms <= after.span.start_ms for before, after in pairwise(told))
    for part in told:
        assert "".join(part.text[word.start : word.end] for word in part.words) == part.text


def test_one_person_who_falters_stays_whole() -> None:
    one = utterance("您在东江银行的信用卡逾期了二十三天，目前一共欠款两千三百块。", start_ms=1000)
    assert [part.text for part in tell_apart([one], silence(9000), faltering(one, at=("卡", "天", "共")))] == [one.text]


def test_suspect_text_says_nothing_of_its_speaker() -> None:
    said = utterance("请问是张伟先生本人吗", start_ms=0)
    (trusted,) = tell_apart([said], silence(3000), np.ones(94, dtype=np.float32))
    suspect = Heard(speaker=A, span=said.span, text=said.text, words=said.words, suspicions=frozenset({Suspicion.LOOP}))
    (doubted,) = tell_apart([suspect], silence(3000), np.ones(94, dtype=np.float32))
    assert (trusted.speaker, doubted.speaker) == (A, C)
    assert doubted.suspicions == {Suspicion.LOOP}


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedCall:
    """A demo call mixed to one channel, and who says what when."""

    samples: np.ndarray
    probabilities: Probabilities
    turns: list[dict[str, object]]

    def heard(self) -> list[Heard]:
        """Every utterance the detector finds with the words that are said in it, as a faultless engine would."""
        words = sorted((word for turn in self.turns for word in _characters(turn)), key=lambda word: word.start_ms)
        speech = spans(self.probabilities, TURNS, len(self.samples) // SAMPLES_PER_MS)
        clip = Clip(pieces=tuple(Piece(span=span, at_ms=span.start_ms) for span in speech))
        return [_heard(span, said) for span, said in zip(speech, put_back(clip, words), strict=True) if said]

    def right(self, told: Sequence[Heard]) -> float:
        """The share of the speaking time, both at once left out, that went to the right speaker."""
        guessed, truth = (np.zeros((2, len(self.samples) // SAMPLES_PER_MS), dtype=bool) for _ in range(2))
        for part in told:
            guessed[int(part.speaker is C), part.span.start_ms : part.span.end_ms] = True
        for turn in self.turns:
            truth[int(turn["speaker"] == "customer"), turn["start_ms"] : turn["end_ms"]] = True
        counted = (truth.sum(axis=0) == 1) & guessed.any(axis=0)
        return float((guessed[1] == truth[1])[counted].mean())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Both channels of the demo calls."""
    folder = tmp_path_factory.mktemp("calls")
    decoded = {name: decode(SAMPLES / "calls" / f"{name}.opus", folder / f"{name}.npy") for name in MIXED}
    return {name: np.asarray(audio.samples) for name, audio in decoded.items()}


@pytest.fixture(scope="module", params=["man-and-woman", "two-women"])
def calls(request: pytest.FixtureRequest, demo: dict[str, np.ndarray]) -> list[MixedCall]:
    scripts = {call["call_id"]: call for call in map(json.loads, (SAMPLES / "scripts.jsonl").open(encoding="utf-8"))}
    made = []
    for name, (agent, customer) in demo.items():
        turns = scripts[name]["turns"]
        if request.param == "two-women":
            customer, turns = _higher(customer, turns)
        mixed = np.clip(agent.astype(np.int32) + customer, -32_768, 32_767).astype(np.int16)
        made.append(MixedCall(samples=mixed, probabilities=frame_probabilities(mixed), turns=turns))
    return made


def test_made_calls_are_told_apart(calls: list[MixedCall]) -> None:
    right = [call.right(tell_apart(call.heard(), call.samples, call.probabilities)) for call in calls]
    assert min(right) >= 0.9
    assert np.mean(right) >= 0.95


def test_the_voices_add_to_the_words(calls: list[MixedCall]) -> None:
    by_words = [call.right(tell_apart(call.heard(), silence_like(call), call.probabilities)) for call in calls]
    by_both = [call.right(tell_apart(call.heard(), call.samples, call.probabilities)) for call in calls]
    assert np.mean(by_words) + 0.1 < np.mean(by_both)


def test_who_is_said_to_be_sure_is_right(calls: list[MixedCall]) -> None:
    told = [(call, part) for call in calls for part in tell_apart(call.heard(), call.samples, call.probabilities)]
    sure = [call.right([part]) > 0.5 for call, part in told if (part.speaker_confidence or 0) >= 0.9]
    assert len(sure) > len(told) / 2
    assert np.mean(sure) >= 0.9


def test_turns_keep_voice_and_confidence(calls: list[MixedCall]) -> None:
    turns = to_turns(tell_apart(calls[0].heard(), calls[0].samples, calls[0].probabilities))
    assert turns[0].voice is Voice.FIRST
    assert {turn.voice for turn in turns} == {Voice.FIRST, Voice.SECOND}
    assert all(turn.speaker_doubtful and 0.5 <= (turn.speaker_confidence or 0) <= SUREST for turn in turns)
    assert len({(turn.voice, turn.speaker) for turn in turns}) == 2, "a voice is one speaker throughout"


def test_the_same_call_is_told_apart_the_same_way(calls: list[MixedCall]) -> None:
    call = calls[0]
    twice = [tell_apart(call.heard(), call.samples, call.probabilities) for _ in range(2)]
    assert twice[0] == twice[1]


def stretch(start_ms: int, end_ms: int, text: str) -> Stretch:
    return Stretch(span=Span(start_ms=start_ms, end_ms=end_ms), text=text)


def silence_like(call: MixedCall) -> np.ndarray:
    return np.zeros_like(call.samples)


def utterance(text: str, *, start_ms: int) -> Heard:
    """Four characters a second, marks with the character before them."""
    words: list[HeardWord] = []
    for at, character in enumerate(text):
        if character.isalnum():
            begins = words[-1].end_ms if words else start_ms
            words.append(HeardWord(start=at, end=at + 1, start_ms=begins, end_ms=begins + 250, probability=0.9))
        else:
            last = words[-1]
            words[-1] = HeardWord(
                start=last.start, end=at + 1, start_ms=last.start_ms, end_ms=last.end_ms, probability=0.9
            )
    span = Span(start_ms=start_ms, end_ms=words[-1].end_ms)
    return Heard(speaker=A, span=span, text=text, words=tuple(words))


def faltering(one: Heard, *, at: tuple[str, ...]) -> Probabilities:
    """A detector that is unsure for a tenth of a second behind each of the characters."""
    probabilities = np.ones(12_000 // 32, dtype=np.float32)
    for word in one.words:
        if one.text[word.start] in at:
            probabilities[word.end_ms // 32 - 1 : word.end_ms // 32 + 3] = 0.4
    return probabilities


def _characters(turn: dict[str, object]) -> Iterator[Word]:
    text, start, end = str(turn["text"]), turn["start_ms"], turn["end_ms"]
    assert isinstance(start, int)
    assert isinstance(end, int)
    for at, character in enumerate(text):
        begins, ends = (start + (end - start) * place // len(text) for place in (at, at + 1))
        yield Word(text=character, start_ms=begins, end_ms=ends, probability=0.9)


def _heard(span: Span, said: Sequence[Word]) -> Heard:
    words = tuple(
        HeardWord(start=at, end=at + 1, start_ms=word.start_ms, end_ms=word.end_ms, probability=word.probability)
        for at, word in enumerate(said)
    )
    return Heard(speaker=A, span=span, text="".join(word.text for word in said), words=words)


def _higher(channel: np.ndarray, turns: list[dict[str, object]]) -> tuple[np.ndarray, list[dict[str, object]]]:
    """The customer's turns a quarter higher in pitch and formants, and shorter by that."""
    made, moved = np.zeros_like(channel), []
    for turn in turns:
        if turn["speaker"] == "customer":
            said = channel[turn["start_ms"] * SAMPLES_PER_MS : turn["end_ms"] * SAMPLES_PER_MS]
            shorter = np.interp(np.arange(0, len(said) - 1, 1.25), np.arange(len(said)), said).astype(np.int16)
            made[turn["start_ms"] * SAMPLES_PER_MS :][: len(shorter)] = shorter
            turn = {**turn, "end_ms": turn["start_ms"] + len(shorter) // SAMPLES_PER_MS}
        moved.append(turn)
    return made, moved
