"""How a call went as sound: shares, silences, overlaps, interruptions, monologues, replies and pace, from times alone.

What each number means is said in ``qa_service/measures.py``, which also holds the limits. The events behind the numbers
are kept with them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median

from qa_service.call import ChannelLayout, NoiseKind, Speaker, Transcript, Turn
from qa_service.call import Span as Range
from qa_service.judgement import SpeakerMetrics, TalkEvent, TalkMetrics
from qa_service.measures import BREATH_MS, INTO_MS, LEAK_LIMIT_DB, PAUSE_MS, REPLY_MS

ONE_CHANNEL = "双方在同一声道，分不出是否同时说话。"
LEAKING = "两个声道串音（约 {leak:.0f} dB），分不出是同时说话还是串音。"

Activity = Mapping[Speaker, Sequence[Range]]


def talk_metrics(turns: Sequence[Turn], transcript: Transcript | None = None) -> TalkMetrics | None:
    """The metrics of a call: from each channel's speech where there is audio, else from the turns' times.

    None where there are no turns or the times say nothing (all zero).
    """
    timeline = _timeline(turns, transcript)
    total = sum(_length(spans) for spans in timeline.activity.values())
    if not turns or not total:
        return None
    unknown = _why_overlap_unknown(transcript)
    overlaps = [] if unknown else list(_overlaps(timeline.activity))
    interruptions = [] if unknown else list(_interruptions(timeline.activity))
    silences = list(_silences(timeline))
    sides = {speaker: _side(speaker, timeline, turns, total, None if unknown else interruptions) for speaker in Speaker}
    waiting = _length(_merged([*timeline.rings, *timeline.music]))
    return TalkMetrics(
        duration_ms=timeline.duration_ms,
        agent=sides[Speaker.AGENT],
        customer=sides[Speaker.CUSTOMER],
        silence_ms=sum(event.end_ms - event.start_ms for event in silences),
        longest_silence_ms=max((event.end_ms - event.start_ms for event in silences), default=0),
        overlap_ms=None if unknown else sum(event.end_ms - event.start_ms for event in overlaps),
        ring_back_ms=_length(timeline.rings),
        hold_ms=_length(timeline.music),
        waiting_share=round(waiting / timeline.duration_ms, 4) if timeline.duration_ms else 0.0,
        overlap_unknown=unknown,
        silences=tuple(silences),
        overlaps=tuple(overlaps),
        interruptions=tuple(interruptions),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timeline:
    """Who speaks when, and what else sounds; all in order and apart from one another."""

    duration_ms: int
    activity: Activity
    rings: Sequence[Range]
    music: Sequence[Range]
    tones: Sequence[Range]

    @property
    def heard(self) -> list[Range]:
        """Where anybody speaks."""
        return _merged(list(chain.from_iterable(self.activity.values())))

    @property
    def answered_ms(self) -> int:
        """Until when it rang before anybody spoke, 0 where it did not."""
        spoken = self.heard
        first = spoken[0].start_ms if spoken else self.duration_ms
        return max((ring.end_ms for ring in self.rings if ring.end_ms <= first), default=0)


def _timeline(turns: Sequence[Turn], transcript: Transcript | None) -> _Timeline:
    noises = transcript.noises if transcript else ()
    of = {kind: _merged([noise.span for noise in noises if noise.kind is kind]) for kind in NoiseKind}
    return _Timeline(
        duration_ms=transcript.duration_ms if transcript else max((turn.end_ms for turn in turns), default=0),
        activity=_activity(turns, transcript),
        rings=of[NoiseKind.RING_BACK],
        music=of[NoiseKind.HOLD_MUSIC],
        tones=of[NoiseKind.TONE],
    )


def _activity(turns: Sequence[Turn], transcript: Transcript | None) -> Activity:
    if transcript is not None and transcript.activity:
        return {speaker: transcript.activity.get(speaker, ()) for speaker in Speaker}
    return {
        speaker: _merged([Range(start_ms=t.start_ms, end_ms=t.end_ms) for t in turns if t.speaker is speaker])
        for speaker in Speaker
    }


def _why_overlap_unknown(transcript: Transcript | None) -> str | None:
    """Why nobody can tell who speaks at once, None where the channels (or the times sent) do."""
    if transcript is None:
        return None
    if not transcript.activity or transcript.layout in (ChannelLayout.MONO, ChannelLayout.DUAL_MONO):
        return ONE_CHANNEL
    leak = max(transcript.leak_db.values(), default=None)
    return LEAKING.format(leak=leak) if leak is not None and leak > LEAK_LIMIT_DB else None


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


def _silences(timeline: _Timeline) -> Iterator[TalkEvent]:
    """Where after the answer there is neither speech nor ringing, music or tone."""
    reached = timeline.answered_ms
    sounding = _merged([*timeline.heard, *timeline.rings, *timeline.music, *timeline.tones])
    for item in [*sounding, Range(start_ms=timeline.duration_ms, end_ms=timeline.duration_ms)]:
        if item.start_ms - reached >= PAUSE_MS:
            yield TalkEvent(start_ms=reached, end_ms=item.start_ms)
        reached = max(reached, item.end_ms)


def _overlaps(activity: Activity) -> Iterator[TalkEvent]:
    """Where both speak, by whom the second began."""
    one, other = activity[Speaker.AGENT], activity[Speaker.CUSTOMER]
    first = second = 0
    while first < len(one) and second < len(other):
        a, b = one[first], other[second]
        start, end = max(a.start_ms, b.start_ms), min(a.end_ms, b.end_ms)
        if end > start:
            by = Speaker.AGENT if a.start_ms > b.start_ms else Speaker.CUSTOMER
            yield TalkEvent(start_ms=start, end_ms=end, by=None if a.start_ms == b.start_ms else by)
        if a.end_ms <= b.end_ms:
            first += 1
        else:
            second += 1


def _interruptions(activity: Activity) -> list[TalkEvent]:
    """Where one side starts while the other is in the middle of speaking, until one of both stops."""
    found = [
        TalkEvent(start_ms=own.start_ms, end_ms=min(own.end_ms, cut.end_ms), by=speaker)
        for speaker in Speaker
        for own in activity[speaker]
        if (cut := _cut_short(own, activity[_other(speaker)])) is not None
    ]
    return sorted(found, key=lambda event: event.start_ms)


def _cut_short(own: Range, other: Sequence[Range]) -> Range | None:
    """The speech of the other side that ``own`` starts in the middle of."""
    # Stretches of one side are in order and apart: only the last that has begun by then can still be going on.
    begun = bisect_right(other, own.start_ms - INTO_MS, key=_start)
    before = other[begun - 1] if begun else None
    return before if before is not None and own.start_ms + INTO_MS <= before.end_ms else None


def _side(
    speaker: Speaker,
    timeline: _Timeline,
    turns: Sequence[Turn],
    total: int,
    interruptions: Sequence[TalkEvent] | None,
) -> SpeakerMetrics:
    characters = sum(sum(map(str.isalnum, turn.text)) for turn in turns if turn.speaker is speaker)
    own, other = timeline.activity[speaker], timeline.activity[_other(speaker)]
    speech = _length(own)
    replies = list(_replies(own, other, timeline.music))
    return SpeakerMetrics(
        speech_ms=speech,
        talk_share=round(speech / total, 4),
        chars_per_minute=round(characters * 60_000 / speech, 1) if speech else None,
        interruptions=None if interruptions is None else sum(event.by is speaker for event in interruptions),
        monologue_ms=_longest_monologue(own, other),
        response_ms=round(median(replies)) if replies else None,
    )


def _longest_monologue(own: Sequence[Range], other: Sequence[Range]) -> int:
    """The longest stretch of one side, over short pauses and short sounds of the other."""
    replies = [reply for reply in other if reply.end_ms - reply.start_ms >= REPLY_MS]
    longest, start = 0, own[0].start_ms if own else 0
    for before, item in zip([None, *own], own, strict=False):
        if before is not None:
            # A reply that began in the speech before ends the monologue as well as one in the pause.
            replied = any(before.start_ms < reply.start_ms < item.start_ms for reply in replies)
            if replied or item.start_ms - before.end_ms > BREATH_MS:
                start = item.start_ms
        longest = max(longest, item.end_ms - start)
    return longest


def _replies(own: Sequence[Range], other: Sequence[Range], music: Sequence[Range]) -> Iterator[int]:
    """How long one side waits, each time it takes over, after the other has stopped."""
    for before, item in zip([None, *own], own, strict=False):
        begun = bisect_left(other, item.start_ms, key=_start)
        last = other[begun - 1] if begun else None
        if last is None or last.end_ms > item.start_ms or (before is not None and last.end_ms <= before.end_ms):
            continue
        pause = Range(start_ms=last.end_ms, end_ms=item.start_ms)
        if not any(m.start_ms < pause.end_ms and pause.start_ms < m.end_ms for m in music):
            yield pause.end_ms - pause.start_ms


def _start(item: Range) -> int:
    return item.start_ms


def _other(speaker: Speaker) -> Speaker:
    return Speaker.CUSTOMER if speaker is Speaker.AGENT else Speaker.AGENT
