"""Who the agent says they are: own name or staff number, own house, and the creditor the call is made for.

With the names in the call data, those are looked for. Without them an institution is recognised by how it is
introduced (我是…的, 这里是…, 受…委托, 在…有笔借款) and by how institutions' names end; a vague word (公司, 平台,
清收组) names nobody. A lender introduced as the agent's own house counts as house and creditor alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_service.call import Call, OrgKind, Speaker
from qa_service.lexicon.model import Rulebook
from qa_service.lexicon.patterns import SURNAMES
from qa_service.lexicon.text import view_of
from qa_service.reading.turns import ReadTurn

_END = r"(?=[，。,.！!？?、；]|$|工号|电话|通话|这通|这个|我这|给你|跟你|想|在|受|关于)"
_OWN_NAME = re.compile(
    rf"(?:(?:我|^|(?<=[，。,、！的行司融贷产位个员理服]))姓(?![什啥名甚])[\u4e00-\u9fff]|我叫(?:小|老)?[{SURNAMES}]|叫我(?:小|老)?[{SURNAMES}]"
    rf"|工号[是为]?[：:]?[a-z]{{0,2}}[0-9零〇一二三四五六七八九]{{2,8}}|[0-9零一二三四五六七八九]{{3,6}}号(?:客服|专员|坐席|话务)"
    rf"|(?:我是|这边是|这里是)[^，。,？?！!]{{0,16}}?(?:小|老|[的员理师服部行心司金贷融产])[{SURNAMES}][\u4e00-\u9fff]{{0,2}}{_END}"
    rf"|(?:我是|我)(?:小|老)[{SURNAMES}]{_END})"
)
# A character of a name: not one of those that only build sentences.
_HAN = r"(?:(?![你我他那这就让把被请问不是什么怎在去给跟了吗呢吧的有说还都也要会能个些们每从卖])[\u4e00-\u9fff])"
_TAIL = r"(?=的|，|。|,|？|！|$|客服|还款|贷后|受|委托|给|跟|姓|工号|为|想|" + _HAN + r"{2,3}(?:，|。|$))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something said of the caller's identity, at characters ``[start, end)`` of the view of a turn."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Introductions:
    """The first place each part of the caller's identity is said; None where it never is.

    ``as_creditor`` is where an agent presents the creditor as their own house.
    """

    agent: Mention | None
    company: Mention | None
    principal: Mention | None
    as_creditor: Mention | None


class IntroductionReader:
    """Finds introductions with the institution words of one rulebook; built once per rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Compile the expressions from the word sets ``lender_suffix``, ``agency_suffix``, ``vague_institution``."""
        lender = _either(rulebook.word_sets["lender_suffix"])
        agency = _either(rulebook.word_sets["agency_suffix"])
        opening = r"(?:我是|我们是|我们|我|，是|这里是|这边是|我这边是|这里|这边|我这边|^|先生|女士|你好|，|。)"
        named = rf"(?P<own>{_HAN}{{1,8}}?(?:{lender}|{agency}))"
        self._vague = frozenset(rulebook.word_sets["vague_institution"])
        self._own = re.compile(
            rf"{opening}(?:你好)?，?(?:来自)?{named}(?:{lender}|{agency})?"
            rf"(?:{_HAN}{{0,6}}(?:支行|分行|营业部))?(?:客服|服务)?(?:中心|部)?{_TAIL}"
        )
        self._bare_own = re.compile(
            rf"(?:我是|我们是|我|^|这里是|这边是)(?P<own>{_HAN}{{2,5}}?)的(?=，|。|$|工号|我姓|小|老|客服|专员|催收)"
        )
        self._principal = re.compile(
            rf"(?:受|代表|是)(?P<a>{_HAN}{{2,12}}?)(?:的)?委托"
            rf"|(?P<b>{_HAN}{{2,10}}?)(?:已经|已)?(?:委托|授权)(?:我|给|了|的|，|。|$)"
            rf"|(?:代表|替|帮)(?P<c>{_HAN}{{1,8}}?(?:{lender}))|(?:在|用|是|你)(?P<d>{_HAN}{{1,8}}?(?:{lender}))"
            rf"|(?P<e>{_HAN}{{1,8}}?(?:银行|消费金融|金服|小贷|钱包))"
            rf"|(?:^|，|。)(?P<f>{_HAN}{{1,4}}(?:贷|借))(?=，|的|上|里|平台)"
            rf"|(?P<g>{_HAN}{{2,5}})(?:那边|平台)(?:已经|把|的)"
        )
        self._lender = re.compile(rf"(?:{lender})(?:信用卡中心|信用卡部|客服部|客服中心|支行|分行|总行)?$")

    def read(self, turns: Sequence[ReadTurn], call: Call) -> Introductions:
        """The introductions of a call, from the agent's turns."""
        said = [turn for turn in turns if turn.speaker is Speaker.AGENT]
        own = _named(said, call.org.names) or next(self._own_houses(said), None)
        creditor_as_own = next(self._own_lenders(said, call), None)
        principal = _named(said, call.principal_names) or next(self._principals(said), None) or creditor_as_own
        if call.org.kind is OrgKind.IN_HOUSE:
            principal = principal or own
        return Introductions(
            agent=_first(said, _OWN_NAME),
            company=_earliest(own, creditor_as_own),
            principal=_earliest(principal, creditor_as_own),
            as_creditor=creditor_as_own,
        )

    def _own_houses(self, said: Sequence[ReadTurn]) -> Iterator[Mention]:
        for turn in said:
            for expression in (self._own, self._bare_own):
                for match in expression.finditer(turn.view.text):
                    if not self._is_vague(match["own"]):
                        yield Mention(turn=turn.index, start=match.start("own"), end=match.end("own"))

    def _own_lenders(self, said: Sequence[ReadTurn], call: Call) -> Iterator[Mention]:
        names = [view_of(name).text for name in call.principal_names]
        for mention in self._own_houses(said):
            turn = next(turn for turn in said if turn.index == mention.turn)
            name = turn.view.text[mention.start : mention.end]
            around = turn.view.text[max(0, mention.start - 2) : mention.end + 4]
            if "委托" in around or "授权" in around or "受" in around[:2]:
                continue
            if any(known in name for known in names) or (not names and self._lender.search(name)):
                yield mention

    def _principals(self, said: Sequence[ReadTurn]) -> Iterator[Mention]:
        for turn in said:
            for match in self._principal.finditer(turn.view.text):
                group = match.lastgroup or "a"
                if not self._is_vague(match[group]):
                    yield Mention(turn=turn.index, start=match.start(group), end=match.end(group))

    def _is_vague(self, name: str) -> bool:
        """Whether a would-be name is one of the words that name nobody, alone or with an institution's ending."""
        stem = name
        for word in sorted(self._vague, key=len, reverse=True):
            stem = stem.replace(word, "")
        return len(stem.strip("的是我你他这那在有个跟给和与把被到了吗呢吧就都也还")) < 2


def _either(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _first(said: Sequence[ReadTurn], expression: re.Pattern[str]) -> Mention | None:
    for turn in said:
        match = expression.search(turn.view.text)
        if match:
            return Mention(turn=turn.index, start=match.start(), end=match.end())
    return None


def _named(said: Sequence[ReadTurn], names: Sequence[str]) -> Mention | None:
    """The first place one of the given names is said."""
    wanted = [view_of(name).text for name in names if view_of(name).text]
    return _first(said, re.compile(_either(wanted))) if wanted else None


def _earliest(one: Mention | None, other: Mention | None) -> Mention | None:
    found = [mention for mention in (one, other) if mention is not None]
    return min(found, key=lambda mention: (mention.turn, mention.start), default=None)
