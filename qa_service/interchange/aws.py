"""The JSON of AWS Transcribe call analytics (and Contact Lens of Amazon Connect, which has the same turns).

``{"Transcript": [{"ParticipantRole": "AGENT", "BeginOffsetMillis", "EndOffsetMillis", "Content", "Items"}]}``; times in
milliseconds, confidences as numbers or strings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qa_service.interchange.nodes import Node
from qa_service.interchange.said import Conversation, Format, TimedWord, Utterance, in_order, utterance

_TOP = frozenset(
    {"JobName", "JobStatus", "LanguageCode", "Transcript", "AccountId", "Categories", "Channel", "Participants"}
    | {"ConversationCharacteristics", "ContentMetadata", "CustomerMetadata", "SessionId", "Version"}
    | {"JobDetails", "LanguageIdentification", "IdentifyMultipleLanguages", "CustomModels", "MediaFormat"}
)
_TURN = frozenset(
    {"Id", "Content", "Items", "BeginOffsetMillis", "EndOffsetMillis", "ParticipantRole", "ParticipantId"}
    | {"LoudnessScores", "Sentiment", "IssuesDetected", "OutcomesDetected", "ActionItemsDetected", "Redaction", "Type"}
    | {"AbsoluteTime", "DisplayName", "ContentType", "MessageId", "LanguageCode"}
)


def matches(root: object) -> bool:
    """Whether this is call analytics: a list of turns, of which the first names a participant."""
    turns = root.get("Transcript") if isinstance(root, Mapping) else None
    if not isinstance(turns, list):
        return False
    return not turns or (
        isinstance(turns[0], Mapping) and not {"ParticipantRole", "ParticipantId"}.isdisjoint(turns[0])
    )


def calls(root: Node) -> Iterator[Node]:
    """The one call of the file."""
    yield root


def conversation(root: Node) -> Conversation:
    """The turns with their participants.

    Raises:
        InputRefused: the job did not end well, or naming file, path and key.
    """
    status = root.get("JobStatus")
    if status is not None and status.text() != "COMPLETED":
        raise status.refused(f"转写任务的状态是 {status.text()}，请在 COMPLETED 之后再导出。")
    roles, unknown = _participants(root), root.unknown(_TOP)
    said: list[Utterance] = []
    for turn in root.need("Transcript").each():
        unknown |= turn.unknown(_TURN, "Transcript.")
        items = turn.get("Items")
        said.append(
            utterance(
                _label(turn, roles),
                turn.need("BeginOffsetMillis").milliseconds(),
                turn.need("EndOffsetMillis").milliseconds(),
                turn.need("Content").text(),
                _words(items) if items is not None else (),
            )
        )
    job = root.get("JobName")
    return Conversation(
        where=root.where,
        format=Format.AWS,
        utterances=in_order(said, root.where),
        call={"callid": job.text()} if job is not None else {},
        unknown=tuple(sorted(unknown)),
    )


def _participants(root: Node) -> Mapping[str, str]:
    """The role of each participant named by an identifier."""
    participants = root.get("Participants")
    pairs = (
        [(one.get("ParticipantId"), one.get("ParticipantRole")) for one in participants.each()] if participants else []
    )
    return {name.text(): role.text() for name, role in pairs if name is not None and role is not None}


def _label(turn: Node, roles: Mapping[str, str]) -> str:
    role = turn.get("ParticipantRole")
    if role is not None:
        return role.text()
    name = turn.need("ParticipantRole", "ParticipantId").text()
    return roles.get(name, name)


def _words(items: Node) -> Iterator[TimedWord]:
    """The spoken items; punctuation has no times."""
    for item in items.each():
        start, end = item.get("BeginOffsetMillis"), item.get("EndOffsetMillis")
        confidence = item.get("Confidence")
        if start is not None and end is not None and confidence is not None:
            yield TimedWord(
                text=item.need("Content").text(),
                start_ms=start.milliseconds(),
                end_ms=end.milliseconds(),
                probability=confidence.probability(),
            )
