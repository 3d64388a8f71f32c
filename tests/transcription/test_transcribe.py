"""A recording through decoder, detector, a real Whisper with a script, and into turns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from qa_service.call import Recording, Speaker, Suspicion, Transcript, Voice
from qa_service.errors import RecordingRefused
from qa_service.settings import Settings
from qa_service.testing.audio import cut_off, noise, silence, utterances, write_recording
from qa_service.testing.scripted_whisper import Shape, Variant, build_scripted_whisper
from qa_service.transcription.audio import decode
from qa_service.transcription.engine import SpeechEngine
from qa_service.transcription.transcribe import Engines, transcribe, transcribe_recording
from tests.transcription.conftest import EngineMaker

A, C = Speaker.AGENT, Speaker.CUSTOMER
LEFT = utterances((500, 2500), (6000, 9000), length=12_000, pitch=200)
RIGHT = utterances((3000, 5000), (9600, 11_500), length=12_000, pitch=120)


@pytest.fixture
def engines(engine_saying: EngineMaker) -> dict[Speaker, SpeechEngine]:
    return {A: engine_saying("您好這裡是東江銀行，您的賬單逾期了"), C: engine_saying("我最近手头紧下周五还一千")}


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "call.opus", LEFT, RIGHT, rate=48_000)


def heard(path: Path, engines: Engines, channels: Mapping[str, Speaker] | None = None) -> Transcript:
    recording = Recording(path=path.name, channels=channels or {})
    return transcribe_recording(path, recording, Settings(), engines)


def test_a_stereo_call_becomes_turns_in_order(stereo: Path, engines: dict[Speaker, SpeechEngine]) -> None:
    transcript = heard(stereo, engines)
    assert [(turn.speaker, turn.text) for turn in transcript.turns] == [
        (A, "您好这里是东江银行，您"),
        (C, "我最近手头紧下周五还一"),
        (A, "的账单逾期了"),
        (C, "千"),
    ], "each engine's sentence goes on through the utterances of its channel, one character each 200 ms"
    assert [turn.start_ms for turn in transcript.turns] == [
        pytest.approx(ms, abs=400) for ms in (500, 3000, 6000, 9600)
    ]
    assert transcript.duration_ms == pytest.approx(12_000, abs=20)
    assert transcript.partial is None
    assert transcript.engine == "+".join(engine.fingerprint for engine in engines.values())
    assert all(turn.confidence is not None and turn.confidence > 0.9 for turn in transcript.turns)
    assert all(turn.trusted and not turn.speaker_doubtful for turn in transcript.turns)


def test_every_word_has_its_characters_and_its_time(stereo: Path, engines: dict[Speaker, SpeechEngine]) -> None:
    for turn in heard(stereo, engines).turns:
        assert turn.voice is (Voice.LEFT if turn.speaker is A else Voice.RIGHT)
        assert "".join(turn.text[word.start : word.end] for word in turn.words) == turn.text
        times = [moment for word in turn.words for moment in (word.start_ms, word.end_ms)]
        assert times == sorted(times)
        assert turn.start_ms <= times[0] <= times[-1] <= turn.end_ms


def test_activity_is_kept_for_each_speaker(stereo: Path, engines: dict[Speaker, SpeechEngine]) -> None:
    activity = heard(stereo, engines).activity
    assert [round(span.start_ms, -3) for span in activity[A]] == [1000, 6000]
    assert [round(span.start_ms, -3) for span in activity[C]] == [3000, 10_000]


@pytest.mark.parametrize(
    ("channels", "first"),
    [
        ({}, A),
        ({"left": A, "right": C}, A),
        ({"left": C, "right": A}, C),
        ({"left": C}, C),
        ({"right": A}, C),
        ({"right": C}, A),
    ],
    ids=["default", "usual", "swapped", "left-customer", "right-agent", "right-customer"],
)
def test_the_channel_map_says_who_speaks(
    stereo: Path, engine_saying: EngineMaker, channels: dict[str, Speaker], first: Speaker
) -> None:
    turns = heard(stereo, engine_saying("您好"), channels).turns
    assert turns[0].speaker is first
    assert {turn.speaker for turn in turns} == {A, C}


def test_two_channels_cannot_be_one_speaker(stereo: Path, engine_saying: EngineMaker) -> None:
    with pytest.raises(RecordingRefused, match="左右声道不能都是坐席"):
        heard(stereo, engine_saying("您好"), {"left": A, "right": A})


@pytest.mark.parametrize("dual", [False, True], ids=["mono", "dual-mono"])
def test_one_channel_gives_doubtful_speakers_and_no_activity(
    tmp_path: Path, engine_saying: EngineMaker, dual: bool
) -> None:
    path = write_recording(tmp_path / "call.wav", *([LEFT] * (2 if dual else 1)))
    transcript = heard(path, engine_saying("您好，请问是张伟先生本人吗？是我，你是哪位"), {"left": A, "right": C})
    assert [(turn.speaker, turn.speaker_doubtful) for turn in transcript.turns] == [(A, True), (C, True)]
    assert transcript.activity == {}


@pytest.mark.parametrize("sound", [silence(4000), noise(4000), noise(4000, level=20)], ids=["silence", "noise", "hiss"])
def test_where_nobody_speaks_even_an_inventing_engine_gives_no_turn(
    tmp_path: Path, engine_saying: EngineMaker, sound: np.ndarray
) -> None:
    path = write_recording(tmp_path / "call.wav", sound, silence(4000))
    transcript = heard(path, engine_saying(variant=Variant.INVENTS))
    assert transcript.turns == ()
    assert transcript.activity == {A: (), C: ()}
    assert transcript.duration_ms == 4000


def test_one_silent_channel_leaves_the_other(tmp_path: Path, engine_saying: EngineMaker) -> None:
    transcript = heard(write_recording(tmp_path / "call.wav", LEFT, silence(12_000)), engine_saying("您好"))
    assert {turn.speaker for turn in transcript.turns} == {A}


@pytest.mark.parametrize(
    ("text", "variant", "doubt"),
    [
        ("我们会", Variant.LOOP, Suspicion.LOOP),
        ("", Variant.INVENTS, Suspicion.INVENTED_PHRASE),
        ("您今天必须把钱还上不然我们就起诉您" * 6, Variant.SAYS, Suspicion.IMPOSSIBLE_RATE),
    ],
    ids=["loop", "invention", "too-much-text"],
)
def test_doubtful_text_stays_and_is_marked(
    tmp_path: Path, engine_saying: EngineMaker, text: str, variant: Variant, doubt: Suspicion
) -> None:
    path = write_recording(tmp_path / "call.wav", utterances((500, 3500), length=4000), silence(4000))
    turns = heard(path, engine_saying(text, variant=variant, word_ms=20 if variant is Variant.SAYS else 200)).turns
    assert turns
    assert all(doubt in turn.suspicions and turn.text for turn in turns)


def test_what_a_channel_only_repeats_is_crosstalk(tmp_path: Path, engine_saying: EngineMaker) -> None:
    own = utterances((9600, 11_500), length=12_000, pitch=120)
    leaking = (LEFT * 0.6 + own).astype(np.int16)
    transcript = heard(
        write_recording(tmp_path / "call.wav", LEFT, leaking),
        engine_saying("您好这里是东江银行您的账单已经逾期了请您尽快处理不然要影响征信的好吧"),
    )
    doubts = {(turn.speaker, round(turn.start_ms, -3)): turn.suspicions for turn in transcript.turns}
    assert doubts == {
        (A, 1000): (),
        (A, 6000): (),
        (C, 1000): (Suspicion.CROSSTALK,),
        (C, 6000): (Suspicion.CROSSTALK,),
        (C, 10_000): (),
    }
    assert transcript.leak_db == {C: pytest.approx(-4.4, abs=1)}


def test_a_cut_off_file_is_partial(tmp_path: Path, engine_saying: EngineMaker) -> None:
    path = cut_off(write_recording(tmp_path / "call.wav", LEFT, RIGHT), 0.5)
    transcript = heard(path, engine_saying("您好"))
    assert transcript.partial is not None
    assert transcript.turns
    assert all(turn.end_ms <= transcript.duration_ms < 7000 for turn in transcript.turns)


def test_shorter_than_billed_is_partial(stereo: Path, engine_saying: EngineMaker) -> None:
    transcript = transcribe_recording(stereo, None, Settings(), engine_saying("您好"), billed_seconds=30)
    assert transcript.partial == "录音只有 12 秒，计费时长为 30 秒，录音不完整。"


def test_speech_longer_than_the_window_is_heard_in_parts(tmp_path: Path, engine_saying: EngineMaker) -> None:
    shape = Shape(width=128, heads=2, encoder_layers=1, decoder_layers=1, chunk_seconds=5)
    path = write_recording(tmp_path / "call.wav", utterances((500, 12_500), length=13_000))
    (turn,) = heard(path, engine_saying("您好", shape=shape)).turns
    assert turn.text.count("您好") >= 3
    assert turn.end_ms - turn.start_ms > 11_000


def test_the_heart_beats_between_clips(tmp_path: Path, engine_saying: EngineMaker) -> None:
    shape = Shape(width=128, heads=2, encoder_layers=1, decoder_layers=1, chunk_seconds=5)
    beats: list[None] = []
    audio = decode(write_recording(tmp_path / "call.wav", LEFT, RIGHT), tmp_path / "audio")
    transcribe(audio, engine_saying("您好", shape=shape), beat=lambda: beats.append(None))
    assert len(beats) >= 2 + 2 + 3, "one or more a channel from the detector, one a channel measured, one a clip"


def test_a_refused_recording_leaves_nothing_behind(
    tmp_path: Path, engine_saying: EngineMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "call.wav").write_bytes(b"no audio")
    with pytest.raises(RecordingRefused):
        heard(tmp_path / "call.wav", engine_saying("您好"))
    assert [path.name for path in tmp_path.iterdir()] == ["call.wav"]


def test_without_an_engine_the_settings_name_one(stereo: Path, tmp_path: Path) -> None:
    folder = build_scripted_whisper(tmp_path / "own", "您好")
    transcript = transcribe_recording(
        stereo, None, Settings(whisper_model=str(folder), whisper_device="cpu"), billed_seconds=12
    )
    assert transcript.engine.startswith("whisper:own:")
    assert transcript.turns[0].text == "您好"
