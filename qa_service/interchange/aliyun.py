"""The JSON of Alibaba Cloud's conversation analysis (智能对话分析, Qualitycheck).

Read are the answers of GetResult (``Data.ResultInfo[].AsrResult``, several calls to a page), GetResultToReview
(``Data.Dialogues``), the contact centre's GetTaskResult (``data.asrResult``), and what was sent to UploadData
(``tickets[].dialogue``). The SDKs write ``Words``, the plain answers ``words``: both are taken. Times are milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qa_service.interchange.nodes import Node
from qa_service.interchange.said import Conversation, Format, Utterance, in_order, utterance

_LINES = ("AsrResult", "asrResult", "Dialogues", "dialogues", "Dialogue", "dialogue")
_PAGES = ("ResultInfo", "resultInfo")
_LINE = frozenset(
    {"Role", "Identity", "Words", "Begin", "End", "BeginTime", "HourMinSec", "EmotionValue", "SpeechRate"}
    | {"SilenceDuration", "IncludeAnnotation", "Id", "SentenceId", "BeginTimeStr", "RenterId", "ChannelId"}
)
_KNOWN = _LINE | {name[0].lower() + name[1:] for name in _LINE}
_DIRECTIONS = {"1": "outbound", "3": "inbound"}

# Columns of a call log (``columns``), and the members that tell them, in either spelling.
_RECORDING = (("callid", "CallId", "Id", "Name"), ("calltime", "CallTime"), ("callernumber", "Caller"))
_CALLEE = ("calleenumber", "Callee")
_AGENT = (("agent_id", "Id"), ("team", "SkillGroup"))
_TICKET = (("callid", "Tid", "FileName"), ("agent_id", "CustomerServiceId"), ("team", "SkillGroupName"))


def matches(root: object) -> bool:
    """Whether this is one of the four shapes."""
    if not isinstance(root, Mapping) or "call_id" in root:
        return False
    if any(name in root for name in ("tickets", *_LINES)):
        return True
    data = root.get("Data", root.get("data"))
    if isinstance(data, list):
        return any(isinstance(one, Mapping) and not {*_LINES, "taskId", "recording"}.isdisjoint(one) for one in data)
    return isinstance(data, Mapping) and any(name in data for name in (*_PAGES, *_LINES))


def calls(root: Node) -> Iterator[Node]:
    """The results, tickets or dialogues, one for each call.

    Raises:
        InputRefused: the answer is a failure.
    """
    succeeded, message = root.get("Success", "success"), root.get("Message", "message")
    if succeeded is not None and succeeded.value is False:
        raise root.refused(f"接口返回失败（{message.text() if message else '无说明'}），请重新获取结果。")
    data = root.get("Data", "data") or root
    pages = data.get(*_PAGES) or root.get("tickets") or (data if isinstance(data.value, list) else None)
    if pages is None:
        yield data
    else:
        yield from pages.each()


def conversation(call: Node) -> Conversation:
    """The sentences of one call, and what its result tells of it.

    Raises:
        InputRefused: it holds no text, or naming file, path and key.
    """
    lines = call.get(*_LINES)
    while lines is not None and isinstance(lines.value, Mapping):
        lines = lines.get(*_LINES)  # the SDKs wrap a list into an object of the same name
    if lines is None:
        raise call.refused("没有转写文本；调用 GetResult 时请在 requiredFields 里写上 asrResult,recording,agent。")
    said: list[Utterance] = []
    unknown: set[str] = set()
    for line in lines.each():
        unknown |= line.unknown(_KNOWN, "asrResult.")
        said.append(_said(line))
    return Conversation(
        where=call.place,
        format=Format.ALIYUN,
        utterances=in_order(said, call.place),
        call=_facts(call, next(lines.each())),
        unknown=tuple(sorted(unknown)),
    )


def _said(line: Node) -> Utterance:
    role, words = line.get("Role", "role", "Identity", "identity"), line.need("Words", "words")
    return utterance(
        role.text() if role is not None else None,
        line.need("Begin", "begin").milliseconds(),
        line.need("End", "end").milliseconds(),
        words.text(),
    )


def _facts(call: Node, first: Node) -> Mapping[str, object]:
    """What the result says of recording and agent, and its first sentence of the time, as columns of a call log."""
    recording, agent = call.get("Recording", "recording"), call.get("Agent", "agent")
    told: dict[str, object] = {}
    for node, names in ((recording, (*_RECORDING, _CALLEE)), (agent, _AGENT), (call, _TICKET)):
        for column, *keys in names if node is not None else ():
            found = node.get(*(spelt for key in keys for spelt in (key, key[0].lower() + key[1:]))) if node else None
            if found is not None and column not in told:
                told[column] = found.text()
    begun, offset = first.get("BeginTime", "beginTime"), first.get("Begin", "begin")
    if "calltime" not in told and begun is not None and offset is not None and isinstance(begun.value, int):
        told["calltime"] = str(begun.value - offset.milliseconds())
    kind = (recording or call).get("CallType", "callType")
    if kind is not None and kind.text() in _DIRECTIONS:
        told["direction"] = _DIRECTIONS[kind.text()]
    return told
