"""From the service's own types to the JSON of the contract: seconds for milliseconds, one quote per finding."""

from __future__ import annotations

from api.schemas import (
    AnalysisOut,
    CallDetailOut,
    CallOut,
    CannotJudgeOut,
    ChecklistOut,
    DisclosuresOut,
    FindingOut,
    MarkOut,
    MetricsOut,
    MoveOut,
    PromiseBrief,
    ReasonOut,
    ReviewItemOut,
    SideOut,
    SpikeOut,
    TranscriptOut,
    TurnOut,
)
from qa_service.actions.views import CallDetail, ReviewItemView, TranscriptView
from qa_service.documents import call_document
from qa_service.judgement import Analysis, CallFact, Finding, Judged, SpeakerMetrics, TalkMetrics
from qa_service.turn_documents import turn_document


def call_detail_out(detail: CallDetail) -> CallDetailOut:
    """One call; its turns are left to the transcript."""
    document = call_document(detail.call)
    document.pop("turns", None)
    return CallDetailOut(
        **CallOut.model_validate(detail.view).model_dump(),
        call=document,
        moves=[MoveOut.model_validate(move) for move in detail.moves],
        review_item=detail.review_item,
    )


def transcript_out(view: TranscriptView) -> TranscriptOut:
    """The turns of a call."""
    return TranscriptOut(
        call_id=view.call_id,
        turns=[TurnOut.model_validate(turn_document(turn)) for turn in view.turns],
        engine=view.engine,
        duration=None if view.duration_ms is None else view.duration_ms / 1000,
        partial=view.partial,
    )


def finding_out(number: int, finding: Finding) -> FindingOut:
    """A finding with its first quote in the foreground; ``number`` is what a decision names."""
    quote = finding.quotes[0] if finding.quotes else None
    return FindingOut(
        number=number,
        category=finding.category,
        rule=finding.rule,
        label=finding.label,
        severity=finding.severity,
        status=finding.status,
        speaker=finding.speaker,
        turn=finding.turn,
        quote=quote.text if quote is not None else None,
        start=quote.start if quote is not None else None,
        end=quote.end if quote is not None else None,
        facts=[item.text for item in finding.evidence if isinstance(item, CallFact)],
        confidence=finding.confidence,
        heard=finding.heard,
        heard_least=finding.heard_least,
        play_from=_seconds(quote.start_ms) if quote is not None else None,
        play_to=_seconds(quote.end_ms) if quote is not None else None,
        by=finding.by,
        needs_confirmation=finding.needs_confirmation,
        because=finding.because,
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def analysis_out(judged: Judged) -> AnalysisOut:
    """Everything judged of a call."""
    analysis = judged.analysis
    duties = analysis.disclosures
    return AnalysisOut(
        call_id=analysis.call_id,
        disclosures=DisclosuresOut(
            agent=duties.agent.status,
            company=duties.company.status,
            principal=duties.principal.status,
            recording=duties.recording.status,
        ),
        checklist=ChecklistOut.model_validate(analysis.checklist),
        findings=[finding_out(number, finding) for number, finding in enumerate(analysis.findings)],
        cannot_judge=[CannotJudgeOut.model_validate(item) for item in analysis.cannot_judge],
        emotion=[SpikeOut.model_validate(spike) for spike in analysis.emotion],
        promises=promises_out(analysis),
        metrics=_metrics_out(analysis.metrics),
        scorecard=MarkOut.model_validate(judged.scorecard),
        rulebook=analysis.rulebook,
        engine=analysis.engine,
    )


def promises_out(analysis: Analysis) -> list[PromiseBrief]:
    """The promises of a call."""
    return [PromiseBrief.model_validate(promise) for promise in analysis.promises]


def _metrics_out(metrics: TalkMetrics | None) -> MetricsOut | None:
    if metrics is None:
        return None
    return MetricsOut(
        duration=metrics.duration_ms / 1000,
        agent=_side_out(metrics.agent),
        customer=_side_out(metrics.customer),
        silence=metrics.silence_ms / 1000,
        longest_silence=metrics.longest_silence_ms / 1000,
        overlap=metrics.overlap_ms / 1000,
    )


def _side_out(side: SpeakerMetrics) -> SideOut:
    return SideOut(
        speech=side.speech_ms / 1000,
        talk_share=side.talk_share,
        chars_per_minute=side.chars_per_minute,
        interruptions=side.interruptions,
    )


def review_item_out(view: ReviewItemView) -> ReviewItemOut:
    """One review item with its gravest finding."""
    worst = None
    if view.worst is not None:
        worst = finding_out(view.analysis.findings.index(view.worst), view.worst)
    return ReviewItemOut(
        id=view.id,
        call_id=view.call_id,
        started_at=view.started_at,
        agent_id=view.agent_id,
        team=view.team,
        queue=view.queue,
        due_at=view.due_at,
        state=view.state,
        claimed_by=view.claimed_by,
        reasons=[ReasonOut.model_validate(reason) for reason in view.reasons],
        machine_mark=view.machine_mark,
        mark=view.mark,
        veto=view.veto,
        worst=worst,
        worst_at=None if view.worst_at_ms is None else view.worst_at_ms / 1000,
        promises=promises_out(view.analysis),
    )
