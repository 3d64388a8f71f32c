"""Who speaks in a recording with one channel: a guess from what is said, always marked as doubtful.

Each utterance is scored by cues (who introduces themselves, names a house, asks for the person, speaks of the debt
as 您的; who answers, explains, asks back), then the likeliest course of the whole call is chosen, in which the speaker
seldom changes without a pause.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from qa_service.call import Span, Speaker

AGENT_CUES: tuple[tuple[str, float], ...] = (
    (r"是[^，。？]{1,6}(先生|女士|本人)", 2.5),
    (r"先生|女士", 1.0),
    (r"我(是|这边是|姓)[^，。？]{0,14}(银行|金融|资产|公司|委托|客服|中心|法务|工号)", 3.0),
    (r"(这里|这边)是?[^，。？]{0,14}(银行|金融|资产|公司|中心)", 2.5),
    (r"工号|委托|客服", 1.5),
    (r"(通话|电话)[^，。？]{0,6}录音", 2.0),
    (r"您", 2.0),
    (r"这边|请问|为您|祝您|打扰", 1.0),
    (r"逾期|欠款|账单|最低还款|还款日|结清|征信|起诉|立案|核实|登记|备注", 0.8),
    (r"你(今天|明天|现在)?(必须|赶紧|马上|自己掂量|这种人|欠|不还|拖|打算|要是|不处理)", 1.5),
    (r"让你|找你(爸|妈|家|单位|们单位|老板|老婆)|闹到|打爆|上门|老赖", 1.5),
    (r"(可以|行|好|对)吗？?$|什么时候(能|可以|方便|还|处理)", 0.8),
    (r"我们(会|这边|将|只能|公司|可以)", 1.0),
    (r"再见", 0.5),
)
CUSTOMER_CUES: tuple[tuple[str, float], ...] = (
    (r"^(嗯|对|是|是的|哦)?，?(是我|我是|我就是|嗯|哦|对|好|行|啊|好的|知道了)[，。]?$", 1.5),
    (r"^(嗯|哦|啊|哎|唉|是的|对)", 0.8),
    (r"你们|你是谁|你谁|哪位|你哪里|你是哪|什么事|你说|你讲", 1.5),
    (r"我[^，。？]{0,6}(没钱|没工作|失业|还不上|还不起|没办法|没有办法|手头|生病|住院|资金|赔)", 3.0),
    (r"我(明天|后天|下周|下个月|月底|这?周[一二三四五六日]|尽量|先|会|就|一定)[^，。？]{0,10}(还|转|给)", 2.0),
    (r"工资|我知道|我不|我没|我要|我又|我跟你|给我", 1.0),
    (r"打错了|不认识|不是我|我没(借|欠|用)|他不在|他是我", 2.0),
    (r"投诉|报警|骚扰|别再?打|不要再?打|不要给我打", 1.5),
    (r"能不能|可不可以|行不行|这么|真的|行吧|那行|拜拜", 0.8),
)
CHANGE_AT_PAUSE = 1.0
CHANGE_AFTER_QUESTION = 1.2
CHANGE_WITHOUT_PAUSE = -0.3
PAUSE_MS = 500

OPENING = {Speaker.AGENT: 0.0, Speaker.CUSTOMER: 0.3}
"""Whoever answers an outbound call usually speaks first."""

_QUESTION = re.compile(r"[？吗呢]。?$")
_SPEAKERS = (Speaker.AGENT, Speaker.CUSTOMER)
_COMPILED = {
    Speaker.AGENT: [(re.compile(pattern), weight) for pattern, weight in AGENT_CUES],
    Speaker.CUSTOMER: [(re.compile(pattern), weight) for pattern, weight in CUSTOMER_CUES],
}


def guess_speakers(utterances: Sequence[tuple[Span, str]]) -> tuple[Speaker, ...]:
    """The likelier speaker of each utterance (when and what), given in order of time."""
    if not utterances:
        return ()
    scores = {speaker: OPENING[speaker] + _score(utterances[0][1], speaker) for speaker in _SPEAKERS}
    came_from: list[dict[Speaker, Speaker]] = []
    for (before, said), (span, text) in pairwise(utterances):
        change = _change(said, span.start_ms - before.end_ms)
        best = {speaker: _better(speaker, scores, change) for speaker in _SPEAKERS}
        scores = {speaker: value + _score(text, speaker) for speaker, (_, value) in best.items()}
        came_from.append({speaker: last for speaker, (last, _) in best.items()})
    return _backwards(max(_SPEAKERS, key=scores.__getitem__), came_from)


def _change(said: str, pause_ms: int) -> float:
    """How readily the other speaker comes next: after a question most of all."""
    if pause_ms < PAUSE_MS:
        return CHANGE_WITHOUT_PAUSE
    return CHANGE_AFTER_QUESTION if _QUESTION.search(said) else CHANGE_AT_PAUSE


def _better(speaker: Speaker, scores: Mapping[Speaker, float], change: float) -> tuple[Speaker, float]:
    """Who most likely spoke before ``speaker``, and how likely the call is up to there."""
    values = {last: scores[last] + (0 if last is speaker else change) for last in _SPEAKERS}
    last = max(_SPEAKERS, key=values.__getitem__)
    return last, values[last]


def _backwards(last: Speaker, came_from: Sequence[dict[Speaker, Speaker]]) -> tuple[Speaker, ...]:
    path = [last]
    for step in reversed(came_from):
        path.append(step[path[-1]])
    return tuple(reversed(path))


def _score(text: str, speaker: Speaker) -> float:
    return sum(weight for pattern, weight in _COMPILED[speaker] if pattern.search(text))
