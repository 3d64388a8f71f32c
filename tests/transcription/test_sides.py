"""Two files of one call, one per side, become one recording with the agent on the first channel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qa_service.call import ChannelLayout
from qa_service.errors import RecordingRefused
from qa_service.lines import RawFormat
from qa_service.testing.audio import RATE, Sound, noise, silence, utterances, write_recording
from qa_service.transcription.audio import DecodedAudio, decode_sides

AGENT = utterances((200, 1200), (8000, 11_000), length=30_000, pitch=200)
CUSTOMER = utterances((2000, 3500), (15_000, 17_000), length=30_000, pitch=120)


def joined(folder: Path, agent: Path, customer: Path, **known: object) -> DecodedAudio:
    return decode_sides(agent, customer, folder / "audio", **known)  # type: ignore[arg-type]


def side(folder: Path, name: str, *channels: Sound, codec: str | None = None) -> Path:
    return write_recording(folder / name, *channels, codec=codec)


def test_each_side_has_its_channel(tmp_path: Path) -> None:
    audio = joined(tmp_path, side(tmp_path, "a.wav", AGENT), side(tmp_path, "b.flac", CUSTOMER))
    assert audio.layout is ChannelLayout.SEPARATE_FILES
    assert audio.partial is None
    assert np.array_equal(audio.samples, np.stack([AGENT, CUSTOMER]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "audio", "b.flac"], "nothing else is left"


def test_a_side_may_have_its_sound_on_two_channels_or_on_one_of_two(tmp_path: Path) -> None:
    agent = side(tmp_path, "a.wav", AGENT, AGENT)
    customer = side(tmp_path, "b.wav", silence(30_000), CUSTOMER)
    audio = joined(tmp_path, agent, customer)
    assert np.array_equal(audio.samples, np.stack([AGENT, CUSTOMER]))


@pytest.mark.parametrize(
    ("seconds", "partial"),
    [(30.0, False), (28.1, False), (27.1, False), (26.9, True), (10.0, True), (33.2, False), (33.5, True)],
)
def test_sides_of_unequal_length(tmp_path: Path, seconds: float, partial: bool) -> None:
    customer = np.pad(CUSTOMER, (0, 5 * RATE))[: int(seconds * RATE)]
    audio = joined(tmp_path, side(tmp_path, "a.wav", AGENT), side(tmp_path, "b.wav", customer))
    assert audio.duration_ms == max(30_000, round(seconds * 1000))
    assert not audio.samples[1, len(customer) :].any()
    assert (audio.partial is not None) == partial
    if audio.partial:
        assert "长度不一致" in audio.partial


@pytest.mark.parametrize(("seconds", "partial"), [(6.0, False), (4.1, False), (3.9, True)])
def test_sides_of_a_short_call_may_differ_by_two_seconds(tmp_path: Path, seconds: float, partial: bool) -> None:
    agent = side(tmp_path, "a.wav", AGENT[: 6 * RATE])
    audio = joined(tmp_path, agent, side(tmp_path, "b.wav", CUSTOMER[: int(seconds * RATE)]))
    assert (audio.partial is not None) == partial


@pytest.mark.parametrize("broken", ["a.wav", "b.wav"])
def test_a_side_that_breaks_off_makes_the_call_partial(tmp_path: Path, broken: str) -> None:
    paths = [side(tmp_path, "a.wav", AGENT), side(tmp_path, "b.wav", CUSTOMER)]
    content = (tmp_path / broken).read_bytes()
    (tmp_path / broken).write_bytes(content[: len(content) * 97 // 100])
    audio = joined(tmp_path, *paths)
    assert audio.partial is not None
    assert audio.partial.startswith("坐席一侧：" if broken == "a.wav" else "客户一侧：")


@pytest.mark.parametrize(
    ("agent", "customer", "sentence"),
    [
        ((AGENT,), (AGENT,), "同一段声音"),
        ((AGENT,), ((AGENT * 0.8).astype(np.int16),), "同一段声音"),
        ((AGENT, CUSTOMER), (CUSTOMER,), "坐席一侧的录音文件有两个不同的声道"),
        ((AGENT,), (AGENT, CUSTOMER), "客户一侧的录音文件有两个不同的声道"),
    ],
    ids=["twice-the-same", "twice-nearly-the-same", "whole-call-as-agent", "whole-call-as-customer"],
)
def test_what_are_no_two_sides_is_refused(
    tmp_path: Path, agent: tuple[Sound, ...], customer: tuple[Sound, ...], sentence: str
) -> None:
    with pytest.raises(RecordingRefused, match=sentence):
        joined(tmp_path, side(tmp_path, "a.wav", *agent), side(tmp_path, "b.wav", *customer))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav"]


def test_a_side_without_a_voice_is_no_reason_to_refuse(tmp_path: Path) -> None:
    audio = joined(tmp_path, side(tmp_path, "a.wav", noise(3000)), side(tmp_path, "b.wav", silence(3000)))
    assert (audio.layout, audio.dead_channels) == (ChannelLayout.SEPARATE_FILES, (1,))


def test_the_refused_side_is_named(tmp_path: Path) -> None:
    (tmp_path / "b.wav").write_bytes(b"no sound at all")
    with pytest.raises(RecordingRefused, match="无法解码 c-7（客户一侧）"):
        joined(tmp_path, side(tmp_path, "a.wav", AGENT), tmp_path / "b.wav", name="c-7")
    with pytest.raises(RecordingRefused, match=r"找不到录音文件 gone\.wav（坐席一侧）"):
        joined(tmp_path, tmp_path / "gone.wav", tmp_path / "b.wav")


def test_both_sides_may_be_without_a_header(tmp_path: Path) -> None:
    for name, sound in (("a.raw", AGENT), ("b.raw", CUSTOMER)):
        (tmp_path / name).write_bytes(sound.tobytes())
    raw = RawFormat.model_validate({"encoding": "linear16", "rate": 16_000})
    audio = joined(tmp_path, tmp_path / "a.raw", tmp_path / "b.raw", raw=raw)
    assert np.array_equal(audio.samples, np.stack([AGENT, CUSTOMER]))
