"""From the service's own types to the JSON of the contract: seconds for milliseconds, one quote per finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from api.rule_schemas import GroundOut
from api.schemas import (
    AnalysisOut,
    CallDetailOut,
    CallOut,
    CannotJudgeOut,
    ChecklistOut,
    DisclosuresOut,
    EventOut,
    FindingOut,
    MarkOut,
    MeasureOut,
    MetricsOut,
    MoveOut,
    PromiseBrief,
    ReasonOut,
    ReviewItemOut,
    SideOut,
    SpikeOut,
)
from api.transcript_schemas import DefinitionsOut, NoiseOut, QualityOut, TranscriptOut, TurnOut, VoicesOut
from qa_service.actions.views import CallDetail, ReviewItemView, TranscriptView
from qa_service.call import ChannelQuality, Noise
from qa_service.documents import call_document
from qa_service.judgement import Analysis, CallFact, Finding, Judged, SpeakerMetrics, TalkEvent, TalkMetrics
from qa_service.measures import QUALITY, SIDE, SOUND, TALK, Measure
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
    """The turns of a call, and what is known of its sound."""
    heard, word = view.heard, view.word
    return TranscriptOut(
        call_id=view.call_id,
        turns=[TurnOut.model_validate(turn_document(turn)) for turn in view.turns],
        engine=heard.engine if heard is not None else None,
        duration=heard.duration_ms / 1000 if heard is not None else None,
        partial=heard.partial if heard is not None else None,
        layout=heard.layout if heard is not None else None,
        voices=VoicesOut(
            roles=dict(view.voices),
            said_by=word.actor if word is not None else None,
            said_at=word.at if word is not None else None,
        ),
        quality=[_quality_out(channel) for channel in (heard.quality if heard is not None else ())],
        noises=[_noise_out(noise) for noise in (heard.noises if heard is not None else ())],
        leak_db=dict(heard.leak_db) if heard is not None else {},
        definitions=DefinitionsOut(quality=_measures_out(QUALITY), sound=_measures_out(SOUND)),
    )


def _quality_out(channel: ChannelQuality) -> QualityOut:
    return QualityOut(
        voice=channel.voice,
        grade=channel.grade,
        word=channel.grade.label,
        because=channel.because,
        level_db=channel.level_db,
        clipped=channel.clipped,
        noise_db=channel.noise_db,
        bandwidth_hz=channel.bandwidth_hz,
        dropouts=channel.dropouts,
    )


def _noise_out(noise: Noise) -> NoiseOut:
    span = noise.span
    return NoiseOut(kind=noise.kind, voice=noise.voice, start=span.start_ms / 1000, end=span.end_ms / 1000)


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
        ground=None if finding.ground is None else GroundOut(**asdict(finding.ground)),
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
        overlap=_seconds(metrics.overlap_ms),
        overlap_unknown=metrics.overlap_unknown,
        ring_back=metrics.ring_back_ms / 1000,
        hold=metrics.hold_ms / 1000,
        waiting_share=metrics.waiting_share,
        silences=[_event_out(event) for event in metrics.silences],
        overlaps=[_event_out(event) for event in metrics.overlaps],
        interruptions=[_event_out(event) for event in metrics.interruptions],
        definitions=_measures_out({**TALK, **SIDE}),
    )


def _measures_out(measures: Mapping[str, Measure]) -> dict[str, MeasureOut]:
    return {key: MeasureOut.model_validate(measure) for key, measure in measures.items()}


def _event_out(event: TalkEvent) -> EventOut:
    return EventOut(start=event.start_ms / 1000, end=event.end_ms / 1000, by=event.by)


def _side_out(side: SpeakerMetrics) -> SideOut:
    return SideOut(
        speech=side.speech_ms / 1000,
        talk_share=side.talk_share,
        chars_per_minute=side.chars_per_minute,
        interruptions=side.interruptions,
        monologue=side.monologue_ms / 1000,
        response=_seconds(side.response_ms),
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
