"""Recordings that need telling of: one file per side, headerless files, channels by line, billing that comes late."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from qa_service.actions.backend import Backend, open_backend
from qa_service.actions.intake import receive_call
from qa_service.actions.stage_work import stage_work
from qa_service.actions.stages import Outcome, StageRunner
from qa_service.call import ChannelLayout, Speaker, Transcript
from qa_service.documents import parse_call
from qa_service.judgement import DisclosureStatus
from qa_service.settings import Settings
from qa_service.states import Ticket
from qa_service.storage import schema
from qa_service.storage.payloads import read_judged, read_transcript
from qa_service.storage.tables import AnalysisRow, CallStateRow, OutboxRow, TranscriptRow
from qa_service.testing.audio import Sound, utterances, write_recording
from qa_service.testing.scripted_whisper import build_scripted_whisper
from qa_service.transcription.engine import SpeechEngine, load_engine

SAYS = {Speaker.AGENT: "您好我是东江银行的", Speaker.CUSTOMER: "我明天还两千块"}
START = {"call_id": "c-1", "started_at": "2026-03-12T14:00:00+08:00"}
FIRST, SECOND = utterances((200, 1500), length=4000), utterances((2000, 3500), length=4000, pitch=210.0)
LINES = """
[lines.exchanged]
channels = {left = "customer", right = "agent"}
[lines.old]
headerless = {encoding = "alaw", rate = 8000, channels = 1}
[lines.old-stereo]
headerless = {encoding = "mulaw", rate = 8000, channels = 2}
channels = {left = "customer"}
"""


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Speaker, SpeechEngine]:
    folder = tmp_path_factory.mktemp("models")
    models = {who: build_scripted_whisper(folder / who.value, text) for who, text in SAYS.items()}
    return {who: load_engine(Settings(whisper_model=str(m), whisper_device="cpu")) for who, m in models.items()}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    lines = tmp_path / "lines.toml"
    lines.write_text(LINES, encoding="utf-8")
    backend = open_backend(Settings(data_dir=tmp_path / "data", lines=lines))
    schema.upgrade(backend.database)
    yield backend
    backend.close()


@pytest.fixture
def work(backend: Backend, engines: Mapping[Speaker, SpeechEngine]) -> Callable[[], list[Outcome]]:
    """Do whatever the call was handed out for and nobody has taken, until nothing is left."""
    runner = StageRunner(backend=backend, work=stage_work(backend, engines=lambda: engines))

    def open_rings() -> list[Ticket]:
        with backend.read() as session:
            rows = session.scalars(select(OutboxRow).where(OutboxRow.taken_at.is_(None)).order_by(OutboxRow.id)).all()
        return [Ticket(call_id=row.call_id, stage=row.stage, token=row.token) for row in rows]

    def run() -> list[Outcome]:
        outcomes: list[Outcome] = []
        for _ in range(3):
            outcomes += [runner.run(ticket) for ticket in open_rings()]
        return outcomes

    return run


def heard(backend: Backend) -> Transcript:
    with backend.read() as session:
        return read_transcript(session.scalars(select(TranscriptRow)).one().document)


def telephone(path: Path, *channels: Sound, codec: str) -> Path:
    """The bare samples that a recorder without headers writes: those of a WAV without its header."""
    wav = write_recording(path.with_suffix(".wav"), *channels, rate=8000, codec=codec).read_bytes()
    path.write_bytes(wav[wav.index(b"data") + 8 :])
    return path


def send(backend: Backend, *files: Path, **more: Any) -> None:
    receive_call(backend, parse_call({**START, **more}), *files)


def test_one_file_per_side_is_heard_as_two_sides(
    backend: Backend, work: Callable[[], list[Outcome]], tmp_path: Path
) -> None:
    agent, customer = write_recording(tmp_path / "a.wav", FIRST), write_recording(tmp_path / "b.mp3", SECOND)
    sides = {"path": "a.wav", "other_side": "b.mp3", "channels": {"left": "customer"}}
    send(backend, agent, customer, recording=sides)
    assert work() == [Outcome.DONE] * 3
    transcript = heard(backend)
    assert transcript.layout is ChannelLayout.SEPARATE_FILES
    assert [(turn.speaker, turn.speaker_doubtful) for turn in transcript.turns] == [
        (Speaker.AGENT, False),
        (Speaker.CUSTOMER, False),
    ]
    assert transcript.turns[0].start_ms < 500 and transcript.turns[1].start_ms > 1500
    assert list((backend.settings.data_dir / "work").iterdir()) == []


@pytest.mark.parametrize(
    ("recording", "first"),
    [
        ({}, Speaker.AGENT),
        ({"line": "exchanged"}, Speaker.CUSTOMER),
        ({"line": "exchanged", "channels": {"left": "agent"}}, Speaker.AGENT),
        ({"channels": {"right": "agent"}}, Speaker.CUSTOMER),
    ],
    ids=["usual", "line", "call-over-line", "call"],
)
def test_the_line_says_who_is_on_which_channel(
    backend: Backend, work: Callable[[], list[Outcome]], tmp_path: Path, recording: dict[str, Any], first: Speaker
) -> None:
    send(backend, write_recording(tmp_path / "c.wav", FIRST, SECOND), recording={"path": "c.wav", **recording})
    assert set(work()) == {Outcome.DONE}
    assert heard(backend).turns[0].speaker is first


@pytest.mark.parametrize(
    ("line", "codec", "channels", "outcome"),
    [
        ("old", "pcm_alaw", (FIRST,), Outcome.DONE),
        ("old-stereo", "pcm_mulaw", (FIRST, SECOND), Outcome.DONE),
        (None, "pcm_alaw", (FIRST,), Outcome.REFUSED),
        ("exchanged", "pcm_alaw", (FIRST,), Outcome.REFUSED),
    ],
    ids=["alaw", "mulaw-stereo", "no-line", "line-with-headers"],
)
def test_a_headerless_file_is_heard_where_its_line_says_what_it_is(
    backend: Backend,
    work: Callable[[], list[Outcome]],
    tmp_path: Path,
    line: str | None,
    codec: str,
    channels: tuple[Sound, ...],
    outcome: Outcome,
) -> None:
    send(backend, telephone(tmp_path / "c.raw", *channels, codec=codec), recording={"path": "c.raw", "line": line})
    assert work()[0] is outcome
    if outcome is Outcome.DONE:
        transcript = heard(backend)
        assert abs(transcript.duration_ms - 4000) < 50
        assert transcript.layout is (ChannelLayout.MONO if len(channels) == 1 else ChannelLayout.STEREO)
        assert transcript.turns[0].text


def test_a_file_with_a_header_is_read_by_it_whatever_the_line_says(
    backend: Backend, work: Callable[[], list[Outcome]], tmp_path: Path
) -> None:
    send(backend, write_recording(tmp_path / "c.wav", FIRST, SECOND), recording={"path": "c.wav", "line": "old"})
    assert set(work()) == {Outcome.DONE}
    assert heard(backend).layout is ChannelLayout.STEREO


def test_one_file_as_both_sides_under_two_coats_is_refused(
    backend: Backend, work: Callable[[], list[Outcome]], tmp_path: Path
) -> None:
    same, again = write_recording(tmp_path / "a.wav", FIRST), write_recording(tmp_path / "b.flac", FIRST)
    send(backend, same, again)
    assert work() == [Outcome.REFUSED]
    with backend.read() as session:
        reason = session.scalars(select(CallStateRow.reason).order_by(CallStateRow.seq.desc())).first()
    assert reason and "两" in reason


def test_billing_that_comes_late_makes_the_recording_partial(
    backend: Backend, work: Callable[[], list[Outcome]], tmp_path: Path
) -> None:
    sound = np.concatenate([FIRST, FIRST])
    send(backend, write_recording(tmp_path / "c.wav", sound, np.concatenate([SECOND, SECOND])), agent_id="A1")
    assert set(work()) == {Outcome.DONE}
    assert DisclosureStatus.MISSING in duties(backend)
    send(backend, billed_seconds=60)
    assert set(work()) == {Outcome.DONE}
    assert DisclosureStatus.MISSING not in duties(backend)


def duties(backend: Backend) -> set[DisclosureStatus]:
    with backend.read() as session:
        row = session.scalars(select(AnalysisRow).where(AnalysisRow.current)).one()
    found = read_judged(row.document).analysis.disclosures
    return {found.agent.status, found.company.status, found.principal.status, found.recording.status}
