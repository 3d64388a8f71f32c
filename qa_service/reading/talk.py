"""How a call went as sound: shares, silences, overlaps, interruptions and pace, from the times alone.

Definitions: *talk share* is a side's speech over all speech; *silence* is time in which nobody speaks, of at least
``PAUSE_MS``; an *interruption* is a side starting to speak while the other has been speaking for at least
``INTO_MS`` and goes on for ``INTO_MS`` more (house values).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa_service.call import Span as Range
from qa_service.call import Speaker, Transcript, Turn
from qa_service.judgement import SpeakerMetrics, TalkMetrics

PAUSE_MS = 300
INTO_MS = 300


def talk_metrics(turns: Sequence[Turn], transcript: Transcript | None = None) -> TalkMetrics | None:
    """The metrics of a call: from each channel's speech where there is audio, else from the turns' times.

    None where there are no turns or the times say nothing (all zero).
    """
    activity = _activity(turns, transcript)
    duration = transcript.duration_ms if transcript else max((turn.end_ms for turn in turns), default=0)
    speech = {speaker: _length(activity[speaker]) for speaker in Speaker}
    total = sum(speech.values())
    if not turns or not total:
        return None
    overlaps = _overlaps(activity[Speaker.AGENT], activity[Speaker.CUSTOMER])
    gaps = _silences([*activity[Speaker.AGENT], *activity[Speaker.CUSTOMER]], duration)
    sides = {speaker: _side(speaker, activity, speech, total, turns) for speaker in Speaker}
    return TalkMetrics(
        duration_ms=duration,
        agent=sides[Speaker.AGENT],
        customer=sides[Speaker.CUSTOMER],
        silence_ms=sum(gaps),
        longest_silence_ms=max(gaps, default=0),
        overlap_ms=sum(overlaps),
    )


def _activity(turns: Sequence[Turn], transcript: Transcript | None) -> Mapping[Speaker, Sequence[Range]]:
    if transcript is not None and transcript.activity:
        return {speaker: transcript.activity.get(speaker, ()) for speaker in Speaker}
    return {
        speaker: _merged([Range(start_ms=t.start_ms, end_ms=t.end_ms) for t in turns if t.speaker is speaker])
        for speaker in Speaker
    }


def _merged(ranges: Sequence[Range]) -> list[Range]:
    merged: list[Range] = []
    for item in sorted(ranges, key=lambda r: r.start_ms):
        if merged and item.start_ms <= merged[-1].end_ms:
            merged[-1] = Range(start_ms=merged[-1].start_ms, end_ms=max(merged[-1].end_ms, item.end_ms))
        else:
            merged.append(item)
    return merged


def _length(ranges: Sequence[Range]) -> int:
    return sum(item.end_ms - item.start_ms for item in ranges)


def _overlaps(one: Sequence[Range], other: Sequence[Range]) -> list[int]:
    found: list[int] = []
    first = second = 0
    while first < len(one) and second < len(other):
        a, b = one[first], other[second]
        common = min(a.end_ms, b.end_ms) - max(a.start_ms, b.start_ms)
        if common > 0:
            found.append(common)
        if a.end_ms <= b.end_ms:
            first += 1
        else:
            second += 1
    return found


def _silences(ranges: Sequence[Range], duration: int) -> list[int]:
    gaps, heard = [], 0
    for item in _merged(ranges):
        gaps.append(item.start_ms - heard)
        heard = item.end_ms
    gaps.append(duration - heard)
    return [gap for gap in gaps if gap >= PAUSE_MS]


def _side(
    speaker: Speaker,
    activity: Mapping[Speaker, Sequence[Range]],
    speech: Mapping[Speaker, int],
    total: int,
    turns: Sequence[Turn],
) -> SpeakerMetrics:
    other = Speaker.CUSTOMER if speaker is Speaker.AGENT else Speaker.AGENT
    characters = sum(sum(map(str.isalnum, turn.text)) for turn in turns if turn.speaker is speaker)
    own = speech[speaker]
    return SpeakerMetrics(
        speech_ms=own,
        talk_share=round(own / total, 4),
        chars_per_minute=round(characters * 60_000 / own, 1) if own else None,
        interruptions=_interruptions(activity[speaker], activity[other]),
    )


def _interruptions(own: Sequence[Range], other: Sequence[Range]) -> int:
    """How often one side starts while the other is in the middle of speaking."""
    return sum(any(b.start_ms + INTO_MS <= a.start_ms and a.start_ms + INTO_MS <= b.end_ms for b in other) for a in own)
