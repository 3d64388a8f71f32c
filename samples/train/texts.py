"""Sentences to train on: phrases with slots, drills of amounts and days, and random cuts of all of them.

The cuts are there so that the decoder must listen: what it cannot hear it would otherwise recite.
"""

from __future__ import annotations

import json
import random
import re
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONGEST = 40
"""Characters of the longest sentence, punctuation included (about 9 s)."""

DIGITS = "零一二三四五六七八九"
SURNAMES = "张王李赵刘陈杨黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董"
GIVEN = "伟娜磊洋强静峰刚丽超芳平杰华亮敏婷梅军勇艳涛明建国秀英海云龙红文波玲桂兰志"
TITLES = ("先生", "女士", "小姐")
AGENCIES = ("诚达资产", "远信服务", "恒泰咨询", "安和资产", "中诚服务")
LENDERS = ("东江银行", "南湖消费金融", "北山银行", "西岭小贷", "金桥贷款")
PRODUCTS = ("信用卡", "消费贷款", "分期贷款", "贷款", "借款", "账单", "信用贷款", "车贷")
HOURS = (
    "上午九点",
    "上午十点",
    "上午十一点",
    "中午十二点",
    "下午两点",
    "下午三点",
    "下午四点",
    "下午五点",
    "晚上六点",
    "晚上八点",
    "早上",
    "上午",
    "中午",
    "下午",
    "晚上",
    "下班之前",
    "十二点",
    "五点",
    "三点",
    "六点半",
)


def spoken_number(number: int, liang: bool) -> str:
    """1 to 999,999 as it is said: 3520 三千五百二十; `liang` says 两 before 百 (千 and 万 always take it)."""
    if number >= 10000:
        rest = number % 10000
        link = "零" if 0 < rest < 1000 else ""
        head = spoken_number(number // 10000, liang)
        return ("两" if head == "二" else head) + "万" + link + (spoken_number(rest, liang) if rest else "")
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit == 0:
            gap = bool(text)
            continue
        two = digit == 2 and (unit == 1000 or (unit == 100 and liang))
        text += ("零" if gap else "") + ("两" if two else DIGITS[digit]) + name
        gap = False
    return text[1:] if text.startswith("一十") else text


def amount(chance: random.Random) -> str:
    """One spoken amount of money in one of many forms."""
    kind = chance.random()
    liang = chance.random() < 0.7
    unit = chance.choice(("块", "块", "块钱", "元", ""))
    if kind < 0.22:
        base = chance.choice((chance.randint(1, 9) * 100, chance.randint(1, 9) * 1000, chance.randint(1, 20) * 10000))
        return spoken_number(base, liang) + unit
    if kind < 0.52:
        high = chance.choice(("百", "千", "千", "万"))
        first = chance.randint(1, 9)
        head = "两" if first == 2 and (high != "百" or liang) else DIGITS[first]
        return head + high + DIGITS[chance.randint(1, 9)]
    if kind < 0.78:
        number = chance.choice(
            (chance.randint(11, 99) * 100, chance.randint(11, 99) * 10, chance.randint(11, 99) * 1000)
        )
        return spoken_number(number, liang) + unit
    if kind < 0.96:
        number = chance.choice(
            (
                chance.randint(101, 999),
                chance.randint(1001, 9999),
                chance.randint(101, 999) * 10,
                chance.randint(10001, 99999),
                chance.randint(11, 99),
            )
        )
        return spoken_number(number, liang) + unit
    return spoken_number(chance.randint(1, 9) * chance.choice((100, 1000)), liang) + chance.choice(
        ("多", "多块", "左右")
    )


def day(chance: random.Random) -> str:
    """One spoken day or deadline in one of many forms."""
    week = chance.choice(("周", "周", "星期", "礼拜")) + chance.choice("一二三四五六日天")
    number = spoken_number(chance.randint(1, 31), False) + chance.choice(("号", "号", "号", "日"))
    month = spoken_number(chance.randint(1, 12), False) + "月"
    forms = (
        chance.choice(("今天", "明天", "后天", "大后天", "明天", "后天")),
        chance.choice(("今天", "明天", "后天", "大后天")) + chance.choice(HOURS),
        week,
        chance.choice(("这", "这", "本", "下", "下", "下下", "上")) + week,
        chance.choice(("这", "下")) + week + "之前",
        number,
        number,
        number + "之前",
        chance.choice(("下个月", "这个月", "本月", "下月")) + number,
        month + number,
        month + number,
        month + number + "之前",
        chance.choice(("月底", "月初", "月中", "下个月底", "这个月底", "年底", "月底之前", "下个月初", "月中旬")),
        chance.choice("一两三四五六七八十")
        + chance.choice(("天之内", "天内", "天以后", "个月之内", "个星期", "个礼拜")),
        chance.choice(
            (
                "下个月",
                "下周",
                "这周",
                "过两天",
                "过几天",
                "月底",
                "周末",
                "这个周末",
                "下个星期",
                "国庆",
                "过年",
            )
        ),
    )
    return chance.choice(forms)


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice(DIGITS) for _ in range(count))


def name(chance: random.Random) -> str:
    """A full name of two or three characters."""
    return chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 1, 2))))


def slot(letter: str, chance: random.Random) -> str:
    """What a capital letter of phrases.txt stands for."""
    if letter == "M":
        return amount(chance)
    if letter == "D":
        return day(chance)
    if letter in "FN":
        return name(chance) if letter == "F" else chance.choice(SURNAMES) + chance.choice(TITLES)
    if letter in "GT":
        return _digits(chance, 4)
    if letter == "X":
        return spoken_number(chance.randint(1, 180), True)
    if letter == "P":
        return (
            chance.choice(("半年", "一年", "两年", "好几天", "很久", "多天"))
            if chance.random() < 0.3
            else (chance.choice("一两三四五六七八九十") + "个" + chance.choice(("月", "多月", "星期")))
        )
    return chance.choice({"S": tuple(SURNAMES), "O": AGENCIES, "B": LENDERS, "K": PRODUCTS, "H": HOURS}[letter])


def fill(phrase: str, chance: random.Random) -> str:
    """A phrase with its slots filled."""
    return re.sub("[A-Z]", lambda found: slot(found.group(), chance), phrase)


@lru_cache(maxsize=1)
def groups() -> tuple[tuple[str, ...], ...]:
    """The phrases of phrases.txt, one tuple a line."""
    lines = (HERE / "phrases.txt").read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split()) for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def inventory() -> str:
    """Every character that can be spoken, sorted, then the punctuation."""
    slots = SURNAMES + GIVEN + DIGITS + "".join((*TITLES, *AGENCIES, *LENDERS, *PRODUCTS, *HOURS))
    slots += "两十百千万块钱元多左右今明后大天周星期礼拜日号月底初中年内之前以后过几国庆旬个下上这本半好很久"
    text = "".join("".join(group) for group in groups()) + slots
    return "".join(sorted({c for c in text if "\u4e00" <= c <= "\u9fff"})) + "，。？"


def plain(text: str) -> str:
    """The text without punctuation, as it is compared."""
    return re.sub("[，。？]", "", text)


def _phrase(chance: random.Random, group: tuple[str, ...] | None = None) -> str:
    return fill(chance.choice(group or chance.choice(_weighted())), chance)


@lru_cache(maxsize=1)
def _weighted() -> tuple[tuple[str, ...], ...]:
    """Groups, each as often as it has phrases."""
    return tuple(group for group in groups() for _ in range(len(group) // 8 + 1))


def _join(parts: list[str], chance: random.Random, comma: float) -> str:
    text = ""
    for part in parts:
        link = "" if not text or text.endswith("？") or chance.random() >= comma else "，"
        text += link + part
    return text if text.endswith("？") else text + "。"


def _talk(chance: random.Random) -> str:
    """One to four phrases, half of the time from the same group."""
    group = chance.choice(_weighted()) if chance.random() < 0.5 else None
    count = chance.choices((1, 2, 3, 4), (2, 4, 3, 1))[0]
    parts = [_phrase(chance, group) for _ in range(count)]
    if chance.random() < 0.2:
        parts[0] = chance.choice(("那", "嗯", "好", "哦", "我", "您", "你", "行", "就", "也", "他", "啊")) + parts[0]
    return _join(parts, chance, chance.choice((1.0, 0.8, 0.3)))


def _drill(chance: random.Random) -> str:
    """Amounts and days in little else."""
    links = (
        "还",
        "先还",
        "再还",
        "我还",
        "您还",
        "是",
        "到账",
        "和",
        "就",
        "能还",
        "转",
        "存",
        "给你",
        "欠",
        "剩下的",
        "那",
        "共",
        "",
    )
    parts = []
    for _ in range(chance.randint(1, 3)):
        kind = chance.random()
        if kind < 0.4:
            parts.append(day(chance) + chance.choice(links) + amount(chance))
        elif kind < 0.6:
            parts.append(
                chance.choice(links) + amount(chance) + chance.choice(("", "", "吧", "行不行", "可以吗", "啊", "的"))
            )
        elif kind < 0.75:
            parts.append(amount(chance) + day(chance) + chance.choice(("", "还", "再还", "给")))
        elif kind < 0.85:
            parts.append(chance.choice(links) + day(chance) + chance.choice(("", "吧", "行吗", "还", "再说")))
        elif kind < 0.95:
            parts.append(
                chance.choice(("我是", "我叫", "请问是", "您是", "", "我姓", "是"))
                + slot(chance.choice("FFNSOB"), chance)
            )
        else:
            parts.append(chance.choice(("工号", "尾号", "我姓", "号码", "")) + _digits(chance, chance.randint(2, 5)))
    return _join(parts, chance, 0.7)


def _cut(chance: random.Random) -> str:
    """Random pieces of random phrases, run together."""
    text = ""
    for _ in range(chance.randint(2, 6)):
        piece = _phrase(chance).replace("？", "")
        size = chance.randint(2, 6)
        start = chance.randint(0, max(0, len(piece) - size))
        text += piece[start : start + size] + chance.choice(("", "", "", "，"))
    return text.rstrip("，") + chance.choice("。。？")


@lru_cache(maxsize=1)
def forbidden() -> frozenset[str]:
    """What must not be trained on: every demo turn and every unseen sentence of 6 or more characters."""
    turns = [
        turn["text"]
        for line in (HERE.parent / "scripts.jsonl").read_text(encoding="utf-8").splitlines()
        for turn in json.loads(line)["turns"]
    ]
    return frozenset(text for text in map(plain, turns + unseen()) if len(text) >= 6)


def unseen() -> list[str]:
    """The held-out sentences of unseen.txt."""
    return (HERE / "unseen.txt").read_text(encoding="utf-8").split()


def sentence(chance: random.Random) -> str:
    """One training sentence, never a forbidden one."""
    while True:
        make = chance.choices((_talk, _drill, _cut), (55, 20, 25))[0]
        text = make(chance)
        bare = plain(text)
        if bare and len(text) <= LONGEST and not any(held in bare for held in forbidden()):
            return text


def sentences(count: int, seed: int) -> list[str]:
    """`count` training sentences; asserts that none equals a demo turn or an unseen sentence."""
    chance = random.Random(seed)
    made = [sentence(chance) for _ in range(count)]
    assert not forbidden() & {plain(text) for text in made}, "a held-out sentence is in the training set"
    return made
