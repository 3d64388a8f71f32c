"""How agents say their own name or staff number: the frames of a self-introduction, and whose name is not theirs.

A title alone (客服, 您的专属经理) is no name; a name of a third person (之前联系您的小陈, 我们经理姓杜) or of
the listener (您姓王吧) is not the agent's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_service.lexicon.patterns import SURNAMES

_DIGIT = "[0-9零〇一二三四五六七八九]"
_SPOKEN_DIGIT = "[0-9零〇一二两三四五六七八九十百千]"
_FAMILY = f"[{SURNAMES}付]"
_END = (
    r"(?=[，。,.！!？?、；]|$|工号|来电|代表|替|又|就|呀|噻|哈|这边|电话|通话|这通|这个"
    r"|我|你|给|跟|想|在|受|关于|请问|那|东|是)"
)
_NAME = rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}?{_END}"
# 小时, 小姐, 老师 … begin like a nickname.
_NICKNAME = rf"(?:小|老|阿)(?!时|程序|姐|区|组|额|微|贷|师|板|公|家){_FAMILY}"
_SMALL = r"小(?!时|程|姐|区|组|额|微|贷|伙|孩|事|店|票|于|心|企)[\u4e00-\u9fff]"
_ME = r"(?:我是|我们是|这边是|这里是)"
# What a nickname after an institution or a title follows: the last character of 银行, 卡中心, 客服, 专员, 平台的 …
_HOUSE_OR_TITLE = r"(?<=[的那行社司部心员理服贷借融财金花期惠台构线所产])"
# A house before the agent's nickname, whatever it is called; a place or an earlier call is none.
_HOUSE = r"(?!上[次回个]|隔壁|之前|以前|前面|昨天|刚才|单位|家里|学校|厂里|店里|你们)[\u4e00-\u9fff]{2,8}?"
_OF = "(?:的|嘅|这边的)"
_RANK = r"(?:律师|经理|主任|主管|老师|专员|客服|顾问|助理)"
# Somebody else's name: asked for, called before, the boss, a relative.
_OTHERS = re.compile(
    r"(?:之前|上次|上回|昨天|刚才|隔壁|楼下|对面|我们?同事|领导|找|联系你的|打给你|跟我们|你们|他|你是|你叫|是不是|是叫|我们(?:经理|主管|组长|领导))(?:(?![吗吧我，。,！？?]).){0,8}$"
)
_NEAR = 20


class AgentNameReader:
    """Finds the agent's own name or staff number in the view of a turn."""

    def __init__(self, titles: Sequence[str]) -> None:
        """Compile the frames with the titles that callers give themselves (客服, 客户经理, 催收员 …)."""
        title = "|".join(re.escape(word) for word in sorted(titles, key=len, reverse=True))
        frames = (
            r"(?:免贵|(?<![你他贵们婆妈爸妻夫友百老])(?<!爱人|对象|那位|家人|老板|领导))姓(?![什啥名甚谁氏])[\u4e00-\u9fff](?!的)",
            rf"(?:我叫|我名叫|叫我)(?:(?:小|老|阿)[\u4e00-\u9fff]|[{SURNAMES}](?![不要过])|(?![你他不了过人什啥大])[\u4e00-\u9fff]{{2}}{_END})",
            rf"(?:工号|工牌号?|员工号|员工编号|坐席号|坐席编号|(?<![\u4e00-\u9fff])编号)[是为]?[：:]?[a-z]{{0,2}}{_SPOKEN_DIGIT}{{2,8}}",
            rf"{_DIGIT}{{3,6}}号?(?:客服|专员|坐席|话务|催收)|(?:客服|坐席|专员|客服代表){_DIGIT}{{2,6}}号?",
            rf"(?:我是|我|^){_NICKNAME}(?!哥|姐|总){_END}(?<!^小[{SURNAMES}])",
            rf"(?:我是|还是){_SMALL}{_END}",
            rf"(?:^|[，。？！?!、；姐哥总]|你好)我{_NICKNAME}(?![子女儿库区哥姐总])",
            rf"(?:^|[，。？！?!、；]|我|我是){_HOUSE}{_OF}(?:小|老|阿)[\u4e00-\u9fff]{_END}",
            rf"{_HOUSE_OR_TITLE}，{_NICKNAME}(?=[，。]|$)",
            rf"{_ME}[^，。,？?！!]{{0,16}}?的[{SURNAMES}](?=[，。]|$)",
            rf"(?:^|[，。？！?!、；]){_DIGIT}{{3,4}}号(?=[，。]|$)",
            r"(?:^|[，。？！?!、；]|我是|工号)[a-z][0-9]{2,5}(?=[，。]|$)",
            r"叫我(?:小|老|阿)[\u4e00-\u9fff]",
            rf"{_HOUSE_OR_TITLE}{_NICKNAME}{_END}",
            rf"{_ME}[^，。,？?！!]{{0,16}}?(?:小|老|[的员理师服部行心司金贷融产]){_NAME}",
            rf"{_ME}[^，。,？?！!]{{0,16}}?[的行部心服融司]{_SMALL}{_END}",
            rf"(?:银行|金服|金融|消金|分期|中心|专员|客服|经理|部){_SMALL}{_END}",
            rf"(?:我是|(?:是|我|的|员|行|部|心)(?:{title})){_NAME}",
            rf"(?:我是|{_ME}[^，。,？?！!]{{0,14}}?[的所部行司心])[{SURNAMES}]{_RANK}",
        )
        # Engines write names by sound (刘婷 as 六听): whatever stands where the name belongs is taken for one.
        place = (
            rf"我是[^，。,？?！!]{{2,16}}?(?:的|{title})(?!{title}|同事|朋友|人员|那个|负责|一个|一名|人[，。])"
            r"[\u4e00-\u9fff]{2,3}(?=[，。,]|$)"
        )
        self._title = re.compile(title)
        self._spelled = _any_of(frames)
        self._heard = _any_of((*frames, place))

    def find(self, text: str, *, heard: bool = False) -> tuple[int, int] | None:
        """Where the agent first says who they are, as a half-open range of ``text``; None where nowhere.

        ``heard`` says that an engine wrote the text, so that a name may be misspelt.
        """
        for match in (self._heard if heard else self._spelled).finditer(text):
            if not _OTHERS.search(text[max(0, match.start() - _NEAR) : match.start()]):
                return match.span()
        return None

    def behind(self, text: str, end: int) -> tuple[int, int] | None:
        """The name right behind the house which ends at ``end`` (诚达的李明, 诚达小李), None where there is none."""
        match = _BEHIND_A_HOUSE.match(text, end)
        group = next((name for name in ("name", "bare") if match is not None and match[name]), None)
        if match is None or group is None or _NO_NAME.search(match[group]):
            return None
        return None if group == "bare" and self._title.search(match[group]) else match.span(group)


# 的 and two or three characters to the end of the clause are a name whatever they are; without 的 a surname is needed.
_BEHIND_A_HOUSE = re.compile(
    rf"(?:的|嘅|这边的?)?(?:客服|专员|催收员|客户经理|代理律师)?，?"
    rf"(?P<name>{_NICKNAME}(?=[，。,]|$|受|替|代表|请问|你|跟|来)|{_FAMILY}[\u4e00-\u9fff]{{1,2}}(?=[，。,]|$)"
    rf"|[\u4e00-\u9fff](?:经理|主任|主管|师傅|律师|姐|哥)(?=[，。,]|$|你|受))"
    rf"|(?:的|嘅)(?P<bare>[\u4e00-\u9fff]{{2,3}})(?=[，。,]|$)"
)
_NO_NAME = re.compile(
    r"委托|催|通知|提醒|同事|人员|电话|录音|通话|负责|公司|外包|合作|事|钱|账|的|了|是|我|你|他|[这那]"
)


def _any_of(frames: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{frame})" for frame in frames))
