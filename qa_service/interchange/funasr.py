"""The output of FunASR: what ``AutoModel.generate`` returns, and what its runtime server sends.

``[{"key", "text", "timestamp": [[start, end], …], "sentence_info": [{"text", "start", "end", "spk"}]}]`` or
``{"text", "stamp_sents": [{"text_seg", "punc", "start", "end"}]}``; times in milliseconds. Without sentences the text
is cut at its stops and timed by ``timestamp``, which has one pair for each Han character or Latin word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pydantic_core

from qa_service.interchange.nodes import Node
from qa_service.interchange.said import Conversation, Format, TimedWord, Utterance, in_order, milliseconds, utterance

_ITEM = frozenset(
    {"key", "text", "raw_text", "timestamp", "sentence_info", "stamp_sents", "mode", "wav_name", "is_final", "words"}
    | {"text_postprocessed", "spk_embedding", "text_tn", "ctc_text", "ctc_timestamps", "timestamps"}
)
_SENTENCE = frozenset(
    {"text", "sentence", "raw_text", "start", "end", "timestamp", "spk", "text_seg", "punc", "ts_list", "words"}
)
_TAG = re.compile(r"<\|[^|<>]*\|>")
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff_]+(?:['.][^\W\u3400-\u9fff_]+)*")
_SENTENCES = re.compile(r"[^。？！；?!;]+[。？！；?!;]*")


def matches(root: object) -> bool:
    """Whether this is its output: sentences, or a text with a list of times."""
    item = root[0] if isinstance(root, list) and root else root
    if not isinstance(item, Mapping) or "call_id" in item:
        return False
    return any(name in item for name in ("sentence_info", "stamp_sents")) or {"text", "timestamp"} <= item.keys()


def calls(root: Node) -> Iterator[Node]:
    """One for each recording that was given to it."""
    if isinstance(root.value, list):
        yield from root.each()
    else:
        yield root


def conversation(item: Node) -> Conversation:
    """The sentences of one recording.

    Raises:
        InputRefused: naming file, path and key.
    """
    unknown, sentences = item.unknown(_ITEM), item.get("sentence_info", "stamp_sents")
    if sentences is None:
        said = list(_timed_sentences(item))
    else:
        said = [_said(sentence) for sentence in sentences.each()]
        for sentence in sentences.each():
            unknown |= sentence.unknown(_SENTENCE, "sentence_info.")
    key = item.get("key", "wav_name")
    return Conversation(
        where=item.place,
        format=Format.FUNASR,
        utterances=in_order(said, item.place),
        call={"callid": key.text()} if key is not None and key.text() else {},
        unknown=tuple(sorted(unknown)),
    )


def _said(sentence: Node) -> Utterance:
    speaker, punctuation = sentence.get("spk"), sentence.get("punc")
    times = sentence.get("timestamp", "ts_list")
    text = sentence.need("text", "sentence", "text_seg").text() + (punctuation.text() if punctuation else "")
    return utterance(
        f"spk{speaker.text()}" if speaker is not None else None,
        sentence.need("start").milliseconds(),
        sentence.need("end").milliseconds(),
        _TAG.sub("", text),
        _words(_TAG.sub("", text), _pairs(times)) if times is not None else (),
    )


def _words(text: str, times: list[tuple[int, int]]) -> list[TimedWord]:
    """The characters and words with their times; none where the two do not match."""
    tokens = _TOKEN.findall(text)
    if len(tokens) != len(times):
        return []
    pairs = zip(tokens, times, strict=True)
    return [TimedWord(text=word, start_ms=start, end_ms=end, probability=None) for word, (start, end) in pairs]


def _timed_sentences(item: Node) -> Iterator[Utterance]:
    """The text cut at its stops, each part timed by as many pairs as it has characters and words."""
    text = _TAG.sub("", item.need("text").text())
    times = _pairs(item.need("timestamp"))
    tokens = len(_TOKEN.findall(text))
    if not times or tokens != len(times):
        raise item.refused(
            f"text 有 {tokens} 个字词而 timestamp 有 {len(times)} 对，无法对上；请用 sentence_timestamp=True 重新识别。"
        )
    reached = 0
    for sentence in _SENTENCES.findall(text):
        count = len(_TOKEN.findall(sentence))
        if count:
            spoken = times[reached : reached + count]
            yield utterance(None, spoken[0][0], spoken[-1][1], sentence, _words(sentence, spoken))
            reached += count


def _pairs(timestamp: Node) -> list[tuple[int, int]]:
    """The times; the server sends the list as a string."""
    node = timestamp
    if isinstance(timestamp.value, str):
        try:
            node = Node(pydantic_core.from_json(timestamp.value), timestamp.where, timestamp.path)
        except ValueError:
            raise timestamp.refused("应为 [[开始, 结束], …]。") from None
    pairs = []
    for pair in node.each():
        ends = list(pair.each())
        if len(ends) != 2:
            raise pair.refused("应为 [开始, 结束]。")
        pairs.append((ends[0].milliseconds(), milliseconds(ends[1].number(), 1, ends[1].place)))
    return pairs
