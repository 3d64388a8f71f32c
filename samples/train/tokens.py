"""The vocabulary: byte-level BPE, one token a character, then Whisper's special tokens in Whisper's order."""

from __future__ import annotations

from functools import lru_cache

from faster_whisper.tokenizer import _LANGUAGE_CODES
from texts import inventory
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

TIMESTAMPS = 1501
"""0.00 to 30.00 s in steps of 0.02 s."""


@lru_cache(maxsize=1)
def byte_symbols() -> tuple[str, ...]:
    """The printable stand-in of each byte value, as GPT-2 defined it."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    symbols, extra = {}, 0
    for value in range(256):
        if value in printable:
            symbols[value] = chr(value)
        else:
            symbols[value] = chr(256 + extra)
            extra += 1
    return tuple(symbols[value] for value in range(256))


def _merges() -> list[tuple[str, str]]:
    symbols = byte_symbols()
    merges: dict[tuple[str, str], None] = {}
    for character in inventory():
        first, second, third = (symbols[byte] for byte in character.encode())
        merges[(first, second)] = None
        merges[(first + second, third)] = None
    return list(merges)


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Every token by its id. The empty string, never spoken, is how CTranslate2 tells a multilingual model."""
    languages = [code for code in _LANGUAGE_CODES if code != "yue"]
    assert len(languages) == 99
    text = [*byte_symbols(), *("".join(pair) for pair in _merges()), ""]
    special = [
        "endoftext",
        "startoftranscript",
        *languages,
        "translate",
        "transcribe",
        "startoflm",
        "startofprev",
        "nospeech",
        "notimestamps",
    ]
    marks = [f"<|{name}|>" for name in special] + [f"<|{index * 0.02:.2f}|>" for index in range(TIMESTAMPS)]
    return tuple(text + marks)


@lru_cache(maxsize=1)
def ids() -> dict[str, int]:
    """Token to id."""
    return {token: index for index, token in enumerate(vocabulary())}


def tokenizer() -> Tokenizer:
    """The tokenizer that faster-whisper loads from tokenizer.json."""
    end = ids()["<|endoftext|>"]
    text = {token or "<|unused|>": index for index, token in enumerate(vocabulary()[:end])}
    made = Tokenizer(BPE(vocab=text, merges=_merges()))
    made.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = ByteLevelDecoder()
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in vocabulary()[end:]])
    assert made.token_to_id("<|30.00|>") == len(vocabulary()) - 1
    return made


@lru_cache(maxsize=1)
def characters() -> dict[str, int]:
    """Character to token id."""
    made = tokenizer()
    pairs = {c: made.encode(c, add_special_tokens=False).ids for c in inventory()}
    assert all(len(found) == 1 for found in pairs.values())
    return {c: found[0] for c, found in pairs.items()}


def timestamp(seconds: float) -> int:
    """The id of a time stamp, rounded to 0.02 s."""
    return ids()["<|0.00|>"] + min(TIMESTAMPS - 1, max(0, round(seconds / 0.02)))
