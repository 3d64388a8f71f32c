"""Keeping a judgement: its rows, the verdicts people gave on the same findings before, and the call's review item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from qa_service.actions.standing import decision_body
from qa_service.judgement import Finding, Judged, Verdict
from qa_service.lexicon.model import Scheme
from qa_service.scoring.marks import score
from qa_service.storage.judgements import write_judgement
from qa_service.storage.payloads import read_judged
from qa_service.storage.review_items import append_event, follow_judgement, item_of
from qa_service.storage.tables import AnalysisRow, ReviewEventRow

CARRIED = "重新质检后沿用此前对相同发现的结论"

FindingKey = tuple[str, int | None, tuple[str, ...]]


def record_judgement(session: Session, judged: Judged, scheme: Scheme, *, token: int, now: datetime) -> None:
    """Keep a judgement as the current one of its call; what was said of the same findings before still counts."""
    analysis = write_judgement(session, judged, token=token, now=now)
    _carry_verdicts(session, analysis, judged, scheme, now)
    follow_judgement(session, analysis, judged.triage, now=now)


def _carry_verdicts(session: Session, analysis: AnalysisRow, judged: Judged, scheme: Scheme, now: datetime) -> None:
    item = item_of(session, analysis.call_id)
    if item is None:
        return
    rulings = rulings_of(session, item.id)
    known = known_verdicts(session, rulings)
    findings = judged.analysis.findings
    same = {number: known[_key(each)] for number, each in enumerate(findings) if _key(each) in known}
    if same:
        effective = score(findings, scheme, same)
        body = decision_body(analysis.id, same, CARRIED, effective)
        append_event(session, item, item.state, actor=rulings[-1].actor, at=now, body=body)


def rulings_of(session: Session, item_id: int) -> list[ReviewEventRow]:
    """Every decision on a review item, on whichever judgement of its call, oldest first."""
    events = session.scalars(
        select(ReviewEventRow).where(ReviewEventRow.item_id == item_id).order_by(ReviewEventRow.seq)
    )
    return [event for event in events if "verdicts" in event.body]


def known_verdicts(session: Session, rulings: Iterable[ReviewEventRow]) -> Mapping[FindingKey, Verdict]:
    """What people said of findings, by rule, turn and words; the last word counts."""
    known: dict[FindingKey, Verdict] = {}
    for ruling in rulings:
        known.update(_verdicts(session, ruling))
    return known


def _verdicts(session: Session, ruling: ReviewEventRow) -> Mapping[FindingKey, Verdict]:
    decided = read_judged(session.get_one(AnalysisRow, ruling.body["analysis_id"]).document).analysis.findings
    return {_key(decided[int(n)]): Verdict.of(verdict) for n, verdict in ruling.body["verdicts"].items()}


def _key(finding: Finding) -> FindingKey:
    """The same rule over the same words (or call data) of the same turn."""
    return finding.rule, finding.turn, tuple(item.text for item in finding.evidence)
