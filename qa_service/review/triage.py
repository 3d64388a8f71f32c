"""Which queue a judged call goes to, why, and when it is due, exactly as the contract's *Triage* says.

A call is in one queue, the most urgent; what argues for the others stays among its reasons. Working days are Monday
to Friday: a working day later is the same time of the next
working day (public holidays are not known to the service).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from qa_service.judgement import Analysis, Category, Finding, Queue, Reason, Severity, Triage

DISTRESS_HOURS = 1
WORKING_DAYS = {
    Queue.RED_LINE: 1,
    Queue.COMPLAINT: 1,
    Queue.VIOLATION: 3,
    Queue.CANNOT_JUDGE: 5,
    Queue.PROMISE: 3,
    Queue.SAMPLE: 5,
}
URGENCY = {queue: rank for rank, queue in enumerate(Queue)}
"""Rank of each queue, 0 the most urgent."""


def triage(analysis: Analysis, judged_at: datetime) -> Triage | None:
    """The queue of a call, or None where nobody needs to look."""
    reasons = sorted(_reasons(analysis), key=lambda reason: URGENCY[reason.queue])
    if not reasons:
        return None
    queue = reasons[0].queue
    return Triage(queue=queue, reasons=tuple(reasons), due_at=due(queue, judged_at))


def due(queue: Queue, since: datetime) -> datetime:
    """When an item of this queue must have been looked at."""
    if queue is Queue.DISTRESS:
        return since + timedelta(hours=DISTRESS_HOURS)
    left, moment = WORKING_DAYS[queue], since
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() < 5
    return moment


def _reasons(analysis: Analysis) -> Iterator[Reason]:
    for finding in analysis.findings:
        yield Reason(queue=queue_of(finding), text=_sentence(finding), rule=finding.rule, turn=finding.turn)
    for item in filter(lambda item: item.needs_person, analysis.cannot_judge):
        yield Reason(queue=Queue.CANNOT_JUDGE, text=item.because, rule=item.rule)


def queue_of(finding: Finding) -> Queue:
    """The queue that one finding argues for."""
    match finding.category:
        case Category.DISTRESS:
            return Queue.DISTRESS
        case Category.COMPLAINT:
            return Queue.COMPLAINT
        case Category.PROMISE:
            return Queue.PROMISE
        case Category.PRIVACY_LEAK:
            return Queue.RED_LINE
    return Queue.RED_LINE if finding.severity is Severity.VETO else Queue.VIOLATION


def _sentence(finding: Finding) -> str:
    doubt = "（待确认）" if finding.needs_confirmation else ""
    said = "，".join(item.text for item in finding.evidence[:2])
    return f"{finding.label}{doubt}：{said}"
