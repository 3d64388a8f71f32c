"""Every telephone file: whole, of the right length, with the right voices on the right channels."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_service.testing.audio import write_recording
from qa_service.transcription.audio import decode, decode_sides
from tests.recordings.healthy import HEALTHY, Odd
from tests.recordings.makers import Sources, samples_of, write_sources
from tests.recordings.sound import SECONDS, likeness

LIKENESS = 0.95


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return write_sources(tmp_path_factory.mktemp("sources"))


@pytest.mark.parametrize("odd", HEALTHY.values(), ids=HEALTHY)
def test_an_odd_file_is_heard_whole(tmp_path: Path, sources: Sources, odd: Odd) -> None:
    path = tmp_path / odd.name
    odd.make(sources, path)
    audio = decode(path, tmp_path / "decoded", raw=odd.raw)
    spoken = samples_of(odd.sides)
    assert audio.partial is None
    assert audio.channels == len(spoken)
    assert audio.dual_mono is (odd.sides == "dual")
    assert audio.duration_ms / 1000 == pytest.approx(SECONDS, rel=0.01, abs=0.06)
    for heard, said in zip(audio.samples, spoken, strict=True):
        assert likeness(heard, said) >= LIKENESS


@pytest.mark.parametrize(
    ("suffix", "rate", "codec"), [("wav", 8000, "pcm_alaw"), ("mp3", 16_000, None)], ids=["wav", "mp3"]
)
def test_a_file_for_each_side_is_heard_as_one_call(tmp_path: Path, suffix: str, rate: int, codec: str | None) -> None:
    agent, customer = (
        write_recording(tmp_path / f"{name}.{suffix}", side, rate=rate, codec=codec)
        for name, side in zip(("agent", "customer"), samples_of("stereo"), strict=True)
    )
    audio = decode_sides(agent, customer, tmp_path / "decoded")
    assert (audio.channels, audio.partial) == (2, None)
    assert audio.duration_ms / 1000 == pytest.approx(SECONDS, rel=0.01)
    for heard, said in zip(audio.samples, samples_of("stereo"), strict=True):
        assert likeness(heard, said) >= LIKENESS


def test_there_is_one_of_every_kind() -> None:
    assert len(HEALTHY) >= 60


def test_likeness_tells_the_two_voices_apart() -> None:
    agent, customer = samples_of("stereo")
    assert likeness(agent, agent // 4) > LIKENESS > 0.5 > likeness(agent, customer)
