"""The small pattern language of rule files, compiled to regular expressions that cannot run away.

``…`` is a gap of up to 12 characters inside a clause, ``~`` one of up to 4, ``，`` lets a match run on into the next
clause, ``[甲|乙]`` is a choice (an empty alternative makes it optional), ``<set>`` a word set. All else is taken as
written; ``^`` and ``$`` stand for the beginning and the end of a turn; ``{<跟、和}`` lets what follows match only where
none of these words comes right before it, ``{>手里、这里}`` what precedes only where none comes right after. Gaps are
short and few and nothing repeats without bound, so no pattern can run away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from qa_service.errors import LexiconInvalid
from qa_service.lexicon.effort import Effort, in_a_row, of_crossing, of_either, of_repeat, of_words
from qa_service.lexicon.text import CLAUSE_MARKS, view_of

GAP_CHARACTERS = 12
SHORT_GAP_CHARACTERS = 4
MARKS_AT_END = 20
MAX_STEPS = 400_000
"""Steps that one pattern may cost at one character of a hostile text; measured in ``docs/decisions/judging.md``."""

_INSIDE = f"[^{re.escape(CLAUSE_MARKS)}]"
_MARK = f"[{re.escape(CLAUSE_MARKS)}]"
_TOKEN = re.compile(
    r"(?P<gap>[…~]*，[…~]+|[…~]+，?)|，|\^|\$|\{(?P<side>[<>])(?P<never>[^{}<>|]+)\}|\[(?P<choice>[^\[\]]*)\]|<(?P<set>[a-z_0-9]+)>|(?P<literal>[^\[\]<>{}…~，^$]+)|(?P<bad>.)"
)
_LITERAL = re.compile(r"[^\[\]<>{}…~，^$]*")

# The common surnames, for telling a name from a noun.
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜"
    "詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边尚佘"
    "茅邝卓蔺屠蒙池晏麦岑佟冼仇粟储荆匡伊厉戚岩原占符由荀缪宗肖骆滕栾雒邬闻褚苟辜尉芮阚敖綦窦裘竺卿巫臧扈巩訾鞠"
    "蒯逯桓佴阙仵楚闫桑蒲仝仲茹逄郇鄢瞿廉敬喻冀亓苑晁宫虞燕雍濮郎郗郜郦郁蓝慕佀寇岳崇嵇娄刁穆卞束贝牧湛邰谌冼宓胥伏揭籍尉"
)
# What builds sentences is in no given name, and what may follow a name where it is asked for or given.
_GIVEN_NAME = r"(?:(?![了的不是还没有都也就这那我你他说要吗吧])[\u4e00-\u9fff]){1,2}?"
_NAME_ENDS = r"(?=$|[，。！？；、…,.!?;]|[你我他啥什哪怎有又在也就说是对吗吧么不本先女小老同伐])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern as read: its source, the regular expression, and the literals without which it cannot match.

    Of each group of ``needs`` at least one literal stands in every match; there is always one group. ``phrases`` are
    all its literals, those of its choices and word sets included, as a view shows them. ``effort`` bounds what it costs
    at one place of a text.
    """

    source: str
    expression: str
    needs: tuple[frozenset[str], ...]
    choices: tuple[tuple[str, ...], ...] = ()
    phrases: frozenset[str] = frozenset()
    effort: Effort

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Every match in ``text``, left to right; the expression is compiled when a text first holds an anchor."""
        return _compiled(self.expression).finditer(text)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@cache
def _folded(word: str) -> str:
    """A word as the view shows it; the same words stand in many patterns."""
    return view_of(word).text


def check_words(word_sets: Mapping[str, tuple[str, ...]], where: str) -> None:
    """Refuse words that lose their particles before matching and would then stand for nearly everything (跳呀 for 跳).

    Raises:
        LexiconInvalid: naming ``where`` (the file), the set and the word.
    """
    for name, words in word_sets.items():
        if not words:
            raise LexiconInvalid(f"{where}：词集 <{name}> 是空的，请写上词或删去它。")
        for word in words:
            if left := _vanishing(word):
                raise LexiconInvalid(f"{where}：词集 <{name}> 里的“{word}”{left}")


def _vanishing(written: str) -> str | None:
    """What is wrong with words of which the view shows fewer than two characters; None where nothing is."""
    folded = _folded(written)
    if folded and len(folded) >= min(2, len(written)):
        return None
    if not folded:
        return "只有语气词，匹配前会被去掉，请删去。"
    return f"里的语气词、空格或重复匹配前会被去掉，只剩“{folded}”，请换个说法；真要匹配这一个字，就只写“{folded}”。"


def compile_pattern(source: str, word_sets: Mapping[str, tuple[str, ...]], where: str) -> Pattern:
    """Compile one pattern.

    Raises:
        LexiconInvalid: naming ``where`` (file and rule), the pattern and what is wrong with it.
    """
    compiler = _Compiler(source, word_sets, where)
    made = compiler.sequence(source)
    if not compiler.has_words:
        raise LexiconInvalid(f"{where}：模式“{source}”里没有任何词，请至少写一个词。")
    if not made.needs:
        raise LexiconInvalid(
            f"{where}：模式“{source}”没有一定会出现的词，每句话都得试，请在可有可无的部分之外写上至少一个词。"
        )
    if made.effort.steps > MAX_STEPS:
        raise LexiconInvalid(
            f"{where}：模式“{source}”太费工夫（一个字最多要比对 {made.effort.steps} 步，上限 {MAX_STEPS}）："
            "请减少空隙（…改用 ~）、缩小词集，或拆成几条。"
        )
    return Pattern(
        source=source,
        expression=made.expression,
        needs=made.needs,
        choices=tuple(compiler.choices),
        phrases=frozenset(compiler.phrases),
        effort=made.effort,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A stretch of a pattern: its expression, the groups of literals it cannot do without, and what it can cost.

    ``may_open_with_mark``: it may begin with a clause mark or be nothing at all, so that an optional mark before it
    can be taken or left.
    """

    expression: str
    effort: Effort
    needs: tuple[frozenset[str], ...] = ()
    may_open_with_mark: bool = False


class _Compiler:
    """One compilation: remembers the choices met on the way."""

    def __init__(self, source: str, word_sets: Mapping[str, tuple[str, ...]], where: str) -> None:
        self._source = source
        self._word_sets = word_sets
        self._where = where
        self.choices: list[tuple[str, ...]] = []
        self.phrases: set[str] = set()
        self.has_words = False

    def sequence(self, source: str) -> _Part:
        """A run of tokens, each a part."""
        parts = [self._token(token) for token in _TOKEN.finditer(source)]
        followed = zip(parts, [*parts[1:], None], strict=False)
        return _Part(
            expression="".join(part.expression for part in parts),
            effort=in_a_row([_before(after) if part is _MARKS["，"] else part.effort for part, after in followed]),
            needs=tuple(group for part in parts for group in part.needs),
            may_open_with_mark=all(part.may_open_with_mark for part in parts[:1]),
        )

    def _token(self, token: re.Match[str]) -> _Part:
        if token["bad"]:
            raise self._wrong(f"里的“{token[0]}”不成对或不认识")
        if token["literal"] is not None:
            return self._literal(token["literal"])
        if token["never"] is not None:
            return _never(token["side"], token["never"].split("、"))
        if token["choice"] is not None:
            return self._choice(tuple(token["choice"].split("|")))
        if token["set"] is not None:
            return self._set(token["set"])
        return _gap(token["gap"]) if token["gap"] else _MARKS[token[0]]

    def _literal(self, written: str) -> _Part:
        self.has_words = True
        literal = _folded(written)
        if left := _vanishing(written):
            raise LexiconInvalid(f"{self._where}：模式“{self._source}”里的“{written}”{left}")
        self.phrases.add(literal)
        return _Part(
            expression=re.escape(literal),
            effort=of_words([literal]),
            needs=(frozenset({literal}),),
            may_open_with_mark=literal[0] in CLAUSE_MARKS,
        )

    def _choice(self, alternatives: tuple[str, ...]) -> _Part:
        self.choices.append(alternatives)
        parts = [self.sequence(alternative) for alternative in alternatives]
        words = {_folded(written) for written in alternatives if _LITERAL.fullmatch(written)}
        others = [part for written, part in zip(alternatives, parts, strict=True) if not _LITERAL.fullmatch(written)]
        longest_first = sorted(dict.fromkeys(part.expression for part in parts), key=len, reverse=True)
        certain = [rarest(part.needs) for part in parts]
        return _Part(
            expression=f"(?:{'|'.join(longest_first)})",
            effort=of_either(words, (part.effort for part in others)),
            needs=(frozenset[str]().union(*certain),) if all(certain) else (),
            may_open_with_mark=any(part.may_open_with_mark for part in parts),
        )

    def _set(self, name: str) -> _Part:
        self.has_words = True
        if name in _BUILT_IN:
            return _BUILT_IN[name]
        if name not in self._word_sets:
            raise self._wrong(f"用了没有定义的词集 <{name}>，请在 words.toml 或本文件的 [words] 里加上")
        words = {_folded(word) for word in self._word_sets[name]}
        self.phrases |= words
        longest_first = sorted(words, key=lambda word: (-len(word), word))
        return _Part(
            expression=f"(?:{'|'.join(map(re.escape, longest_first))})",
            effort=of_words(words),
            needs=(frozenset(words),),
            may_open_with_mark=any(word[:1] in CLAUSE_MARKS for word in words),
        )

    def _wrong(self, what: str) -> LexiconInvalid:
        return LexiconInvalid(f"{self._where}：模式“{self._source}”{what}。")


def _gap(marks: str) -> _Part:
    """A stretch to skip, over one clause mark where ``，`` is among the gaps.

    Gaps in a row are one, and the mark is looked for once: what two searches through the same characters could find
    in many combinations, one finds in one.
    """
    before, after = (_width(gaps) for gaps in (marks.partition("，")[0], marks.partition("，")[2]))
    within = f"{_INSIDE}{{0,{before + after}}}?"
    if "，" not in marks:
        return _Part(expression=within, effort=of_repeat(before))
    return _Part(
        expression=f"(?:{within}|{_INSIDE}{{0,{before}}}?{_MARK}{_INSIDE}{{0,{after}}}?)",
        effort=of_crossing(before, after),
        may_open_with_mark=True,
    )


def _width(gaps: str) -> int:
    return GAP_CHARACTERS * gaps.count("…") + SHORT_GAP_CHARACTERS * gaps.count("~")


_DIGITS = "0123456789零〇一二两三四五六七八九十百千万亿点半几多"
_BUILT_IN: Mapping[str, _Part] = {
    "person": _Part(
        expression=rf"(?:(?:小|老|阿)[{SURNAMES}]|[{SURNAMES}][\u4e00-\u9fff]{{0,3}})",
        effort=Effort(ways=5, steps=10),
        needs=(frozenset(SURNAMES),),
    ),
    "named": _Part(
        expression=rf"(?:[{SURNAMES}]|付(?![款钱清过得出费完给一])){_GIVEN_NAME}{_NAME_ENDS}",
        effort=Effort(ways=2, steps=10),
        needs=(frozenset(SURNAMES + "付"),),
    ),
    "digits": _Part(expression=f"[{_DIGITS}]{{1,12}}", effort=of_repeat(12), needs=(frozenset(_DIGITS),)),
    "name": _Part(expression=r"[\u4e00-\u9fff]{1,3}", effort=of_repeat(3)),
    "sum": _Part(
        expression=r"(?<![第0-9])"
        r"(?:[一二两三四五六七八九几][一二两三四五六七八九十百千零多几]{0,8}[千万百]|[1-9][0-9]{0,3}[千万])"
        r"[一二三四五六七八九0-9][一二两三四五六七八九十百千零0-9]{0,5}"
        r"(?![一二三四五六七八九十百千零0-9个天次遍人年号条岁分])",
        effort=Effort(ways=54, steps=200),
        needs=(frozenset("千万百"),),
    ),
}
"""The word sets that are part of the language; that their bounds hold is tested on texts of their own characters."""

_MARKS: Mapping[str, _Part] = {
    "，": _Part(expression=f"{_MARK}?", effort=of_repeat(1), may_open_with_mark=True),
    "^": _Part(expression="^", effort=Effort(ways=1, steps=1)),
    "$": _Part(
        expression=f"{_MARK}{{0,{MARKS_AT_END}}}$",
        effort=Effort(ways=1, steps=2 * MARKS_AT_END + 2),
        may_open_with_mark=True,
    ),
}


def _before(after: _Part | None) -> Effort:
    """An optional mark: both ways go on only where what comes after may begin with one, else it fails at its start."""
    if after is None or after.may_open_with_mark:
        return of_repeat(1)
    return Effort(ways=1, steps=2 + after.effort.steps)


def _never(side: str, words: list[str]) -> _Part:
    """None of the words right before (``<``) or right after (``>``) this place."""
    folded = [_folded(word) for word in words]
    return _Part(
        expression="".join(f"(?{'<' if side == '<' else ''}!{re.escape(word)})" for word in folded),
        effort=Effort(ways=1, steps=sum(len(word) + 1 for word in folded)),
        may_open_with_mark=True,
    )


def rarest(groups: Iterable[frozenset[str]]) -> frozenset[str]:
    """The group whose shortest word is longest, the rarest thing that must be there; empty where there is none."""
    return max(groups, key=lambda group: (min(map(len, group)), -len(group)), default=frozenset())
