"""Whole or partial: what the file promises, what was heard, what was billed, and how far the three may differ."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from qa_service.transcription.completeness import why_partial
from qa_service.transcription.containers import read_promise
from tests.recordings.healthy import HEALTHY
from tests.recordings.makers import write_sources
from tests.recordings.patches import ogg_pages, wav_length_off_by, wav_sizes
from tests.recordings.sound import SECONDS
from tests.recordings.surroundings import Surroundings

Good = Callable[[str], bytes]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Good:
    """The bytes of a healthy file, by its key."""
    folder = tmp_path_factory.mktemp("good")
    return Surroundings(url="", folder=folder, sources=write_sources(folder)).good


def announced_seconds(data: bytes) -> float | None:
    return read_promise(io.BytesIO(data)).seconds


def breaks_off(data: bytes) -> bool:
    return read_promise(io.BytesIO(data)).broken_off


def share(data: bytes, part: float) -> bytes:
    return data[: int(len(data) * part)]


LENGTH_TOLD = (
    "wav-pcm16-8k-stereo",
    "wav-alaw-8k-stereo",
    "wav-gsm610",
    "wav-mp3",
    "rf64",
    "bw64",
    "wave64",
    "au-mulaw",
    "aiff-stereo",
    "caf-pcm-stereo",
    "caf-alac-stereo",
    "flac-8k-stereo",
    "flac-cover-of-2-mb",
    "mp3-stereo",
    "mp3-vbr-44k",
    "mp3-cover-of-3-mb",
    "m4a-aac",
    "m4a-ready-to-stream",
    "3gp-amr",
    "ogg-opus-stereo",
    "ogg-vorbis-stereo",
    "ogg-speex-narrow",
    "ogg-flac",
    "webm-opus",
    "matroska-aac",
    "wma-2-stereo",
)
NO_LENGTH_TOLD = (
    "wav-sizes-zero",
    "wav-sizes-unsaid",
    "wav-piped-by-ffmpeg",
    "au-piped",
    "flac-of-unknown-length",
    "mp3-without-count",
    "aac-adts",
    "amr-nb-dtx",
    "amr-wb",
    "webm-opus-live",
    "asf-piped",
    "voc-by-sox",
    "raw-alaw",
)


@pytest.mark.parametrize("kind", LENGTH_TOLD)
def test_a_container_tells_its_length(good: Good, kind: str) -> None:
    assert announced_seconds(good(kind)) == pytest.approx(SECONDS, rel=0.01)


@pytest.mark.parametrize("kind", NO_LENGTH_TOLD)
def test_a_header_that_was_never_filled_in_promises_nothing(good: Good, kind: str) -> None:
    assert announced_seconds(good(kind)) is None


@pytest.mark.parametrize("kind", [*LENGTH_TOLD, *NO_LENGTH_TOLD])
def test_a_healthy_file_does_not_break_off(good: Good, kind: str) -> None:
    assert not breaks_off(good(kind))


ENDS_TOLD = (
    "wav-pcm16-8k-stereo",
    "rf64",
    "wave64",
    "au-mulaw",
    "aiff-stereo",
    "caf-alac-stereo",
    "mp3-stereo",
    "mp3-without-count",
    "aac-adts",
    "m4a-aac",
    "m4a-ready-to-stream",
    "m4a-in-fragments",
    "ogg-opus-stereo",
    "ogg-opus-never-closed",
    "ogg-vorbis-stereo",
    "webm-opus",
    "webm-opus-live",
    "wma-2-stereo",
)


@pytest.mark.parametrize("part", [0.113, 0.507, 0.931])
@pytest.mark.parametrize("kind", ENDS_TOLD)
def test_a_cut_file_breaks_off(good: Good, kind: str, part: float) -> None:
    assert breaks_off(share(good(kind), part))


@pytest.mark.parametrize("kind", ["amr-nb", "amr-wb"])
def test_a_last_frame_cut_in_two_is_all_that_amr_can_tell(good: Good, kind: str) -> None:
    data = good(kind)
    start, frame = (6, 32) if kind == "amr-nb" else (9, 33)
    frames = (len(data) - start) // frame
    assert breaks_off(data[:-1])
    assert breaks_off(data[: start + 1])
    assert not breaks_off(data[: start + frames // 2 * frame]), "a cut between two frames leaves no trace"


def test_ogg_that_ends_with_a_page_but_no_mark_of_the_end_is_what_some_recorders_write(good: Good) -> None:
    pages = ogg_pages(good("ogg-opus-stereo"))
    assert not breaks_off(b"".join(pages[:-1]))
    assert breaks_off(b"".join(pages)[:-1])
    assert breaks_off(b"".join(pages[:-1]) + pages[-1][:20])


@pytest.mark.parametrize(
    ("more", "broken"), [(0, False), (1, False), (44, False), (64, False), (65, True), (9000, True)]
)
def test_a_wav_header_may_count_itself_but_no_more(good: Good, more: int, broken: bool) -> None:
    data = wav_length_off_by(more)(good("wav-pcm16-8k-stereo"))
    assert breaks_off(data) is broken


@pytest.mark.parametrize(
    ("said", "broken"), [(32_000, True), (383_000, False), (384_000, False)], ids=["stale", "a-little", "right"]
)
def test_samples_that_go_on_behind_a_stale_length_break_it(good: Good, said: int, broken: bool) -> None:
    data = wav_sizes(said + 36, said)(good("wav-pcm16-8k-stereo"))
    assert breaks_off(data) is broken


@pytest.mark.parametrize(("missing", "broken"), [(100, False), (1400, False), (2000, True)])
def test_a_recorder_may_join_an_mp3_inside_a_frame(good: Good, missing: int, broken: bool) -> None:
    data = bytes(range(1, 251)) * (missing // 250) + bytes(range(1, 1 + missing % 250)) + good("mp3-without-count")
    assert breaks_off(data) is broken


def test_a_broadcast_joined_late_counts_from_where_it_was_joined(good: Good) -> None:
    pages = ogg_pages(good("ogg-opus-stereo"))
    later = [*pages[:2], *(_at(page, 3600 * 48_000) for page in pages[2:])]
    assert announced_seconds(b"".join(later)) == pytest.approx(SECONDS, abs=1.1)


def _at(page: bytes, offset: int) -> bytes:
    granule = int.from_bytes(page[6:14], "little") + offset
    return page[:6] + granule.to_bytes(8, "little") + page[14:]


@pytest.mark.parametrize("kind", HEALTHY)
def test_no_beginning_of_a_file_is_too_much(good: Good, kind: str) -> None:
    data = good(kind)
    for length in [*range(80), *range(80, min(len(data), 3000), 97)]:
        seconds = announced_seconds(data[:length])
        assert seconds is None or seconds > 0


@pytest.mark.parametrize(
    ("heard", "announced", "billed", "damaged", "broken_off", "says"),
    [
        (12.0, None, None, 0, False, None),
        (12.0, 12.0, 12.0, 0, False, None),
        (54.0, None, 60.0, 0, False, None),
        (53.9, None, 60.0, 0, False, "计费时长为 60 秒"),
        (75.0, None, 60.0, 0, False, None),
        (11.75, 12.0, None, 0, False, None),
        (11.6, 12.0, None, 0, False, "只能解出 11.6 秒，文件标明 12.0 秒"),
        (298.6, 300.0, None, 0, False, None),
        (298.4, 300.0, None, 0, False, "文件标明 300.0 秒"),
        (12.0, 6.0, None, 0, False, None),
        (12.0, 12.0, 12.0, 0, True, "结构不完整"),
        (12.0, 12.0, 12.0, 3, False, "3 处损坏"),
        (30.0, 40.0, 60.0, 3, True, "计费时长"),
    ],
)
def test_why_a_recording_is_partial(
    heard: float, announced: float | None, billed: float | None, damaged: int, broken_off: bool, says: str | None
) -> None:
    why = why_partial(heard=heard, announced=announced, billed=billed, damaged=damaged, broken_off=broken_off)
    assert (why is None) is (says is None)
    assert says is None or (why is not None and says in why and why.endswith("。"))


def test_a_file_on_disk_is_read_where_it_lies(tmp_path: Path, good: Good) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(good("wav-pcm16-8k-stereo"))
    with path.open("rb") as file:
        file.seek(100)
        assert read_promise(file).seconds == pytest.approx(SECONDS)
