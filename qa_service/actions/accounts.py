"""Two accounts of one call, sent one after the other: what one leaves open the other may tell, neither may deny.

A dialler tells of a call at once, its recording comes in the night; or the recording is there first and the call data
follows. Either way round it is one call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from qa_service.call import Call
from qa_service.documents import call_document
from qa_service.errors import Conflict

_SAYS_NOTHING = call_document(Call(call_id="", started_at=datetime(2000, 1, 1, tzinfo=UTC)))
"""What a call is written as of which nothing is known: a key with this value tells nothing."""

_MOMENTS = frozenset({"started_at", "answered_at", "ended_at"})
_NUMBERS = frozenset({"case.balance", "case.overdue_amount", "case.principal", "case.minimum_due", "case.rate_cap"})
_PLACES = frozenset({"path", "other_side"})
"""Where a file lay at the sender's is not part of what the call is."""

_STAYS = ("line", "channels")
"""What was said of a recording that holds for the one sent in its place too."""


def join_accounts(known: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Both documents (``call_document``) of a call in one; equal to ``known`` where ``sent`` tells nothing new.

    Raises:
        Conflict: they contradict each other; the sentence names the key.
    """
    call_id = str(known["call_id"])
    facts = {key: value for key, value in sent.items() if key not in ("recording", "turns")}
    joined = _join(known, facts, "", call_id)
    recording = _join_recordings(known.get("recording"), sent.get("recording"), call_id)
    if recording is not None:
        joined["recording"] = recording
    if sent.get("turns"):
        heard = bool((known.get("recording") or {}).get("sha256")) and not known.get("turns")
        if heard or (known.get("turns") and known["turns"] != sent["turns"]):
            raise _contradiction(call_id, "turns")
        joined["turns"] = sent["turns"]
    return joined


def without_recording(known: Mapping[str, Any], sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The known document without its recording, of which nothing could be heard, where ``sent`` brings another.

    Another is also the same file with another word on its line or its channels; that may be what was wrong.
    """
    mine, other = known.get("recording") or {}, sent.get("recording") or {}
    said = {key for key in other if other[key] and key not in _PLACES} | {"other_side_sha256"}
    if not other.get("sha256") or all(mine.get(key) == other.get(key) for key in said):
        return known
    return {**known, "recording": {key: mine[key] for key in _STAYS if mine.get(key)}}


def new_facts(known: Mapping[str, Any], joined: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys (of the outermost level) that ``joined`` tells more of than ``known``."""
    return tuple(sorted(key for key, value in joined.items() if known.get(key) != value))


def _join(known: Mapping[str, Any], sent: Mapping[str, Any], prefix: str, call_id: str) -> dict[str, Any]:
    joined = dict(known)
    for key, value in sent.items():
        name, mine = f"{prefix}{key}", known.get(key)
        if _silent(name, value):
            continue
        if _silent(name, mine):
            joined[key] = value
        elif isinstance(mine, Mapping) and isinstance(value, Mapping):
            joined[key] = _join(mine, value, f"{name}.", call_id)
        elif not _same(name, mine, value):
            raise _contradiction(call_id, name)
    return joined


def _join_recordings(
    known: Mapping[str, Any] | None, sent: Mapping[str, Any] | None, call_id: str
) -> Mapping[str, Any] | None:
    """The recording of which the content is known; a file once heard is not exchanged, nor its channels."""
    if sent is None or (known is not None and not sent.get("sha256")):
        return known
    if known is None or not known.get("sha256"):
        stays = {key: known[key] for key in _STAYS if known and known.get(key) and not sent.get(key)}
        return {**sent, **stays}
    for key in ("sha256", "other_side_sha256"):
        if known.get(key) != sent.get(key):
            raise _contradiction(call_id, f"recording.{key}")
    for key in sent.keys() - _PLACES:
        if sent[key] and known.get(key) != sent[key]:
            raise _contradiction(call_id, f"recording.{key}")
    return known


def _silent(name: str, value: object) -> bool:
    return value is None or value in ("", [], {}) or value == _SAYS_NOTHING.get(name)


def _same(name: str, one: Any, other: Any) -> bool:  # noqa: ANN401 - JSON values
    if name in _MOMENTS:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    if name in _NUMBERS:
        return Decimal(one) == Decimal(other)
    return bool(one == other)


def _contradiction(call_id: str, key: str) -> Conflict:
    return Conflict(
        f"编号 {call_id} 已有一通通话，其 {key} 与这次送来的不同；若是另一通，请换编号；若要更正，请联系管理员。"
    )
