"""Talk metrics from times: shares, silence, overlap, interruptions, monologues, replies, waiting, pace."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from qa_service.call import ChannelLayout, Noise, NoiseKind, Span, Speaker, Transcript, Turn, Voice
from qa_service.judgement import TalkEvent, TalkMetrics
from qa_service.reading.talk import ONE_CHANNEL, talk_metrics

A, C = Speaker.AGENT, Speaker.CUSTOMER
RING, MUSIC, TONE = NoiseKind.RING_BACK, NoiseKind.HOLD_MUSIC, NoiseKind.TONE


def turn(speaker: Speaker, start: int, end: int, text: str = "一二三四五六七八九十") -> Turn:
    return Turn(speaker=speaker, start_ms=start, end_ms=end, text=text)


def test_shares_silence_and_pace() -> None:
    metrics = talk_metrics([turn(Speaker.AGENT, 0, 6000), turn(Speaker.CUSTOMER, 8000, 10_000)])
    assert metrics is not None
    assert (metrics.agent.talk_share, metrics.customer.talk_share) == (0.75, 0.25)
    assert (metrics.silence_ms, metrics.longest_silence_ms, metrics.overlap_ms) == (2000, 2000, 0)
    assert (metrics.agent.chars_per_minute, metrics.customer.chars_per_minute) == (100.0, 300.0)


def test_who_starts_in_the_middle_of_the_other_interrupts() -> None:
    metrics = talk_metrics([turn(Speaker.CUSTOMER, 0, 4000), turn(Speaker.AGENT, 2000, 5000)])
    assert metrics is not None
    assert (metrics.agent.interruptions, metrics.customer.interruptions, metrics.overlap_ms) == (1, 0, 2000)


def test_a_near_simultaneous_start_interrupts_nobody() -> None:
    metrics = talk_metrics([turn(Speaker.CUSTOMER, 0, 4000), turn(Speaker.AGENT, 200, 5000)])
    assert metrics is not None
    assert (metrics.agent.interruptions, metrics.customer.interruptions) == (0, 0)


def test_the_channels_own_speech_is_preferred_to_turn_times() -> None:
    transcript = Transcript(
        turns=(turn(Speaker.AGENT, 0, 9000), turn(Speaker.CUSTOMER, 9000, 10_000)),
        duration_ms=20_000,
        engine="e",
        activity={
            Speaker.AGENT: (Span(start_ms=0, end_ms=1000), Span(start_ms=4000, end_ms=5000)),
            Speaker.CUSTOMER: (Span(start_ms=9000, end_ms=10_000),),
        },
    )
    metrics = talk_metrics(transcript.turns, transcript)
    assert metrics is not None
    assert (metrics.agent.speech_ms, metrics.silence_ms, metrics.longest_silence_ms) == (2000, 17_000, 10_000)


def test_nothing_said_has_no_metrics() -> None:
    assert talk_metrics([]) is None
    assert talk_metrics([turn(Speaker.AGENT, 0, 0)]) is None


def span(start: float, end: float) -> Span:
    return Span(start_ms=round(start * 1000), end_ms=round(end * 1000))


def event(start: float, end: float, by: Speaker | None = None) -> TalkEvent:
    return TalkEvent(start_ms=round(start * 1000), end_ms=round(end * 1000), by=by)


def heard(
    agent: Sequence[tuple[float, float]],
    customer: Sequence[tuple[float, float]],
    *,
    noises: Sequence[tuple[NoiseKind, float, float]] = (),
    seconds: int = 60,
    leak: float | None = None,
    layout: ChannelLayout = ChannelLayout.STEREO,
) -> TalkMetrics:
    """The metrics of a stereo call by who speaks when, in seconds."""
    transcript = Transcript(
        turns=(turn(A, 0, 1000),),
        duration_ms=seconds * 1000,
        engine="e",
        activity={A: tuple(span(*one) for one in agent), C: tuple(span(*one) for one in customer)},
        noises=tuple(Noise(kind=kind, voice=Voice.RIGHT, span=span(*at)) for kind, *at in noises),
        layout=layout,
        leak_db={} if leak is None else {C: leak},
    )
    metrics = talk_metrics(transcript.turns, transcript)
    assert metrics is not None
    return metrics


def test_the_events_behind_the_numbers_are_kept() -> None:
    metrics = heard([(0, 5), (10, 14)], [(4, 8), (11, 12)], seconds=20)
    assert metrics.silences == (event(8, 10), event(14, 20))
    assert metrics.overlaps == (event(4, 5, C), event(11, 12, C))
    assert metrics.interruptions == (event(4, 5, C), event(11, 12, C))
    assert (metrics.silence_ms, metrics.longest_silence_ms, metrics.overlap_ms) == (8000, 6000, 2000)


@pytest.mark.parametrize(
    ("noises", "silences"),
    [
        ([], [event(0, 12), event(20, 30)]),
        ([(RING, 1, 7)], [event(7, 12), event(20, 30)]),
        ([(RING, 1, 2), (RING, 6, 11.8)], [event(20, 30)]),
        ([(MUSIC, 21, 29)], [event(0, 12), event(20, 21), event(29, 30)]),
        ([(TONE, 20, 24)], [event(0, 12), event(24, 30)]),
        ([(RING, 21, 25)], [event(0, 12), event(20, 21), event(25, 30)]),
    ],
    ids=["none", "ring-back-before-the-answer", "rings-apart", "hold-music", "busy-tone", "ring-in-mid-call"],
)
def test_silence_is_no_waiting(noises: list[tuple[NoiseKind, float, float]], silences: list[TalkEvent]) -> None:
    assert heard([(12, 20)], [], noises=noises, seconds=30).silences == tuple(silences)


def test_waiting_is_its_own_number() -> None:
    metrics = heard([(12, 20)], [], noises=[(RING, 1, 6), (MUSIC, 30, 40), (MUSIC, 35, 45)])
    assert (metrics.ring_back_ms, metrics.hold_ms, metrics.waiting_share) == (5000, 15_000, 0.3333)


@pytest.mark.parametrize(
    ("agent", "customer", "longest"),
    [
        ([(0, 10)], [], 10),
        ([(0, 10), (11.5, 20)], [], 20),
        ([(0, 10), (12.5, 20)], [], 10),
        ([(0, 10), (11, 20)], [(10.1, 10.6)], 20),
        ([(0, 10), (12, 20)], [(10.2, 11.8)], 10),
        ([(0, 10), (10.5, 20)], [(9, 10.4)], 10),
        ([], [(0, 10)], 0),
    ],
    ids=["one", "short-pause", "long-pause", "back-channel", "reply", "reply-begun-in-speech", "nothing-said"],
)
def test_the_longest_monologue(
    agent: list[tuple[float, float]], customer: list[tuple[float, float]], longest: int
) -> None:
    assert heard(agent, customer).agent.monologue_ms == longest * 1000


@pytest.mark.parametrize(
    ("agent", "customer", "noises", "seconds"),
    [
        ([(5, 6)], [(0, 4)], [], 1.0),
        ([(5, 6), (14, 15), (22, 23)], [(0, 4), (10, 12), (20, 21.5)], [], 1.0),
        ([(3, 6)], [(0, 4)], [], None),
        ([(5, 6), (7, 8)], [(0, 4)], [], 1.0),
        ([(30, 31)], [(0, 4)], [(MUSIC, 5, 29)], None),
        ([(0, 4)], [(5, 6)], [], None),
    ],
    ids=["one", "median", "overlapping", "own-pause", "across-hold-music", "never-second"],
)
def test_the_reply_takes_so_long(
    agent: list[tuple[float, float]],
    customer: list[tuple[float, float]],
    noises: list[tuple[NoiseKind, float, float]],
    seconds: float | None,
) -> None:
    found = heard(agent, customer, noises=noises).agent.response_ms
    assert found == (None if seconds is None else seconds * 1000)


@pytest.mark.parametrize(("leak", "known"), [(None, True), (-40.0, True), (-15.5, True), (-14.0, False), (-6.0, False)])
def test_a_leaking_channel_tells_nothing_of_overlap(leak: float | None, known: bool) -> None:
    metrics = heard([(0, 5)], [(4, 8)], leak=leak)
    assert (metrics.overlap_ms, metrics.customer.interruptions) == ((1000, 1) if known else (None, None))
    assert (metrics.overlaps == ()) is not known
    assert (metrics.overlap_unknown is None) is known
    assert known or f"约 {leak:.0f} dB" in (metrics.overlap_unknown or "")


def test_one_channel_tells_nothing_of_overlap() -> None:
    transcript = Transcript(
        turns=(turn(A, 0, 4000), turn(C, 3000, 6000)), duration_ms=8000, engine="e", layout=ChannelLayout.MONO
    )
    metrics = talk_metrics(transcript.turns, transcript)
    assert metrics is not None
    assert (metrics.overlap_ms, metrics.agent.interruptions, metrics.overlap_unknown) == (None, None, ONE_CHANNEL)
    assert (metrics.silence_ms, metrics.agent.speech_ms) == (2000, 4000)
