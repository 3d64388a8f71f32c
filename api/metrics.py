"""The numbers of ``/metrics``, made anew for every scrape from what the database says."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from qa_service.actions.health import Figures

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def exposition(figures: Figures) -> bytes:
    """The figures in the Prometheus text format; a registry of its own, so that nothing is left over."""
    registry = CollectorRegistry()
    calls = Gauge("qa_calls", "Calls by state.", ["state"], registry=registry)
    for state, count in figures.calls.items():
        calls.labels(state.value).set(count)
    tasks = Gauge("qa_stage_tasks", "Tasks by stage and status.", ["stage", "status"], registry=registry)
    for stage, by_status in figures.tasks.items():
        for status, count in by_status.items():
            tasks.labels(stage.value, status.value).set(count)
    review = Gauge("qa_review_items_pending", "Review items not decided, by queue.", ["queue"], registry=registry)
    for queue, count in figures.review.items():
        review.labels(queue.value).set(count)
    return generate_latest(registry)
