"""The JSON of the Whisper family: WhisperX (words with scores, speakers), faster-whisper, openai-whisper.

``{"segments": [{"start", "end", "text", "speaker", "words": [{"word", "start", "end", "score"}]}]}``, or the list of
segments alone; times in seconds. WhisperX writes ``score`` and may leave a word without times, the others write
``probability``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from qa_service.interchange.nodes import Node
from qa_service.interchange.said import Conversation, Format, TimedWord, Utterance, in_order, utterance

_TOP = frozenset(
    {"text", "segments", "word_segments", "language", "language_probability", "language_probs", "duration", "task"}
    | {"duration_after_vad", "all_language_probs", "transcription_options", "vad_options", "info", "model"}
)
_SEGMENT = frozenset(
    {"id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob", "compression_ratio", "words"}
    | {"no_speech_prob", "speaker", "chars"}
)
_WORD = frozenset({"word", "start", "end", "score", "probability", "speaker"})

FEWEST_WORDS = 2
"""Fewer words in a row under another speaker than their segment's are a flicker of the diarisation, not a turn."""


def matches(root: object) -> bool:
    """Whether this is one of the family."""
    if isinstance(root, Mapping):
        return isinstance(root.get("segments"), list) and "call_id" not in root
    first = root[0] if isinstance(root, list) and root else None
    return isinstance(first, Mapping) and {"start", "end", "text"} <= first.keys()


def calls(root: Node) -> Iterator[Node]:
    """The one call of the file."""
    yield root


def conversation(root: Node) -> Conversation:
    """The segments, cut where their words change the speaker.

    Raises:
        InputRefused: naming file, path and key.
    """
    segments = root.get("segments") or root
    unknown = root.unknown(_TOP)
    said: list[Utterance] = []
    for segment in segments.each():
        unknown |= segment.unknown(_SEGMENT, "segments.")
        words = segment.get("words")
        for word in words.each() if words is not None else ():
            unknown |= word.unknown(_WORD, "segments.words.")
        said.extend(_pieces(segment))
    return Conversation(
        where=root.where,
        format=Format.WHISPER,
        utterances=in_order(said, root.where),
        unknown=tuple(sorted(unknown)),
    )


def _pieces(segment: Node) -> Iterator[Utterance]:
    speaker, words = segment.get("speaker"), segment.get("words")
    label = speaker.text() if speaker is not None else None
    start, end, text = segment.need("start").seconds(), segment.need("end").seconds(), segment.need("text").text()
    spoken = list(words.each()) if words is not None else []
    runs = _runs(spoken, label)
    if len(runs) < 2 or "".join(word.need("word").text() for word in spoken).strip() != text.strip():
        only = runs[0][0] if len(runs) == 1 else label
        yield utterance(only, start, end, text, _timed(spoken))
        return
    for who, run in runs:
        timed = list(_timed(run))
        said = "".join(word.need("word").text() for word in run)
        if timed:
            yield utterance(who, timed[0].start_ms, timed[-1].end_ms, said, timed)


def _runs(words: list[Node], label: str | None) -> list[tuple[str | None, list[Node]]]:
    """The words in a row of each speaker; those too few for a turn go with the ones before."""
    labels = [(named.text() if (named := word.get("speaker")) is not None else None) for word in words]
    runs: list[tuple[str | None, list[Node]]] = []
    for who, group in groupby(zip(labels, words, strict=True), key=lambda pair: pair[0]):
        run = [word for _, word in group]
        speaker = who or (runs[-1][0] if runs else label)
        timed = sum(word.get("start") is not None for word in run)
        if runs and (runs[-1][0] == speaker or timed < FEWEST_WORDS):
            runs[-1][1].extend(run)
        else:
            runs.append((speaker, run))
    return runs or [(label, [])]


def _timed(words: list[Node]) -> Iterator[TimedWord]:
    """The words that have a time and a score; WhisperX has neither for what it could not align (digits, for one)."""
    for word in words:
        start, end, score = word.get("start"), word.get("end"), word.get("score", "probability")
        if start is not None and end is not None and score is not None:
            yield TimedWord(
                text=word.need("word").text(),
                start_ms=start.seconds(),
                end_ms=end.seconds(),
                probability=score.probability(),
            )
