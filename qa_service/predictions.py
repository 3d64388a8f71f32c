"""The line that ``qa-service judge`` prints of a call, and the same for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from qa_service.call import Call, Speaker
from qa_service.judgement import (
    CallFact,
    Category,
    Disclosure,
    EmotionSpike,
    Finding,
    Judged,
    Promise,
    Scorecard,
    SpeakerMetrics,
    TalkEvent,
    TalkMetrics,
    VetoState,
)
from qa_service.measures import SIDE, TALK, Measure

DISCLOSURE_LABELS = {"agent": "坐席身份", "company": "机构名称", "principal": "委托方", "recording": "录音告知"}
CHECKLIST_LABELS = {"greeting": "礼貌问候", "verification": "核实本人", "recap": "复述承诺", "closing": "礼貌结束"}
_TICKS = {True: "是", False: "否", None: "—"}


def prediction_line(judged: Judged) -> dict[str, Any]:
    """The JSON object of the contract's *Verdicts*: seconds for milliseconds, numbers for money."""
    analysis = judged.analysis
    disclosures = {key: getattr(analysis.disclosures, key) for key in DISCLOSURE_LABELS}
    return {
        "call_id": analysis.call_id,
        "disclosures": {key: value.status.value for key, value in disclosures.items()},
        "checklist": {key: getattr(analysis.checklist, key) for key in CHECKLIST_LABELS},
        "findings": [_finding(f) for f in analysis.findings if f.category is not Category.EMOTION],
        "cannot_judge": [{"rule": item.rule, "because": item.because} for item in analysis.cannot_judge],
        "emotion": [_spike(spike, analysis.findings) for spike in analysis.emotion],
        "promises": [_promise(promise) for promise in analysis.promises],
        "metrics": _metrics(analysis.metrics),
        "scorecard": _scorecard(judged.scorecard),
        "queue": judged.triage.queue.value if judged.triage else None,
        "rulebook": analysis.rulebook,
        "engine": analysis.engine,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    quote = finding.quotes[0] if finding.quotes else None
    return {
        "category": finding.category.value,
        "rule": finding.rule,
        "label": finding.label,
        "severity": finding.severity.value,
        "status": finding.status.value,
        "speaker": finding.speaker.value,
        "turn": finding.turn,
        "quote": quote.text if quote else None,
        "start": quote.start if quote else None,
        "end": quote.end if quote else None,
        "facts": [item.text for item in finding.evidence if isinstance(item, CallFact)],
        "confidence": finding.confidence,
        "heard": finding.heard,
        "heard_least": finding.heard_least,
        "play_from": _seconds(quote.start_ms) if quote else None,
        "play_to": _seconds(quote.end_ms) if quote else None,
        "by": finding.by.value,
        "needs_confirmation": finding.needs_confirmation,
        "because": finding.because,
        "ground": None if finding.ground is None else asdict(finding.ground),
    }


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _spike(spike: EmotionSpike, findings: Sequence[Finding]) -> dict[str, Any]:
    """A spike with the rules that found it; those are told here and not among the findings."""
    rules = [f.rule for f in findings if f.category is Category.EMOTION and f.turn == spike.turn]
    return {
        "speaker": spike.speaker.value,
        "turn": spike.turn,
        "signals": list(spike.signals),
        "rules": rules,
        "sound_alone": spike.sound_alone,
    }


def _promise(promise: Promise) -> dict[str, Any]:
    payments = [
        {
            "amount": None if payment.amount is None else float(payment.amount),
            "due": payment.due.isoformat() if payment.due else None,
        }
        for payment in promise.payments
    ]
    return {"turns": list(promise.turns), "payments": payments, "standing": promise.standing}


def _metrics(metrics: TalkMetrics | None) -> dict[str, Any] | None:
    if metrics is None:
        return None
    return {
        "duration": metrics.duration_ms / 1000,
        "agent": _side(metrics.agent),
        "customer": _side(metrics.customer),
        "silence": metrics.silence_ms / 1000,
        "longest_silence": metrics.longest_silence_ms / 1000,
        "overlap": None if metrics.overlap_ms is None else metrics.overlap_ms / 1000,
        "overlap_unknown": metrics.overlap_unknown,
        "ring_back": metrics.ring_back_ms / 1000,
        "hold": metrics.hold_ms / 1000,
        "waiting_share": metrics.waiting_share,
        "silences": [_event(event) for event in metrics.silences],
        "overlaps": [_event(event) for event in metrics.overlaps],
        "interruptions": [_event(event) for event in metrics.interruptions],
    }


def _event(event: TalkEvent) -> dict[str, Any]:
    by = {} if event.by is None else {"by": event.by.value}
    return {"start": event.start_ms / 1000, "end": event.end_ms / 1000, **by}


def _side(side: SpeakerMetrics) -> dict[str, Any]:
    return {
        "speech": side.speech_ms / 1000,
        "talk_share": side.talk_share,
        "chars_per_minute": side.chars_per_minute,
        "interruptions": side.interruptions,
        "monologue": side.monologue_ms / 1000,
        "response": None if side.response_ms is None else side.response_ms / 1000,
    }


def _scorecard(scorecard: Scorecard) -> dict[str, Any]:
    return {
        "mark": scorecard.mark,
        "veto": scorecard.veto.value,
        "scheme": scorecard.scheme,
        "deductions": [
            {"rule": d.rule, "severity": d.severity.value, "points": d.points, "turn": d.turn}
            for d in scorecard.deductions
        ],
    }


def report_lines(call: Call, judged: Judged) -> Iterator[str]:
    """The judgement of a call for a person to read, line by line; ``call`` carries the turns judged."""
    analysis, card = judged.analysis, judged.scorecard
    veto = "" if card.veto is VetoState.NONE else f"（{card.veto.label}）"
    yield f"通话 {analysis.call_id}    得分 {card.mark}{veto}"
    if judged.triage:
        yield f"  进入复核队列：{judged.triage.queue.label}，{judged.triage.due_at:%Y-%m-%d %H:%M} 前处理"
    duties: dict[str, Disclosure] = {key: getattr(analysis.disclosures, key) for key in DISCLOSURE_LABELS}
    yield "  告知：" + "  ".join(f"{DISCLOSURE_LABELS[key]} {duty.status.label}" for key, duty in duties.items())
    ticks = {key: _TICKS[getattr(analysis.checklist, key)] for key in CHECKLIST_LABELS}
    yield "  规范：" + "  ".join(f"{CHECKLIST_LABELS[key]} {tick}" for key, tick in ticks.items())
    for finding in analysis.findings:
        yield f"  {_finding_line(call, finding)}"
    for promise in analysis.promises:
        yield f"  承诺：{promise_text(promise)}"
    for spike in analysis.emotion:
        alone = "（仅凭声音，不作为发现）" if spike.sound_alone else ""
        yield f"  情绪：第 {spike.turn} 句 {spike.speaker.label}，{'、'.join(spike.signals)}{alone}"
    yield from _talk_lines(analysis.metrics)
    for because in dict.fromkeys(item.because for item in analysis.cannot_judge):  # several duties share one reason
        yield f"  无法判断：{because}"
    yield f"  规则指纹 {analysis.rulebook}" + (f"，识别引擎 {analysis.engine}" if analysis.engine else "")


def _talk_lines(metrics: TalkMetrics | None) -> Iterator[str]:
    """The numbers of a call, each with its definition; one that is None is told with the reason."""
    values = _metrics(metrics)
    if metrics is None or values is None:
        return
    for measure in TALK.values():
        unknown = metrics.overlap_unknown if measure.key == "overlap" else None
        yield f"  {measure.label} {_amount(measure, values[measure.key], unknown)}（{measure.definition}）"
    for measure in SIDE.values():
        sides = [(speaker, values[speaker.value][measure.key]) for speaker in Speaker]
        unknown = metrics.overlap_unknown if measure.key == "interruptions" else None
        shown = "，".join(f"{speaker.label} {_amount(measure, value, unknown)}" for speaker, value in sides)
        yield f"  {measure.label} {shown}（{measure.definition}）"


def _amount(measure: Measure, value: float | None, unknown: str | None) -> str:
    if value is None:
        return f"无法判断：{unknown.rstrip('。')}" if unknown else "—"
    return f"{value:.0%}" if measure.unit == "%" else f"{round(value, 1):g} {measure.unit}"


def _finding_line(call: Call, finding: Finding) -> str:
    doubt = f"（待确认：{finding.because}）" if finding.needs_confirmation else ""
    who = "客户" if finding.speaker is Speaker.CUSTOMER else "坐席"
    said = "；".join(item.text for item in finding.evidence)
    place = ""
    if finding.turn is not None:
        said_at = finding.quotes[0].start_ms
        at = clock(call.turns[finding.turn].start_ms if said_at is None else said_at)
        place = f"第 {finding.turn} 句 {at} {who}："
    sure = "" if finding.heard is None else f"（识别把握 {finding.heard:.0%}）"
    return f"[{finding.severity.label}] {finding.label} {place}“{said}”{sure}{doubt}"


def promise_text(promise: Promise) -> str:
    """The instalments of a promise as a person would say them."""
    parts = [
        f"{payment.amount:.2f} 元" + (f" {payment.due:%m-%d}" if payment.due else " 日期未定")
        if payment.amount is not None
        else ("金额未定" + (f" {payment.due:%m-%d}" if payment.due else " 日期未定"))
        for payment in promise.payments
    ]
    return "，".join(parts) + ("" if promise.standing else "（已撤回）")


def clock(milliseconds: int) -> str:
    """A place in a call as minutes and seconds."""
    seconds = milliseconds // 1000
    return f"{seconds // 60:02d}:{seconds % 60:02d}"
