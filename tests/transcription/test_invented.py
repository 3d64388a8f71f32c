"""What engines write where nobody speaks, or without an end, through the whole path: decode, hear, judge.

The engine invents on purpose; nothing of it may become a finding, a promise, or a duty called missing.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from qa_service.call import Call, Recording, Suspicion, Transcript
from qa_service.judgement import DisclosureStatus, Judged
from qa_service.lexicon import load_rulebook
from qa_service.pipeline import Judge
from qa_service.settings import Settings
from qa_service.testing.audio import RATE, Sound, noise, silence, utterances, write_recording
from qa_service.testing.scripted_whisper import Variant, build_scripted_whisper
from qa_service.transcription.engine import SpeechEngine, load_engine
from qa_service.transcription.transcribe import transcribe_recording
from tests.transcription.conftest import EngineMaker

LENGTH = 15_000
HOTWORDS = "逾期 还款 征信 减免 分期 委托"
THREAT = "你今天不还我就闹到你们单位去"


def tone(*frequencies: float, level: int = 6000) -> Sound:
    """A steady sum of sines."""
    time = np.arange(LENGTH * RATE // 1000) / RATE
    waves = [np.sin(2 * np.pi * frequency * time) for frequency in frequencies]
    return np.asarray(np.sum(waves, axis=0) / len(waves) * level, dtype=np.int16)


def ring_back() -> Sound:
    """450 Hz, one second on and four off, as every Chinese exchange sends it."""
    time = np.arange(LENGTH * RATE // 1000) / RATE
    return np.where(time % 5 < 1, tone(450), 0).astype(np.int16)


def hold_music() -> Sound:
    """Chords of a waltz: three notes with overtones, a new chord each half second."""
    rng = np.random.default_rng(5)
    time = np.arange(RATE // 2) / RATE
    fade = np.minimum(time / 0.02, np.exp(-2 * time))
    bars = []
    for _ in range(LENGTH // 500):
        notes = 220 * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 12, 16], size=3, replace=False) / 12)
        chord = sum(np.sin(2 * np.pi * note * k * time) / k for note in notes for k in (1, 2, 3))
        bars.append(np.asarray(chord) * fade)
    sound = np.concatenate(bars)
    return np.asarray(sound / np.abs(sound).max() * 9000, dtype=np.int16)


NOBODY = {
    "silence": lambda: silence(LENGTH),
    "noise": lambda: noise(LENGTH),
    "loud-noise": lambda: noise(LENGTH, level=3000),
    "hum": lambda: tone(50, 100, 150),
    "ring-back": ring_back,
    "ring-back-on-a-noisy-line": lambda: (ring_back() + noise(LENGTH, level=200)).astype(np.int16),
    "busy-tone": lambda: np.where(np.arange(LENGTH * 16) % 11_200 < 5600, tone(450), 0).astype(np.int16),
    "hold-music": hold_music,
}
SPEECH = utterances((500, 3500), (5000, 9000), (10_000, 13_500), length=LENGTH)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(load_rulebook())


@pytest.fixture(scope="module")
def echoing(tmp_path_factory: pytest.TempPathFactory) -> SpeechEngine:
    """An engine that is told words to expect and says nothing else."""
    folder = tmp_path_factory.mktemp("echoing")
    build_scripted_whisper(folder, HOTWORDS.replace(" ", ""), hotwords=HOTWORDS)
    return load_engine(Settings(whisper_model=str(folder), whisper_device="cpu", hotwords=HOTWORDS))


def heard(path: Path, engine: SpeechEngine, judge: Judge) -> tuple[Transcript, Judged]:
    recording = Recording(path=path.name)
    call = Call(
        call_id="c-1", started_at=datetime(2026, 3, 12, 12, tzinfo=ZoneInfo("Asia/Shanghai")), recording=recording
    )
    transcript = transcribe_recording(path, recording, Settings(), engine)
    return transcript, judge.judge(call, transcript=transcript)


def rules(judged: Judged) -> list[str]:
    return [finding.rule for finding in judged.analysis.findings]


def assert_nobody_is_accused(judged: Judged) -> None:
    analysis = judged.analysis
    duties = (analysis.disclosures.agent, analysis.disclosures.company, analysis.disclosures.recording)
    assert {duty.status for duty in duties} == {DisclosureStatus.CANNOT_JUDGE}
    assert (analysis.promises, analysis.emotion) == ((), ())
    assert set(rules(judged)) <= {"recording.no_speech"}
    assert judged.triage is not None, "a person listens"


@pytest.mark.parametrize("channels", ["mono", "stereo"])
@pytest.mark.parametrize("sound", NOBODY)
def test_where_nobody_speaks_the_recording_is_the_finding(
    sound: str, channels: str, tmp_path: Path, engine_saying: EngineMaker, judge: Judge
) -> None:
    made = NOBODY[sound]()
    sides = (made,) if channels == "mono" else (made, noise(LENGTH, level=20, seed=1))
    path = write_recording(tmp_path / "call.wav", *sides)
    transcript, judged = heard(path, engine_saying(variant=Variant.INVENTS), judge)
    assert all(turn.suspicions for turn in transcript.turns)
    assert rules(judged) == ["recording.no_speech"]
    assert_nobody_is_accused(judged)


@pytest.mark.parametrize("sound", NOBODY)
def test_a_threat_invented_where_nobody_speaks_is_nobodys(
    sound: str, tmp_path: Path, engine_saying: EngineMaker, judge: Judge
) -> None:
    path = write_recording(tmp_path / "call.wav", NOBODY[sound](), silence(LENGTH))
    _, judged = heard(path, engine_saying(THREAT), judge)
    assert rules(judged) == ["recording.no_speech"]


@pytest.mark.parametrize("sound", NOBODY)
def test_a_loop_where_nobody_speaks_ends_and_accuses_nobody(
    sound: str, tmp_path: Path, engine_saying: EngineMaker, judge: Judge
) -> None:
    path = write_recording(tmp_path / "call.wav", NOBODY[sound](), silence(LENGTH))
    _, judged = heard(path, engine_saying(THREAT, variant=Variant.LOOP), judge)
    assert_nobody_is_accused(judged)


@pytest.mark.parametrize("side", ["agent", "customer", "both"])
@pytest.mark.parametrize(
    ("text", "variant", "doubt"),
    [
        (THREAT, Variant.LOOP, Suspicion.LOOP),
        ("我下周五还三千块钱", Variant.LOOP, Suspicion.LOOP),
        ("", Variant.INVENTS, Suspicion.INVENTED_PHRASE),
    ],
    ids=["a-threat-looped", "a-promise-looped", "invented"],
)
def test_over_real_speech_suspect_text_stays_and_accuses_nobody(
    side: str,
    text: str,
    variant: Variant,
    doubt: Suspicion,
    tmp_path: Path,
    engine_saying: EngineMaker,
    judge: Judge,
) -> None:
    sides = (SPEECH if side != "customer" else silence(LENGTH), SPEECH[::-1] if side != "agent" else silence(LENGTH))
    path = write_recording(tmp_path / "call.wav", *(np.ascontiguousarray(sound) for sound in sides))
    transcript, judged = heard(path, engine_saying(text, variant=variant), judge)
    assert transcript.turns, "it stays visible"
    assert all(doubt in turn.suspicions and turn.end_ms > turn.start_ms for turn in transcript.turns), "and playable"
    assert_nobody_is_accused(judged)


def test_the_prompt_said_back_is_no_talk_of_a_debt(tmp_path: Path, echoing: SpeechEngine, judge: Judge) -> None:
    transcript, judged = heard(write_recording(tmp_path / "call.wav", SPEECH, silence(LENGTH)), echoing, judge)
    assert HOTWORDS.split()[0] in transcript.turns[0].text
    assert all(Suspicion.PROMPT_ECHO in turn.suspicions for turn in transcript.turns)
    assert_nobody_is_accused(judged)


def test_the_same_threat_over_speech_counts(tmp_path: Path, engine_saying: EngineMaker, judge: Judge) -> None:
    path = write_recording(tmp_path / "call.wav", SPEECH, silence(LENGTH))
    _, judged = heard(path, engine_saying(THREAT), judge)
    assert "threat.exposure_workplace" in rules(judged)
