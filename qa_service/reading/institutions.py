"""Which institutions are named, and as what: the frames of a caller's own house and of a creditor.

A caller's own house stands in a self-introduction (我是…的, 这边…, 你好…客服) and is known by how the names of
institutions end, by a department behind it (…催收部), or, where nothing else fits, by a bare …的. A creditor is named
by who entrusts the call (受…委托) or whose product the debt is (在…有笔借款). A bank that is only where the listener
works, keeps wages or should pay is neither; a vague word (公司, 平台, 清收组) names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa_service.lexicon.patterns import SURNAMES

# A character of a name: not one of those that only build sentences.
_NEVER_IN_NAMES = (
    "你我他那这就让把被请问不是什么怎在去给跟了吗呢吧的有说还都也要会能个些"
    "们每从卖受替帮到嘅最已尽按该没想看得着过再只啥谁此其以办减免查核审次处"
)
_HAN = rf"(?:(?![{_NEVER_IN_NAMES}])[a-z\u4e00-\u9fff])"
_MARK = r"[，。,.！!？?、；]"
_ME = (
    r"(?:我们?(?:这边|这里|这)?(?:就?是)?|这(?:里|边|儿)(?:就?是)?|这是|阿拉是|我系|来自|公司[是叫])"
    r"(?:那个|做)?，?(?:来自)?"
)
_AGENT_OF = r"(?:委外|外包|委托|授权|合作|派来)(?:的)?(?:催收|外包|律师|第三方)?(?:机构|公司|单位|方)?，?"
_ACTING_FOR = re.compile(rf"{_AGENT_OF}$")
_NEAR = 20  # how far before a name the words that change its part are looked for
_GREETED = r"(?:^|[，。,！!？?、；]|你好|先生|女士|小姐|阿姨|[哥姐]|吧|吗|是不|打扰了|代表)"
_SURNAME_SAID = rf"姓[{SURNAMES}]"
_OF = "(?:的|嘅|这边的|那边的)"
# Words behind a name that make it something else than the caller's house.
_NOT_A_HOUSE = (
    r"(?!的?(?:委托|委外|授权|外包|合作)|派|债权|(?:信用)?卡(?!中心|部|服务|客服|还款专|催收|专员|业务|经理|事业|的|，(?![一二三四五六七八九两])|。|$)"
    r"|的(?:账单|信用卡|卡里|贷款|借款|欠款|钱|那笔|这笔|逾期|款|费|卡|件|单|户|案|活|事|那)|[那这][笔个张期件]|，?[一二三四五六七八九两][一二三四五六七八九十百千零两]{0,6}[千万百]"
    r"|账户|账号|那边(?!的)|里|上|app|逾期|欠|也|贷款(?!中心|部|专员|经理)|借款(?!中心|部|专员|经理|平台))"
)
# Words before and behind a bank that make it one where the listener works, keeps money, or should pay or borrow.
_ELSEWHERE_BEFORE = re.compile(
    r"(?:转|打(?!是|给|电话|来|的)|存|绑|工资|取|去|问|别的|上班|员工|汇|充|扣)[^，。,！？?]{0,8}$"
)
_ELSEWHERE_BEHIND = re.compile(
    r"(?:的)?(?:账户|账号|卡里|卡上|卡号|员工|app|客服电话|柜台|网点|网银|上班|征信|也|公户|转账)"
)
# A name or number of the agent's own, said right before or behind the house.
_NAME_BEHIND = rf"(?:我姓|我叫|叫我|免贵姓|姓[{SURNAMES}]|工号|员工号)"
_NAME_BEFORE = rf"(?:姓[{SURNAMES}]|我叫[\u4e00-\u9fff]{{2,3}}|工号[0-9零一二三四五六七八九]{{2,6}})"
# What stands alone before a name and is no house: vocatives, greetings, words of assent.
_NO_HOUSE_ALONE = (
    r"(?![一二三四五六七八九两十]|明白|收到|没事|没错|可以|谢谢|抱歉|打扰|对不|师傅|叔叔|阿姨|大[哥姐爷叔]|老[板人]|同学|先生|女士|小姐|美女"
    r"|帅哥|[早晚上下中]|哈喽|稍等|首先|其次|另外|本人|方便|继续|核实|通话|电话|录音|全程|简单)"
)
# What stands before a sum and is no creditor's name: 一共五千, 本金六千, 最低三百.
_NO_SUM_OF = (
    r"(?![^，。]{0,3}(?:本金|利息|罚息|违约|手续|服务|费|押|欠|逾期|账|余额|合计|共|总|剩|差|大概|大约|多|最|应|先|首|月|期"
    r"|天|号|现在|目前|存|转|打|拿|凑|弄|交|收|付|来|能|少|算|满|超|工资|奖|卡|房|车|贷款|借|一[个次年]|就|才|加|块|钱|元|年|岁"
    r"|周|今|明|昨|后|前|上|下|每|记|登|定|另|其|如|若|比|凭|把))"
)
# What stands before a 的 and ends a clause without naming anybody: 知道的, 应该的.
_SAID_EVERYDAY = (
    r"(?![^，。]{0,3}(?:知道|理解|明白|晓得|清楚|应该|可以|没事|没错|当然|放心|正常|一样|真|肯定|确实|必须|要得|客气|好好"
    r"|行|对|单独|专门|负责|上班|认识|记得|听|看|讲|知|愿意|同意|合法|正规|合规|自己|自愿|随便|慢慢|简单|普通|女|男|老|新|做"
    r"|打|买|卖|管|上面|后面|前面|之前|以前|上次|刚才|昨天|今天|明天|现在|同样|同意|开车|送货|送|种|养|跑|干))"
)
_NOT_A_PLACE = r"(?!上[次回个]|隔壁|之前|以前|前面|昨天|刚才|单位|家里|公司|学校|厂里|店里)"
_VAGUE_GLUE = "的是我你他这那在有个跟给和与把被到了吗呢吧就都也还为做管"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An institution at characters ``[start, end)``; ``entrusted`` where it acts for somebody else by its frame."""

    start: int
    end: int
    name: str
    entrusted: bool


class InstitutionReader:
    """Finds institutions in the view of a turn by the word sets of one rulebook."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """Compile the frames from the word sets for the endings of names, for departments and for titles."""
        self._authority = re.compile(_either(words["authority_body"]))
        self._vague = sorted((*words["vague_institution"], *words["caller_title"]), key=len, reverse=True)
        self._own = tuple(map(re.compile, _own_frames(words)))
        ended = [f"}}?(?:{endings}" for endings in _of_names(words)]  # a name, and then the ending that it must have
        self._unended = tuple(frame for frame in self._own if not any(each in frame.pattern for each in ended))
        self._any_ending = re.compile("|".join(_of_names(words)))
        self._creditors = tuple(map(re.compile, _creditor_frames(_either(words["lender_suffix"]))))
        self._lender = re.compile(rf"(?:{_either(words['lender_suffix'])})(?:{_either(words['department'])})?$")
        endings = _either([*words["lender_suffix"], *words["agency_suffix"], *words["department"]])
        self._ending = re.compile(rf"(?:{endings})$")
        self._everyday = frozenset(words["everyday_stem"])
        firm = _either([word for word in words["lender_suffix"] if word not in words["loose_suffix"]])
        self._whole = re.compile(rf"(?:^|[是在用借了个的替帮欠，。？！])(?P<name>{_HAN}{{2,5}}?(?:{firm}))")
        self._agency = re.compile(rf"(?:{_either(words['agency_suffix'])})$")

    def own_houses(self, text: str) -> Iterator[House]:
        """The institutions that the speaker presents as their own."""
        # Where nothing ends as the name of a house does, only the frames that ask for no ending can hold.
        for frame in self._own if self._any_ending.search(text) else self._unended:
            for match in frame.finditer(text):
                start, end = match.span("own")
                before = text[max(0, start - _NEAR) : start]
                named = not self._is_vague(match["own"]) and not self._authority.search(match["own"])
                if named and not match["own"].startswith("姓") and not before.endswith(("代表", "接受")):
                    entrusted = _ACTING_FOR.search(before) is not None
                    yield House(start=start, end=end, name=match["own"], entrusted=entrusted)

    def creditors(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a creditor is named by who entrusts the call or whose product the debt is."""
        for frame in self._creditors:
            for match in frame.finditer(text):
                start, end = match.span("name")
                # A lazy name may begin with the verb that makes it somebody else's bank (转到…, 存…).
                before = text[max(0, start - _NEAR) : start + 2]
                elsewhere = _ELSEWHERE_BEHIND.match(text, end) or _ELSEWHERE_BEFORE.search(before)
                if not elsewhere and not self._is_vague(match["name"]):
                    yield start, end

    def lenders(self, text: str) -> Iterator[str]:
        """The names that end as only lenders' do, whoever says them and as what."""
        for match in self._whole.finditer(text):
            if not self._is_vague(match["name"]):
                yield match["name"]

    def stem(self, name: str) -> str | None:
        """A name without its endings where enough of it is left to tell it by, None where an everyday word is."""
        stem = name
        while (ending := self._ending.search(stem)) is not None:
            stem = stem[: ending.start()]
        telling = 2 <= len(stem) < len(name) and stem not in self._everyday
        return stem if telling and not self._is_vague(stem) else None

    def may_lend(self, house: House, *, acting: bool) -> bool:
        """Whether a house of this name can be a creditor: a lender's ending, or no ending that only agencies have.

        ``acting`` is whether the caller says to act for somebody else: then only the ending counts.
        """
        if self._lender.search(house.name):
            return True
        return not acting and not house.entrusted and not self._agency.search(house.name)

    def _is_vague(self, name: str) -> bool:
        """Whether a would-be name is one of the words that name nobody, alone or with an institution's ending."""
        stem = name
        for word in self._vague:
            stem = stem.replace(word, "")
        return len(stem.lstrip(_VAGUE_GLUE).rstrip(_VAGUE_GLUE.replace("和", ""))) < 2


def _own_frames(words: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A house introduced outright; one after a greeting, with what can follow it; and houses without an ending.

    Endings that are also everyday words (分期, 贷款, 平台) make a house only where something of a caller follows.
    """
    firm, loose = _of_names(words)
    department, title = _either(words["department"]), _either(words["caller_title"])
    office = rf"(?:[a-z\u4e00-\u9fff]{{0,8}}?(?:{department}))?"
    nickname = rf"(?:小|老|阿)[{SURNAMES}]"
    person = rf"(?:{title}|姓|工号|员工|{nickname}|我姓|我叫|你是|请问|想|给|打来|受|替|为|做|负责|这边|电话|通话)"
    follows = rf"(?=$|{_MARK}|{_OF}|{person}|{_HAN}{{2,3}}(?:{_MARK}|$))"
    introduced = rf"(?:{_ME}|{_AGENT_OF})"
    yield rf"{introduced}(?:你好)?(?P<own>{_HAN}{{1,8}}?(?:{firm}))(?:{firm})?{_NOT_A_HOUSE}"
    yield rf"(?:{_GREETED}|{_SURNAME_SAID})(?:你好)?(?P<own>{_HAN}{{1,8}}?(?:{firm})){_NOT_A_HOUSE}{office}{follows}"
    yield rf"{introduced}(?:你好)?(?P<own>{_HAN}{{1,8}}?(?:{loose})){_NOT_A_HOUSE}{office}{follows}"
    yield rf"(?:^|你好|吧|吗|先生|女士|{_SURNAME_SAID})，?(?P<own>{_HAN}{{1,6}}?(?:{loose})){_NOT_A_HOUSE}{follows}"
    yield (
        rf"(?<={_MARK})(?P<own>{_HAN}{{1,6}}?(?:{loose})){_NOT_A_HOUSE}"
        rf"(?:{_OF}|，?(?:{title}|{_NAME_BEHIND}|(?:小|老|阿)[{SURNAMES}]))"
    )
    yield rf"(?:我|我叫[\u4e00-\u9fff]{{2,3}})在(?P<own>{_HAN}{{2,8}}?(?:{firm}))(?:{department})?(?={_MARK}|做|上班)"
    yield rf"我在(?P<own>{_HAN}{{2,8}}?)(?=上班|工作，|做事)"
    yield rf"是(?P<own>{_HAN}{{1,8}}?(?:{firm}|{loose}))的(?={title})"
    yield rf"我们(?P<own>{_HAN}{{2,5}}?)(?:这边|这里|那边)?(?=借了|借过|周转|贷了|办了|拿了)"
    yield rf"那家(?P<own>{_HAN}{{2,6}}?(?:{firm}|{loose})){_OF}"
    yield rf"{_NAME_BEFORE}，(?:就?是)?(?P<own>{_HAN}{{1,8}}?(?:{firm}|{loose}))(?={_OF}?(?:{_MARK}|$))"
    of_task = r"我是[^，。,！!？?]{0,16}?(?:案件|业务|项目|催收|贷后)的"
    yield rf"{of_task}(?P<own>{_HAN}{{1,8}}?(?:{firm}|{loose}))(?=的?(?:{title}|{nickname}|{_HAN}{{2}}，))"
    yield rf"我是你?在(?P<own>{_HAN}{{1,8}}?(?:{firm}|{loose}))(?:借款|贷款|业务)?的(?={title})"
    yield from _bare_frames(introduced, _either([word for word in words["department"] if len(word) > 2]), title, person)


def _bare_frames(introduced: str, department: str, title: str, person: str) -> Iterator[str]:
    """Houses whose names end like nothing known: by the bare …的, a department, or a frame that only a house fills."""
    bare = rf"(?P<own>{_HAN}{{2,5}}?)"
    named_self = rf"，?(?=我姓|姓|我叫|工号|(?:小|老|阿)[{SURNAMES}]|{title})"
    here = rf"(?:我是|我们是|(?<![离在你])这[边里儿](?:是)?|我系|{_AGENT_OF})"
    yield rf"{here}{bare}(?:平台)?{_OF}(?=$|{_MARK}|{person}|催收)"
    yield rf"(?:{introduced}|^|你好，?){_NOT_A_PLACE}{bare}{_OF}{named_self}"
    yield rf"(?:{introduced}|{_GREETED}){bare}(?:{department}|客服)(?={_OF}|{_MARK}|$|{person})"
    yield rf"(?:这里是|这边是|合作机构|外包公司){bare}(?=$|{_MARK}|贷后|{_NAME_BEHIND}|受|替|代表)"
    yield rf"(?:^|{_MARK}){bare}{_OF}(?={_MARK}?{_NAME_BEHIND})"
    yield rf"{_NAME_BEFORE}，(?:就?是)?{bare}{_OF}(?={_MARK}|$)"
    yield rf"(?:^|{_MARK}){_NO_HOUSE_ALONE}(?P<own>(?![{SURNAMES}]){_HAN}{{2,4}})，(?={_NAME_BEHIND})"
    yield (
        rf"(?:^|{_MARK}|我是?){_NOT_A_PLACE}(?P<own>{_HAN}{{2,8}}?){_OF}"
        rf"(?:小|老|阿)[\u4e00-\u9fff](?={_MARK}|$|替|代表|受)"
    )
    yield rf"(?:^|{_MARK}|我是?)(?P<own>{_HAN}{{2,8}}?)这边(?=的|替|代表|受)"
    yield (
        rf"(?:^|{_MARK})我{_SAID_EVERYDAY}(?P<own>{_HAN}{{2,4}}?)"
        rf"(?:{_OF}(?={_MARK}|$|叫我)|(?=(?:小|老|阿)[{SURNAMES}]{_MARK}))"
    )
    yield (
        r"(?:委托|托)我们(?!联系|跟|打|给|来|找|处理|提醒|公司|协助|代|向|进行|催|对|负责|做)"
        rf"(?P<own>{_HAN}{{2,6}}?)(?=打|给|来|跟|联系|负责|处理)"
    )
    yield rf"(?:{introduced}|^|你好，?){bare}信用卡{_OF}(?=$|{_MARK}|{person})"
    yield rf"这是{bare}的电话"


def _creditor_frames(lender: str) -> Iterator[str]:
    """Who entrusts the call, whose product the debt is, and banks named at all."""
    yield rf"(?:受|代表|是)(?P<name>{_HAN}{{2,12}}?)(?:的)?(?:委托|授权)"
    yield rf"(?P<name>{_HAN}{{2,10}}?)(?:已经|已)?(?:委托|委外|授权|托(?=我们?))(?:我|给|了|的|，|。|$)"
    yield rf"(?:替|帮|代)(?P<name>{_HAN}{{2,6}}?)(?:处理|收|催|跟进|打|做)[^，。]{{0,6}}的(?={_MARK}|$|你)"
    yield rf"(?:^|{_MARK}|你)(?P<name>{_HAN}{{1,6}}?(?:{lender}))(?=[那这][个笔张期件])"
    yield rf"是(?P<name>{_HAN}{{2,6}}?)(?:业务)?的?(?:合作机构|合作公司|合作方|委托方|外包)"
    yield rf"(?:代表|替|帮)(?P<name>{_HAN}{{1,8}}?(?:{lender}))"
    yield rf"(?:在|用|是|你|欠)(?P<name>{_HAN}{{1,8}}?(?:{lender}))"
    yield rf"(?P<name>{_HAN}{{1,8}}?(?:银行|农商行?|商行|联社|信用社|农信社|消费金融|消金|金服|小贷|钱包|[优易快]贷))"
    yield rf"(?P<name>{_HAN}{{2,8}}?(?:{lender}))(?=的(?:账单|信用卡|贷款|借款|欠款))"
    yield rf"(?:^|，|。)(?P<name>{_HAN}{{1,4}}(?:贷|借))(?=，|的|上|里|平台)"
    yield rf"(?P<name>{_HAN}{{2,5}})(?:那边|平台)(?:已经|把|的)"
    yield (
        rf"(?:^|{_MARK}|那个){_NO_SUM_OF}(?P<name>{_HAN}{{2,4}}?)(?:信用卡)?"
        r"(?=[一二三四五六七八九两][零一二三四五六七八九十百千万两]*[千万])"
    )
    yield rf"在(?P<name>{_HAN}{{2,5}})(?:上|平台|里)?的?(?=信用卡|贷款|借款|账单|欠款|那笔|这笔|借的|有一笔|分期)"


def _of_names(words: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """The endings of the names of houses, as expressions: those that are nothing else, and those that are."""
    loose = words["loose_suffix"]
    return _either([word for word in _endings(words) if word not in loose]), _either(loose)


def _endings(words: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return (*words["lender_suffix"], *words["agency_suffix"])


def _either(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
