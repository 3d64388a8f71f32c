"""Talk metrics from times: shares, silence, overlap, interruptions, pace."""

from __future__ import annotations

from qa_service.call import Span, Speaker, Transcript, Turn
from qa_service.reading.talk import talk_metrics


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
