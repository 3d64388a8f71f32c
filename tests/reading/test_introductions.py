"""Words that look like an introduction and are none: everyday words name no house, a relative is not the agent."""

from __future__ import annotations

import pytest

from qa_service.lexicon import Rulebook, load_rulebook
from qa_service.lexicon.text import view_of
from qa_service.reading.agent_name import AgentNameReader
from qa_service.reading.institutions import InstitutionReader


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


# Said in the middle of a call: everyday words that end or begin like an institution or a name.
EVERYDAY = [
    "我们这边最多分期十二期",
    "我先帮您申请分期",
    "我们尽快安排借款结清证明",
    "我这边是正规渠道的，您放心",
    "这边是最后一次，您考虑清楚",
    "我们已经移交法务部了",
    "你可以问朋友借，亲戚借",
    "那您去银行柜台转账",
    "打开我们公司的app就能还",
    "这是公司规定的电话",
    "我是按流程的",
    "你在外面借的钱我不管",
    "这边系统没法给您减免贷款",
    "您爱人姓陈是吧",
    "我跟王经理说一下",
    "我叫您一声大哥",
    "我是真心想帮您处理贷款",
    "我们会为您规划最优的方案",
    "小时候的事就别提了",
    "我知道的，您先别急",
    "我理解的，换谁都着急",
    "您女儿的，她自己会处理",
    "一共五千，您看怎么还",
    "最低三千就行",
    "隔壁的小王跟我说了",
    "我在外面跑了一天",
    "工资卡里没钱您说过了",
    "两万六您打算怎么处理",
    "给您打是因为上次没说完",
]


@pytest.mark.parametrize("said", EVERYDAY, ids=[f"everyday-{n}" for n in range(len(EVERYDAY))])
def test_everyday_words_name_nobody(rulebook: Rulebook, said: str) -> None:
    text = view_of(said).text
    institutions = InstitutionReader(rulebook.word_sets)
    assert list(institutions.own_houses(text)) == []
    assert list(institutions.creditors(text)) == []
    assert AgentNameReader(rulebook.word_sets["caller_title"]).find(text) is None


HEARD = [
    ("after a title", "我是诚达资产的客服六听，受东江银行委托", "我是诚达资产的客服六听"),
    ("after the house", "我是远信服务的合静，通话有录音", "我是远信服务的合静"),
    ("a title alone", "我是诚达资产的客服，受东江银行委托", None),
    ("a post alone", "我是东江银行的工作人员，通话有录音", None),
]


@pytest.mark.parametrize(("text", "named"), [case[1:] for case in HEARD], ids=[case[0] for case in HEARD])
def test_a_name_written_by_sound_still_stands_in_its_place(rulebook: Rulebook, text: str, named: str | None) -> None:
    reader = AgentNameReader(rulebook.word_sets["caller_title"])
    place = reader.find(text, heard=True)
    assert (text[slice(*place)] if place else None) == named
    assert reader.find(text) is None
