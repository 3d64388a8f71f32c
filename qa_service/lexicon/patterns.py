"""The small pattern language of rule files, compiled to regular expressions that cannot run away.

``…`` is a gap of up to 12 characters inside a clause, ``~`` one of up to 4, ``，`` lets a match run on into the next
clause, ``[甲|乙]`` is a choice (an empty alternative makes it optional), ``<set>`` a word set. All else is taken as
written; ``^`` and ``$`` stand for the beginning and the end of a turn; ``{<跟、和}`` lets what follows match only where
none of these words comes right before it, ``{>手里、这里}`` what precedes only where none comes right after. Gaps are
short and few and nothing repeats without bound, so no pattern can run away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from qa_service.errors import LexiconInvalid
from qa_service.lexicon.text import CLAUSE_MARKS, view_of

GAP_CHARACTERS = 12
SHORT_GAP_CHARACTERS = 4
MAX_GAPS = 4
_INSIDE = f"[^{re.escape(CLAUSE_MARKS)}]"
_TOKEN = re.compile(
    r"…|~|，|\^|\$|\{(?P<side>[<>])(?P<never>[^{}<>|]+)\}|\[(?P<choice>[^\[\]]*)\]|<(?P<set>[a-z_0-9]+)>|(?P<literal>[^\[\]<>{}…~，^$]+)|(?P<bad>.)"
)

# The common surnames, for telling a name from a noun.
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜"
    "詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边尚佘"
    "茅邝卓蔺屠蒙池晏麦岑佟冼仇粟储荆匡伊厉戚岩原占符由荀缪宗肖骆滕栾雒邬闻褚苟辜尉芮阚敖綦窦裘竺卿巫臧扈巩訾鞠"
    "蒯逯桓佴阙仵楚闫桑蒲仝仲茹逄郇鄢瞿廉敬喻冀亓苑晁宫虞燕雍濮郎郗郜郦郁蓝慕佀寇岳崇嵇娄刁"
)
# What builds sentences is in no given name, and what may follow a name where it is asked for or given.
_GIVEN_NAME = r"(?:(?![了的不是还没有都也就这那我你他说要吗吧])[\u4e00-\u9fff]){1,2}?"
_NAME_ENDS = r"(?=$|[，。！？；、…,.!?;]|[你我他啥什哪怎有又在也就说是对吗吧么不本先女小老同伐])"

BUILT_IN_SETS: Mapping[str, str] = {
    "person": rf"(?:(?:小|老|阿)[{SURNAMES}]|[{SURNAMES}][\u4e00-\u9fff]{{0,3}})",
    "named": rf"(?:[{SURNAMES}]|付(?![款钱清过得出费完给一])){_GIVEN_NAME}{_NAME_ENDS}",
    "digits": r"[0-9零〇一二两三四五六七八九十百千万亿点半几多]{1,12}",
    "name": r"[\u4e00-\u9fff]{1,3}",
    "sum": (
        r"(?<![第0-9])(?:[一二两三四五六七八九几][一二两三四五六七八九十百千零多几]{0,8}[千万百]|[1-9][0-9]{0,3}[千万])"
        r"[一二三四五六七八九0-9][一二两三四五六七八九十百千零0-9]{0,5}"
        r"(?![一二三四五六七八九十百千零0-9个天次遍人年号条岁分])"
    ),
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as read: its source, the regular expression, and literals of which one must be there for it to match.

    ``anchors`` is empty where no literal is certain to occur; such a pattern is tried on every turn. ``phrases`` are
    all its literals, those of its choices and word sets included, as a view shows them.
    """

    source: str
    expression: str
    anchors: frozenset[str]
    choices: tuple[tuple[str, ...], ...] = field(default=())
    phrases: frozenset[str] = frozenset()

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


def compile_pattern(source: str, word_sets: Mapping[str, tuple[str, ...]], where: str) -> Pattern:
    """Compile one pattern.

    Raises:
        LexiconInvalid: naming ``where`` (file and rule), the pattern and what is wrong with it.
    """
    compiler = _Compiler(source, word_sets, where)
    expression, anchors = compiler.sequence(source)
    if source.count("…") + source.count("~") > MAX_GAPS * max(1, source.count("|")):
        raise LexiconInvalid(f"{where}：模式“{source}”的空隙太多，请拆成几条。")
    if not compiler.has_words:
        raise LexiconInvalid(f"{where}：模式“{source}”里没有任何词，请至少写一个词。")
    return Pattern(source, expression, anchors or frozenset(), tuple(compiler.choices), frozenset(compiler.phrases))


class _Compiler:
    """One compilation: remembers the choices met on the way."""

    def __init__(self, source: str, word_sets: Mapping[str, tuple[str, ...]], where: str) -> None:
        self._source = source
        self._word_sets = word_sets
        self._where = where
        self.choices: list[tuple[str, ...]] = []
        self.phrases: set[str] = set()
        self.has_words = False

    def sequence(self, source: str) -> tuple[str, frozenset[str] | None]:
        """A run of tokens as an expression, with its best anchors (None where no literal is certain)."""
        parts: list[str] = []
        groups: list[frozenset[str]] = []
        for token in _TOKEN.finditer(source):
            expression, anchors = self._token(token)
            parts.append(expression)
            if anchors and "" not in anchors:
                groups.append(anchors)
        return "".join(parts), _rarest(groups)

    def _token(self, token: re.Match[str]) -> tuple[str, frozenset[str] | None]:
        if token["bad"]:
            raise LexiconInvalid(f"{self._where}：模式“{self._source}”里的“{token[0]}”不成对或不认识。")
        if token["literal"] is not None:
            self.has_words = True
            literal = _folded(token["literal"])
            if not literal:
                raise LexiconInvalid(
                    f"{self._where}：模式“{self._source}”里的“{token[0]}”是语气词，匹配前会被去掉，请删去。"
                )
            self.phrases.add(literal)
            return re.escape(literal), frozenset({literal})
        if token["never"] is not None:
            return _never(token["side"], token["never"].split("、")), None
        if token["choice"] is not None:
            return self._choice(tuple(token["choice"].split("|")))
        if token["set"] is not None:
            return self._set(token["set"])
        return _MARKS[token[0]], None

    def _choice(self, alternatives: tuple[str, ...]) -> tuple[str, frozenset[str] | None]:
        self.choices.append(alternatives)
        compiled = [self.sequence(alternative) for alternative in alternatives]
        longest_first = sorted((expression for expression, _ in compiled), key=len, reverse=True)
        anchors: set[str] = set()
        for _, own in compiled:
            if own is None:
                return f"(?:{'|'.join(longest_first)})", None
            anchors |= own
        return f"(?:{'|'.join(longest_first)})", frozenset(anchors)

    def _set(self, name: str) -> tuple[str, frozenset[str] | None]:
        self.has_words = True
        if name in BUILT_IN_SETS:
            return BUILT_IN_SETS[name], None
        if name not in self._word_sets:
            raise LexiconInvalid(
                f"{self._where}：模式“{self._source}”用了没有定义的词集 <{name}>，"
                "请在 words.toml 或本文件的 [words] 里加上。"
            )
        words = {_folded(word) for word in self._word_sets[name]}
        self.phrases |= words
        longest_first = sorted(words, key=lambda word: (-len(word), word))
        return f"(?:{'|'.join(map(re.escape, longest_first))})", frozenset(words)


_MARKS: Mapping[str, str] = {
    "…": f"{_INSIDE}{{0,{GAP_CHARACTERS}}}?",
    "~": f"{_INSIDE}{{0,{SHORT_GAP_CHARACTERS}}}?",
    "，": f"[{re.escape(CLAUSE_MARKS)}]?",
    "^": "^",
    "$": f"[{re.escape(CLAUSE_MARKS)}]*$",
}


def _never(side: str, words: list[str]) -> str:
    """None of the words right before (``<``) or right after (``>``) this place."""
    return "".join(f"(?{'<' if side == '<' else ''}!{re.escape(_folded(word))})" for word in words)


def _rarest(groups: list[frozenset[str]]) -> frozenset[str] | None:
    """The group whose shortest word is longest: the rarest thing that must be there."""
    return max(groups, key=lambda group: (min(map(len, group)), -len(group)), default=None)
