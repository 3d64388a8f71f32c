"""What may be heard, what is refused, and what is said of it."""

from __future__ import annotations

import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest

from qa_service.errors import RecordingRefused
from qa_service.testing.audio import RATE, cut_off, noise, silence, speech, utterances, write_recording
from qa_service.transcription.audio import decode, load_decoded

LEFT = utterances((200, 1200), length=3000, pitch=200)
RIGHT = utterances((1500, 2800), length=3000, pitch=120)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "spare_ms"),
    [
        ("call.wav", None, 16_000, 0),
        ("call.wav", None, 44_100, 5),
        ("call.wav", "pcm_mulaw", 8_000, 1),
        ("call.wav", "pcm_alaw", 8_000, 1),
        ("call.opus", None, 48_000, 10),
        ("call.mp3", None, 16_000, 150),
        ("call.m4a", None, 16_000, 150),
        ("call.flac", None, 16_000, 0),
    ],
)
def test_usual_formats_keep_channels_and_length(
    tmp_path: Path, name: str, codec: str | None, rate: int, spare_ms: int
) -> None:
    audio = decode(write_recording(tmp_path / name, LEFT, RIGHT, rate=rate, codec=codec), tmp_path / "audio")
    assert audio.samples.dtype == np.int16
    assert audio.channels == 2
    assert abs(audio.duration_ms - 3000) <= spare_ms
    assert audio.partial is None
    loud = np.abs(audio.samples[:, : RATE * 12 // 10].astype(np.int64)).mean(axis=1)
    assert loud[0] > 20 * loud[1], "the left channel speaks first"


def test_telephone_amr_with_discontinuous_transmission_keeps_its_length(tmp_path: Path) -> None:
    sound = utterances((500, 1500), (4000, 5000), length=6000)
    path = write_recording(tmp_path / "call.amr", sound, rate=8_000, codec="libopencore_amrnb", options={"dtx": "1"})
    audio = decode(path, tmp_path / "audio")
    assert abs(audio.duration_ms - 6000) <= 40
    assert audio.partial is None


def test_format_is_known_by_content_not_by_name(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.flac", LEFT).rename(tmp_path / "call.wav")
    assert decode(path, tmp_path / "audio").duration_ms == 3000


def test_mono_has_one_channel(tmp_path: Path) -> None:
    assert decode(write_recording(tmp_path / "call.wav", LEFT), tmp_path / "audio").channels == 1


@pytest.mark.parametrize(
    ("name", "left", "right", "dual"),
    [
        ("equal.wav", LEFT, LEFT, True),
        ("equal.mp3", LEFT, LEFT, True),
        ("nearly.wav", LEFT, LEFT + noise(3000, level=20), True),
        ("different.wav", LEFT, RIGHT, False),
        ("one-silent.wav", LEFT, silence(3000), False),
        ("leaking.wav", LEFT, RIGHT + LEFT // 10, False),
        ("half-as-loud.wav", LEFT, LEFT // 2, False),
        ("silent.wav", silence(3000), silence(3000), False),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_two_equal_channels_are_one(tmp_path: Path, name: str, left: np.ndarray, right: np.ndarray, dual: bool) -> None:
    audio = decode(write_recording(tmp_path / name, left, right), tmp_path / "audio")
    assert (audio.dual_mono, audio.channels) == (dual, 1 if dual else 2)


@pytest.mark.parametrize("name", ["call.wav", "call.mp3", "call.flac"])
def test_a_file_that_breaks_off_is_partial(tmp_path: Path, name: str) -> None:
    path = cut_off(write_recording(tmp_path / name, LEFT, RIGHT), 0.6)
    audio = decode(path, tmp_path / "audio")
    assert audio.duration_ms < 2500
    assert audio.partial is not None
    assert "截断" in audio.partial
    assert load_decoded(tmp_path / "audio").partial == audio.partial


@pytest.mark.parametrize(("billed", "partial"), [(None, False), (3.0, False), (3.3, False), (3.4, True), (60, True)])
def test_shorter_than_billed_is_partial(tmp_path: Path, billed: float | None, partial: bool) -> None:
    path = write_recording(tmp_path / "call.opus", LEFT, RIGHT, rate=48_000)
    audio = decode(path, tmp_path / "audio", billed_seconds=billed)
    assert (audio.partial is not None) == partial
    if audio.partial:
        assert "计费时长" in audio.partial


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.wav", b"", "是空的"),
        ("text.wav", b"hello, this is no audio at all\n" * 200, "无法解码"),
        ("zeros.mp3", bytes(20_000), "无法解码"),
        ("header.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "无法解码"),
        ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\ncall.wav\n#EXT-X-ENDLIST\n", "无法解码"),
        ("list.txt", b"ffconcat version 1.0\nfile call.wav\n", "无法解码"),
        ("list.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 9 RTP/AVP 0\n", "无法解码"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else None,
)
def test_what_is_not_a_recording_is_refused(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    write_recording(tmp_path / "call.wav", LEFT)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecordingRefused, match=sentence) as refused:
        decode(tmp_path / name, tmp_path / "audio")
    assert name in str(refused.value)
    assert not (tmp_path / "audio").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({"call.wav", name}), "nothing is left behind"


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "call.wav"), "wb") as empty:
        empty.setparams((2, 2, 8_000, 0, "NONE", ""))
    with pytest.raises(RecordingRefused, match="没有声音数据"):
        decode(tmp_path / "call.wav", tmp_path / "audio")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingRefused, match=r"找不到录音文件 call\.wav"):
        decode(tmp_path / "call.wav", tmp_path / "audio")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingRefused, match="不是录音文件"):
        decode(tmp_path, tmp_path / "audio")


def test_more_than_two_channels_are_refused(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "call.wav", *[LEFT] * 6)
    with pytest.raises(RecordingRefused, match="6 个声道"):
        decode(path, tmp_path / "audio")


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [({"max_seconds": 2}, "小时上限"), ({"max_bytes": 10_000}, "MiB 上限")],
    ids=["too-long", "too-large"],
)
def test_limits_refuse(tmp_path: Path, limits: dict[str, int], sentence: str) -> None:
    path = write_recording(tmp_path / "call.wav", LEFT, RIGHT)
    with pytest.raises(RecordingRefused, match=sentence):
        decode(path, tmp_path / "audio", **limits)


@pytest.mark.parametrize("name", ["call.wav", "call.flac"])
def test_a_limit_holds_where_the_header_tells_nothing(tmp_path: Path, name: str) -> None:
    path = write_recording(tmp_path / name, LEFT)
    with pytest.raises(RecordingRefused, match="小时上限"):
        decode(path, tmp_path / "audio", max_seconds=2.5)


@pytest.mark.parametrize("spoil", [b"", b"\x93NUMPY nonsense", None], ids=["empty", "not-numpy", "missing"])
def test_a_spoiled_decoded_file_is_refused(tmp_path: Path, spoil: bytes | None) -> None:
    if spoil is not None:
        (tmp_path / "audio").write_bytes(spoil)
    with pytest.raises(RecordingRefused, match="重新处理"):
        load_decoded(tmp_path / "audio")


def test_a_decoded_file_that_lost_its_end_is_refused(tmp_path: Path) -> None:
    decode(write_recording(tmp_path / "call.wav", LEFT, RIGHT), tmp_path / "audio")
    cut_off(tmp_path / "audio", 0.9)
    with pytest.raises(RecordingRefused, match="重新处理"):
        load_decoded(tmp_path / "audio")


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    ten_seconds = speech(10_000)
    path = write_recording(tmp_path / "call.flac", np.tile(ten_seconds, 30), np.tile(ten_seconds[::-1], 30))
    tracemalloc.start()
    try:
        audio = decode(path, tmp_path / "audio")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert audio.duration_ms == 300_000
    assert audio.samples.nbytes > 19_000_000
    assert peak < 3_000_000
