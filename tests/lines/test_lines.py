"""The file of lines: what each line is, what a call's own channel map does to it, and what is wrong in a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from qa_service.call import Recording, Speaker
from qa_service.errors import InputRefused, SettingsInvalid
from qa_service.lines import Line, RawEncoding, load_lines

AGENT, CUSTOMER = Speaker.AGENT, Speaker.CUSTOMER
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "lines.toml"


def of(line: str | None, **channels: Speaker) -> Line:
    return load_lines(EXAMPLE).of(Recording(path="a.wav", line=line, channels=channels))


@pytest.mark.parametrize(
    ("line", "channels"),
    [
        (None, {"left": AGENT, "right": CUSTOMER}),
        ("trunk-3", {"left": CUSTOMER, "right": AGENT}),
        ("recorder-old", {}),
        ("recorder-stereo", {"right": AGENT}),
    ],
)
def test_a_line_says_who_is_where(line: str | None, channels: dict[str, Speaker]) -> None:
    assert dict(of(line).channels) == channels


def test_a_line_says_what_its_headerless_files_are() -> None:
    raw = of("recorder-stereo").headerless
    assert raw is not None
    assert (raw.encoding, raw.rate, raw.channels) == (RawEncoding.MULAW, 8000, 2)
    assert of("trunk-3").headerless is None


def test_the_calls_own_map_takes_the_place_of_the_lines_and_leaves_the_rest() -> None:
    own = of("recorder-stereo", left=AGENT)
    assert dict(own.channels) == {"left": AGENT}
    assert own.headerless == of("recorder-stereo").headerless


def test_no_recording_and_no_file_is_the_usual_line() -> None:
    assert load_lines(None).of(None) == Line()
    assert load_lines(EXAMPLE).of(None) == load_lines(EXAMPLE).default


@pytest.mark.parametrize("name", ["trunk-4", "Trunk-3", "default", "trunk-3 "])
def test_a_line_nobody_described_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(InputRefused, match=r"trunk-3.*QA_LINES"):
        of(name)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[lines.a", "TOML"),
        ('[line.a]\nchannels = {left = "agent"}', "line 不是已知的键"),
        ('[lines.a]\nheadless = {encoding = "alaw"}', "lines.a.headless 不是已知的键"),
        ('[lines.a]\nheaderless = {encoding = "alow"}', "lines.a.headerless.encoding 应为 .*alaw"),
        ('[lines.a]\nheaderless = {encoding = "alaw", rate = 100}', "lines.a.headerless.rate 过小"),
        ("[lines.a]\nheaderless = {rate = 8000}", "lines.a.headerless.encoding 缺失"),
        ('[lines.a]\nchannels = {left = "me"}', "lines.a.channels.left 应为"),
        ('[lines.a]\nchannels = {middle = "agent"}', "lines.a.channels .*left 和 right"),
        ('[default]\nchannels = {left = "agent", right = "agent"}', "default.channels .*同一方"),
    ],
    ids=[
        "no-toml", "misspelt-table", "misspelt-key", "unknown-encoding", "odd-rate", "no-encoding", "unknown-speaker",
        "unknown-channel", "one-speaker-twice",
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "lines.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=says) as raised:
        load_lines(file)
    assert str(file) in str(raised.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["absent", "not-utf-8"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "lines.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsInvalid, match=r"lines\.toml"):
        load_lines(file)


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "lines.toml"
    file.write_text('[default]\nchannels = {left = "agent"}', encoding="utf-8")
    before = load_lines(file)
    assert load_lines(file) is before
    file.write_text('[default]\nchannels = {right = "agent"}', encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert dict(load_lines(file).default.channels) == {"right": AGENT}
