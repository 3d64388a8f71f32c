"""What is doubted, and what must not be."""

from __future__ import annotations

import tomllib

import pytest

from qa_service.call import Suspicion
from qa_service.transcription.engine import Segment, Word
from qa_service.transcription.suspect import PHRASES_FILE, is_echo, is_invented, is_loop, of_segments, of_utterance

PHRASES = tomllib.loads(PHRASES_FILE.read_text(encoding="utf-8"))


def segment(text: str, *, no_speech: float = 0.0, log_prob: float = -0.2) -> Segment:
    words = tuple(
        Word(text=character, start_ms=n * 200, end_ms=n * 200 + 200, probability=0.9)
        for n, character in enumerate(text)
    )
    return Segment(words=words, no_speech=no_speech, log_prob=log_prob, compression=1.0, temperature=0.0)


def doubts(text: str, **more: float) -> frozenset[Suspicion]:
    (found,) = of_segments([segment(text, **more)])
    return found


@pytest.mark.parametrize("phrase", PHRASES["whole"], ids=range(len(PHRASES["whole"])))
def test_every_listed_phrase_is_known_alone(phrase: str) -> None:
    assert is_invented(phrase)
    assert is_invented(f" {phrase}。")
    assert not is_invented(f"我刚才说{phrase}了吗")


@pytest.mark.parametrize(
    "text",
    [
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "請不吝點讚 訂閱 轉發 打賞支持明鏡與點點欄目",
        "字幕由 Amara.org 社区提供",
        "字幕由Amara.org社區提供",
        "字幕志愿者 李宗盛",
        "作词：李宗盛",
        "感謝觀看！",
        "谢谢观看，我们下期再见！",
        "謝謝觀看 謝謝觀看",
        "ＴＨＡＮＫ　ＹＯＵ",
        "Thanks for watching!",
        "优优独播剧场——YoYo Television Series Exclusive",
    ],
    ids=range(12),
)
def test_inventions_are_known_in_any_spelling(text: str) -> None:
    assert is_invented(text)
    assert doubts(text) == {Suspicion.INVENTED_PHRASE}


@pytest.mark.parametrize("text", ["", "。", *PHRASES["stays"]], ids=range(len(PHRASES["stays"]) + 2))
def test_what_a_caller_says_is_no_invention(text: str) -> None:
    assert not is_invented(text)


@pytest.mark.parametrize(
    ("text", "loop"),
    [
        ("我们会" * 30, True),
        ("请您尽快还款，" * 8, True),
        ("好" * 40, True),
        ("您好，" + "还款" * 40, True),
        ("请您在今天下午五点之前把逾期的款项还清。" * 4, True),
        ("请您在今天下午五点之前把逾期的款项还清。" * 3, True),
        ("请您在今天下午五点之前把逾期的款项还清。" * 2, False),
        ("好的，" + "请您尽快把逾期的款项还清。" * 3, True),
        ("请您尽快，把逾期的款项还清。请您尽快把逾期的款项，还清！请您尽快把逾期的款项还清", True),
        ("您什么时候还钱？您什么时候还钱？您什么时候还钱？", False),
        ("听得到吗？听得到吗？听得到吗？", False),
        ("我下周五还三千，您记一下，我下周五还三千，我再说一遍，我下周五还三千。", False),
        ("对对对对对对", False),
        ("喂喂喂，喂", False),
        ("我没钱我没钱我没钱", False),
        ("不是不是不是不是", False),
        ("哈哈哈哈哈哈哈哈", False),
        ("一千一百一十一块一毛一", False),
        ("您尾号八八八八的信用卡截至今天逾期二十三天，总欠款一万零九百元，最低还款一千零九十元，请您尽快处理。", False),
        ("", False),
    ],
    ids=range(20),
)
def test_loops(text: str, loop: bool) -> None:
    assert is_loop(text) == loop
    assert (Suspicion.LOOP in doubts(text)) == loop


@pytest.mark.parametrize(
    ("text", "length_ms", "impossible"),
    [
        ("您今天必须把钱还上不然我们就起诉", 1200, True),
        ("您今天必须把钱还上不然我们就起诉", 2000, False),
        ("您今天必须把钱还上，不然我们，就起诉。", 1400, False),
        ("是的是的", 200, False),
        ("10900.00", 900, False),
    ],
    ids=["too-fast", "fast", "marks-are-not-spoken", "too-short-to-say", "digits"],
)
def test_impossible_rate(text: str, length_ms: int, impossible: bool) -> None:
    found = of_utterance(text, length_ms=length_ms, speech_probability=0.9)
    assert (Suspicion.IMPOSSIBLE_RATE in found) == impossible


@pytest.mark.parametrize(
    ("text", "probability", "doubted"),
    [("您好", 0.2, True), ("您好", 0.36, False), ("您好", 0.9, False), ("", 0.0, False)],
    ids=["none", "little", "speech", "no-text"],
)
def test_no_speech_under_it(text: str, probability: float, doubted: bool) -> None:
    found = of_utterance(text, length_ms=3000, speech_probability=probability)
    assert (Suspicion.NO_SPEECH in found) == doubted


@pytest.mark.parametrize(
    ("no_speech", "log_prob", "doubted"),
    [(0.9, -0.9, True), (0.9, -0.2, False), (0.3, -0.9, False)],
    ids=["both", "sure-of-words", "sure-of-speech"],
)
def test_the_engines_own_doubt(no_speech: float, log_prob: float, doubted: bool) -> None:
    found = doubts("您好我是", no_speech=no_speech, log_prob=log_prob)
    assert (Suspicion.NO_SPEECH in found) == doubted


@pytest.mark.parametrize(
    ("texts", "loop"),
    [
        (["我们会尽快处理的"] * 3, False),
        (["我们会尽快为您处理的"] * 3, True),
        (["我们会", "我们会。"] * 4, True),
        (["喂", "喂", "喂", "喂"], False),
        (["请您尽快还清", "好的", "请您尽快还清", "好的"], False),
    ],
    ids=["short-three-times", "sentence-three-times", "spelt-differently", "hello", "between-others"],
)
def test_a_loop_may_be_cut_into_equal_segments(texts: list[str], loop: bool) -> None:
    assert [Suspicion.LOOP in found for found in of_segments([segment(text) for text in texts])] == [loop] * len(texts)


def test_what_surrounds_a_loop_is_not_doubted() -> None:
    texts = ["您好请问是张先生吗", *["我们会尽快为您处理的"] * 3, "那我晚点再打给您"]
    found = of_segments([segment(text) for text in texts])
    assert [bool(doubt) for doubt in found] == [False, True, True, True, False]


PROMPT = "逾期 还款 征信 减免 分期 委托"


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        ("逾期 还款 征信 减免 分期 委托", True),
        ("逾期、还款、征信、减免。", True),
        ("逾期还款征信", True),
        ("還款 徵信 減免", True),
        ("好的，逾期还款征信减免。", True),
        ("委托 分期 减免 征信", True),
        ("还款还款还款还款", True),
        ("逾期还款", False),
        ("逾期还款？", False),
        ("您逾期还款会影响征信", False),
        ("减免分期", False),
        ("征信减免和分期都可以帮您申请", False),
        ("我这边受东江银行委托，跟您核实一下逾期还款的事，减免分期都可以谈", False),
        ("", False),
    ],
    ids=range(14),
)
def test_prompt_echo(text: str, echo: bool) -> None:
    assert is_echo(text, PROMPT) == echo
    (found,) = of_segments([segment(text)], PROMPT)
    assert (Suspicion.PROMPT_ECHO in found) == echo
    assert Suspicion.PROMPT_ECHO not in doubts(text), "an engine that was told nothing has nothing to say back"


@pytest.mark.parametrize(
    ("text", "prompt", "echo"),
    [
        ("东江银行委托诚达资产", "诚达资产 东江银行 委托", False),
        ("我是诚达资产的", "诚达资产 东江银行", False),
        ("诚达资产", "诚达资产", False),
        ("诚达资产东江银行委托书", "诚达资产 东江银行 委托书", True),
        ("逾期", "", False),
        ("逾期", "　", False),
    ],
    ids=["own-order", "introduction", "one-word", "in-order", "no-prompt", "blank-prompt"],
)
def test_a_houses_own_words_are_no_echo_in_a_sentence(text: str, prompt: str, echo: bool) -> None:
    assert is_echo(text, prompt) == echo


@pytest.mark.parametrize(
    ("text", "invented"),
    [("以下是普通话的句子。", True), ("這是一段中文電話錄音", True), ("这是一段录音", True), ("以下是您的账单", False)],
    ids=range(4),
)
def test_the_usual_prompts_are_known_by_their_frame(text: str, invented: bool) -> None:
    assert is_invented(text) == invented
