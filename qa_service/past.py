"""What is remembered of earlier calls for judging a later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from qa_service.call import Callee, DialOutcome, Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequest:
    """Words by which somebody asked not to be called, found in an earlier call by the rule of this id.

    ``doubtful`` where that finding still needs a person's confirmation. ``acknowledged`` is whether the agent took note
    of it, None where that is not known; ``by_third_party`` whether somebody else than the debtor asked.
    """

    rule: str
    words: str
    doubtful: bool = False
    acknowledged: bool | None = None
    by_third_party: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDeadline:
    """Words by which an agent named a last day, and that day in the zone of the call."""

    words: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPayment:
    """One instalment of a promise that stood at the end of an earlier call: yuan and local date, None where open."""

    amount: Decimal | None
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the judgement of a call keeps for later ones besides its findings and promises."""

    stop_requests: tuple[StopRequest, ...] = ()
    deadlines: tuple[StatedDeadline, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """What a later call to the same debtor or number needs to know of an earlier one.

    ``connected`` is None where the call data does not say; ``debtor_speech_ms`` None where nothing was heard.
    ``stop_requests`` are what whoever answered asked of the caller, ``deadlines`` what the agent named as the last day
    and ``promises`` what the debtor would pay, all known once that call is judged.
    """

    call_id: str
    started_at: datetime
    direction: Direction
    debtor_id: str | None
    number_id: str | None
    callee: Callee
    connected: bool | None
    debtor_speech_ms: int | None
    outcome: DialOutcome | None = None
    billed_seconds: int | None = None
    caller_id: str | None = None
    stop_requests: tuple[StopRequest, ...] = ()
    deadlines: tuple[StatedDeadline, ...] = ()
    promises: tuple[PastPayment, ...] = ()
