"""What is remembered of earlier calls for judging a later one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qa_service.call import Callee, DialOutcome, Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequest:
    """Words by which somebody asked not to be called, found in an earlier call by the rule of this id.

    ``doubtful`` where that finding still needs a person's confirmation.
    """

    rule: str
    words: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """What the frequency and contact rules need of an earlier call to the same debtor or number.

    ``connected`` is None where the call data does not say; ``debtor_speech_ms`` None where nothing was heard.
    ``stop_requests`` are what whoever answered asked of the caller, known once that call is judged.
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
    stop_requests: tuple[StopRequest, ...] = ()
