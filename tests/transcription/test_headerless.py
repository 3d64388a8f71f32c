"""Files without any header are read as their line says, and not at all where no line says anything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from qa_service.errors import RecordingRefused
from qa_service.lines import INTERLEAVED, RawEncoding, RawFormat
from qa_service.testing.audio import RATE, Sound, utterances, write_recording
from qa_service.transcription.audio import decode
from qa_service.transcription.formats import BARE, BARE_CODECS, has_header

SOUND = utterances((500, 1500), (2500, 3900), length=5000, pitch=130)

FFMPEG = {
    "alaw": ("alaw", "-ar", "8000"),
    "mulaw": ("mulaw", "-ar", "8000"),
    "linear16": ("s16le", "-ar", "16000"),
    "g722": ("g722",),
    "g723_1": ("g723_1", "-ar", "8000", "-b:a", "6300"),
    "g726_16": ("g726le", "-ar", "8000", "-b:a", "16000"),
    "g726_24": ("g726le", "-ar", "8000", "-b:a", "24000"),
    "g726_32": ("g726le", "-ar", "8000", "-b:a", "32000"),
    "g726_40": ("g726le", "-ar", "8000", "-b:a", "40000"),
}
SOX = {"vox": ("-t", "vox", "-r", "8000"), "gsm": ("-t", "gsm", "-r", "8000")}


def bare(path: Path, encoding: str) -> Path:
    """Five seconds of ``SOUND`` with nothing but its samples in the file."""
    source = write_recording(path.with_suffix(".wav"), SOUND)
    if encoding in FFMPEG:
        kind, *options = FFMPEG[encoding]
        command = ["ffmpeg", "-v", "error", "-i", str(source), *options, "-f", kind, str(path)]
    else:
        command = ["sox", str(source), *SOX[encoding], str(path)]
    subprocess.run(command, check=True)
    return path


def envelope(sound: Sound) -> np.ndarray:
    """Level of each 20 ms."""
    whole = sound[: len(sound) // 320 * 320].astype(np.float64).reshape(-1, 320)
    return np.sqrt(np.square(whole).mean(axis=1))


@pytest.mark.parametrize("encoding", [*FFMPEG, *SOX])
def test_a_line_says_how_its_files_are_written(tmp_path: Path, encoding: str) -> None:
    rate = 16_000 if encoding == "linear16" else 8_000
    raw = RawFormat.model_validate({"encoding": encoding, "rate": rate})
    audio = decode(bare(tmp_path / "call", encoding), tmp_path / "audio", raw=raw)
    assert audio.partial is None
    assert abs(audio.duration_ms - 5000) < 60
    heard = envelope(audio.samples[0])[:248]
    assert np.corrcoef(heard, envelope(SOUND)[: len(heard)])[0, 1] > 0.95


def test_g729_has_ten_bytes_for_each_ten_milliseconds(tmp_path: Path) -> None:
    (tmp_path / "call").write_bytes(np.random.default_rng(0).bytes(3000))
    audio = decode(tmp_path / "call", tmp_path / "audio", raw=RawFormat(encoding=RawEncoding.G729))
    assert audio.duration_ms == 3000


def test_two_channels_take_turns(tmp_path: Path) -> None:
    (tmp_path / "call").write_bytes(np.stack([SOUND, SOUND[::-1]], axis=1).tobytes())
    raw = RawFormat(encoding=RawEncoding.LINEAR16, rate=RATE, channels=2)
    assert np.array_equal(decode(tmp_path / "call", tmp_path / "audio", raw=raw).samples, [SOUND, SOUND[::-1]])


@pytest.mark.parametrize("encoding", RawEncoding, ids=str)
def test_only_single_samples_can_take_turns(encoding: RawEncoding) -> None:
    if encoding in INTERLEAVED:
        assert RawFormat(encoding=encoding, channels=2).channels == 2
    else:
        with pytest.raises(ValidationError, match="只有单声道"):
            RawFormat(encoding=encoding, channels=2)


@pytest.mark.parametrize("encoding", [*FFMPEG, *SOX])
def test_without_a_line_nothing_is_guessed(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(RecordingRefused, match="无法解码"):
        decode(bare(tmp_path / "call", encoding), tmp_path / "audio")


@pytest.mark.parametrize("name", ["call.wav", "call.mp3", "call.opus", "call.flac", "call.m4a"])
def test_a_file_with_a_header_is_read_by_that_on_any_line(tmp_path: Path, name: str) -> None:
    raw = RawFormat(encoding=RawEncoding.ALAW)
    rate = 48_000 if name == "call.opus" else RATE
    audio = decode(write_recording(tmp_path / name, SOUND, rate=rate), tmp_path / "audio", raw=raw)
    assert abs(audio.duration_ms - 5000) < 150


def test_samples_are_seldom_taken_for_a_header() -> None:
    samples = np.random.default_rng(0).bytes(400_000)
    assert not any(has_header(samples[at : at + 12]) for at in range(0, len(samples), 12))


def test_an_empty_file_of_a_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "call").write_bytes(b"")
    with pytest.raises(RecordingRefused, match="是空的"):
        decode(tmp_path / "call", tmp_path / "audio", raw=RawFormat(encoding=RawEncoding.ALAW))


def test_shorter_than_billed_is_all_that_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "call").write_bytes(b"\xd5" * 8000 * 10)
    raw = RawFormat(encoding=RawEncoding.ALAW)
    assert decode(tmp_path / "call", tmp_path / "audio", raw=raw).partial is None
    assert decode(tmp_path / "call", tmp_path / "audio", raw=raw, billed_seconds=20).partial is not None


def test_each_encoding_has_its_decoder() -> None:
    assert {str(encoding) for encoding in RawEncoding} == BARE.keys() | BARE_CODECS.keys()
