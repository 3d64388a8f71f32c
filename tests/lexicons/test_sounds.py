"""Phrases by sound: what counts as a slip of recognition, and what is merely another word."""

import pytest

from qa_service.lexicon.sounds import Respeller, fold

PHRASES = [
    "反诈中心",
    "强制执行",
    "通讯录",
    "手续费",
    "坐月子",
    "识时务",
    "我不叫",
    "还有脸",
    "再借一笔",
    "全程录音",
    "打爆",
]
RESPELLER = Respeller(PHRASES)

SLIPS = [
    pytest.param("我们是反炸中心的", "我们是反诈中心的", id="one-homophone-of-four"),
    pytest.param("申请强治执行", "申请强制执行", id="homophone-in-the-middle"),
    pytest.param("给点手须费就行", "给点手续费就行", id="three-syllables-plain-homophone"),
    pytest.param("本次通话全程路音", "本次通话全程录音", id="another-tone"),
    pytest.param("本次通话全城录音", "本次通话全程录音", id="the-same-sound-with-another-tone"),
    pytest.param("已经强字执行了", "已经强制执行了", id="folded-z-for-zh"),
    pytest.param("通信录都在我这，手须费另算", "通信录都在我这，手续费另算", id="only-what-sounds-the-same"),
]

OTHER_WORDS = [
    pytest.param("强制执行", id="spelt-right"),
    pytest.param("逾期四十五天了", id="three-other-characters"),
    pytest.param("还有两碗米饭", id="three-syllables-folded-only"),
    pytest.param("那我不交了", id="held-together-by-everyday-characters"),
    pytest.param("大包小包", id="two-syllables-are-never-looked-for"),
    pytest.param("通电话", id="another-phrase"),
    pytest.param("", id="nothing"),
]


@pytest.mark.parametrize(("written", "read"), SLIPS)
def test_a_slip_is_read_as_the_lexicon_spells_it(written: str, read: str) -> None:
    heard = RESPELLER.respell(written)
    assert heard is not None
    assert heard.text == read


@pytest.mark.parametrize("written", OTHER_WORDS)
def test_other_words_stay_what_they_are(written: str) -> None:
    assert RESPELLER.respell(written) is None


def test_words_of_the_lexicon_are_never_read_as_others() -> None:
    assert Respeller(["强制执行", "强治执行"]).respell("强制执行和强治执行") is None


def test_a_match_rests_on_sound_only_where_it_holds_the_whole_phrase() -> None:
    heard = RESPELLER.respell("我们是反炸中心的")
    assert heard is not None
    assert heard.phrases == ((3, 7),)
    assert [heard.rests_on(0, 8), heard.rests_on(3, 7), heard.rests_on(0, 5)] == [True, True, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [("zhang", "zan"), ("chen", "cheng"), ("shi", "si"), ("lan", "nang"), ("jing", "jin"), ("liu", "niu")],
)
def test_what_the_telephone_does_not_tell_apart_is_folded(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("ba", "pa"), ("he", "fe"), ("gong", "gon"), ("ri", "li"), ("yu", "yi")])
def test_what_it_tells_apart_is_not(one: str, other: str) -> None:
    assert fold(one) != fold(other)
