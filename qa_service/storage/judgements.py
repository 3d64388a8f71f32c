"""Writing what was heard and judged of a call, with the rows that lists are filtered by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from qa_service.call import Transcript
from qa_service.judgement import Finding, Judged
from qa_service.storage.payloads import judged_document, transcript_document
from qa_service.storage.tables import AnalysisRow, CallRow, FindingRow, PromisePaymentRow, TranscriptRow


def write_transcript(
    session: Session,
    call_id: str,
    transcript: Transcript,
    *,
    debtor_speech_ms: int | None,
    token: int,
    now: datetime,
) -> None:
    """Keep the transcript of a call, in place of an earlier one, and how long whoever answered spoke."""
    session.merge(
        TranscriptRow(
            call_id=call_id,
            token=token,
            document=transcript_document(transcript),
            engine=transcript.engine,
            created_at=now,
        )
    )
    session.get_one(CallRow, call_id).debtor_speech_ms = debtor_speech_ms


def write_judgement(session: Session, judged: Judged, *, token: int, now: datetime) -> AnalysisRow:
    """Keep a judgement as the current one, its findings and instalments as rows."""
    call = session.get_one(CallRow, judged.analysis.call_id)
    earlier = update(AnalysisRow).where(AnalysisRow.call_id == call.call_id, AnalysisRow.current)
    session.execute(earlier.values(current=False))
    row = AnalysisRow(
        call_id=call.call_id,
        token=token,
        current=True,
        document=judged_document(judged),
        rulebook=judged.analysis.rulebook,
        engine=judged.analysis.engine,
        mark=judged.scorecard.mark,
        veto=judged.scorecard.veto,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(_finding(row, n, finding) for n, finding in enumerate(judged.analysis.findings))
    session.add_all(_payments(row, judged))
    return row


def _finding(row: AnalysisRow, n: int, finding: Finding) -> FindingRow:
    quotes = finding.quotes
    return FindingRow(
        analysis_id=row.id,
        n=n,
        call_id=row.call_id,
        category=finding.category,
        rule=finding.rule,
        severity=finding.severity,
        status=finding.status,
        speaker=finding.speaker,
        turn=finding.turn,
        quote=quotes[0].text if quotes else None,
        needs_confirmation=finding.needs_confirmation,
    )


def _payments(row: AnalysisRow, judged: Judged) -> list[PromisePaymentRow]:
    return [
        PromisePaymentRow(
            analysis_id=row.id,
            promise=place,
            n=n,
            call_id=row.call_id,
            amount=payment.amount,
            due=payment.due,
            standing=promise.standing,
        )
        for place, promise in enumerate(judged.analysis.promises)
        for n, payment in enumerate(promise.payments)
    ]
