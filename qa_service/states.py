"""The states of a call, of a stage's task and of a review item, with the allowed moves as data.

Every move is stored as a row of its own (``call_state``, ``review_event``); the ``state`` columns are caches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qa_service.labelled import Labelled


class CallState(Labelled):
    """Where a call stands on its way from intake to judgement."""

    RECORDED = "recorded", "仅话单"
    RECEIVED = "received", "已接收"
    DECODING = "decoding", "解码"
    TRANSCRIBING = "transcribing", "转写"
    JUDGING = "judging", "质检"
    JUDGED = "judged", "已质检"
    REFUSED = "refused", "无法受理"
    QUARANTINED = "quarantined", "已隔离"


class ReviewState(Labelled):
    """Where a review item stands."""

    OPEN = "open", "待复核"
    CLAIMED = "claimed", "复核中"
    DECIDED = "decided", "已复核"
    APPEALED = "appealed", "申诉中"
    DECIDED_AGAIN = "decided_again", "申诉已复核"
    CLOSED = "closed", "已结案"


class Stage(Labelled):
    """The three kinds of work done to a call, in this order; each has a queue of its own."""

    DECODE = "decode", "解码"
    TRANSCRIBE = "transcribe", "转写"
    JUDGE = "judge", "质检"

    @property
    def next(self) -> Stage | None:
        """The stage that follows, None after the last."""
        return _NEXT[self]

    @property
    def state(self) -> CallState:
        """The state of a call that waits for this stage or is in it."""
        return _STATE[self]


class TaskStatus(Labelled):
    """Where one stage of one call stands in the queue."""

    WAITING = "waiting", "排队"
    RUNNING = "running", "处理中"
    DONE = "done", "完成"
    GIVEN_UP = "given_up", "已放弃"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One hand-out of one stage of one call; ``token`` grows with every hand-out."""

    call_id: str
    stage: Stage
    token: int


_NEXT: Mapping[Stage, Stage | None] = MappingProxyType(
    {Stage.DECODE: Stage.TRANSCRIBE, Stage.TRANSCRIBE: Stage.JUDGE, Stage.JUDGE: None}
)

_STATE: Mapping[Stage, CallState] = MappingProxyType(
    {Stage.DECODE: CallState.DECODING, Stage.TRANSCRIBE: CallState.TRANSCRIBING, Stage.JUDGE: CallState.JUDGING}
)

_GIVING_UP = frozenset({CallState.REFUSED, CallState.QUARANTINED})
_STAGES = frozenset(_STATE.values())

FIRST_CALL_STATES = frozenset({CallState.RECEIVED, CallState.RECORDED})

CALL_MOVES: Mapping[CallState, frozenset[CallState]] = MappingProxyType(
    {
        # The recording (or the transcript) of a dialler record came after it.
        CallState.RECORDED: frozenset({CallState.RECEIVED, CallState.JUDGING}),
        CallState.RECEIVED: frozenset({CallState.DECODING, CallState.JUDGING}) | _GIVING_UP,
        CallState.DECODING: frozenset({CallState.TRANSCRIBING}) | _GIVING_UP,
        CallState.TRANSCRIBING: frozenset({CallState.JUDGING}) | _GIVING_UP,
        CallState.JUDGING: frozenset({CallState.JUDGED, CallState.RECEIVED}) | _GIVING_UP,
        # What came later (a recording, call data, a person's word on who speaks) is judged anew; a recording that had
        # been refused may be tried again though the call was judged without it.
        CallState.JUDGED: frozenset({CallState.RECEIVED}) | _STAGES,
        # A person's retry puts a call back into the stage that failed; a dialler record gets its recording.
        CallState.REFUSED: _STAGES | {CallState.RECEIVED},
        CallState.QUARANTINED: _STAGES | {CallState.RECEIVED},
    }
)

FINAL_CALL_STATES = frozenset({CallState.RECORDED, CallState.JUDGED}) | _GIVING_UP

REVIEW_MOVES: Mapping[ReviewState, frozenset[ReviewState]] = MappingProxyType(
    {
        # Closed undecided: the call was judged anew, and nothing is left to look at.
        ReviewState.OPEN: frozenset({ReviewState.CLAIMED, ReviewState.CLOSED}),
        # Back to open: the reviewer released the item.
        ReviewState.CLAIMED: frozenset({ReviewState.OPEN, ReviewState.DECIDED, ReviewState.CLOSED}),
        # Back to open: the call was judged anew, and something is there that nobody has decided.
        ReviewState.DECIDED: frozenset({ReviewState.APPEALED, ReviewState.CLOSED, ReviewState.OPEN}),
        ReviewState.APPEALED: frozenset({ReviewState.DECIDED_AGAIN, ReviewState.OPEN}),
        ReviewState.DECIDED_AGAIN: frozenset({ReviewState.CLOSED, ReviewState.OPEN}),
        ReviewState.CLOSED: frozenset({ReviewState.OPEN}),
    }
)
