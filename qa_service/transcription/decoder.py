"""faster-whisper's decoder with a bound on what a clip may cost: an endless loop must not take three times as long.

The library's usual way is several temperatures, each to the full length. Here there are two, the one after a loop
short: text that it cuts off is heard on from its last word, as any other.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from faster_whisper import WhisperModel

Foreign = Any
"""Things of the library, which ships no types."""

Decoded = tuple[Any, float, float, float]
"""The library's result, its mean log probability, its temperature, and how far its text can be compressed."""

TEMPERATURES = (0.0, 0.4)
"""The first attempt, and the second one for a loop or an answer too unsure of itself."""

LOOP_COMPRESSION = 2.4
"""Whisper's own limit: text that compresses better than this repeats itself."""

MOST_TOKENS = 224
_EXTRA_TOKENS = 20
_TOKENS_PER_SECOND = 6.5
"""Mandarin is spoken at 4.5 characters a second, at 6 in a hurry; a character is one token, a rare one up to three."""

_AFTER_LOOP = 0.35
"""Of the tokens of the first attempt: enough to tell whether it is the same loop again."""


def token_limit(length_ms: int) -> int:
    """How many tokens a clip of that length may take at the first attempt."""
    return min(MOST_TOKENS, _EXTRA_TOKENS + round(_TOKENS_PER_SECOND * length_ms / 1000))


class BoundedWhisper(WhisperModel):  # type: ignore[misc]
    """A model whose ``max_new_tokens`` is exactly that, and which tries twice at most."""

    def generate_with_fallback(
        self,
        encoder_output: Foreign,
        prompt: list[int],
        tokenizer: Foreign,
        options: Foreign,
    ) -> Decoded:
        """The library's own decoding, temperature by temperature, with the limits of this module."""
        limit = options.max_new_tokens or MOST_TOKENS
        first, *others = options.temperatures
        best = self._attempt(encoder_output, prompt, tokenizer, options, first, limit)
        for temperature in others:
            if not _needs_another(best, options):
                break
            room = round(limit * _AFTER_LOOP) if _looped(best) else limit
            again = self._attempt(encoder_output, prompt, tokenizer, options, temperature, room)
            best = max(best, again, key=lambda found: _worth(found, best))
        return best

    def _attempt(
        self,
        encoder_output: Foreign,
        prompt: list[int],
        tokenizer: Foreign,
        options: Foreign,
        temperature: float,
        limit: int,
    ) -> Decoded:
        # CTranslate2 writes no more than half of the length it is given, the prompt included.
        whole = min(max(2 * limit, limit + len(prompt)), self.max_length)
        only = replace(options, temperatures=[temperature], max_new_tokens=whole - len(prompt))
        found: Decoded = super().generate_with_fallback(encoder_output, prompt, tokenizer, only)
        return found


def _needs_another(found: Decoded, options: Foreign) -> bool:
    result, log_prob, _, _ = found
    if _looped(found):
        return True
    silent = options.no_speech_threshold is not None and result.no_speech_prob > options.no_speech_threshold
    return not silent and options.log_prob_threshold is not None and log_prob < options.log_prob_threshold


def _worth(found: Decoded, first: Decoded) -> tuple[bool, float]:
    """What is no loop before what is one, then the surer one; a few turns of the first loop are no better than many."""
    looped = _looped(found) or (_looped(first) and _from_loop(found, first))
    return not looped, found[1]


def _looped(found: Decoded) -> bool:
    return found[3] > LOOP_COMPRESSION


def _from_loop(found: Decoded, loop: Decoded) -> bool:
    """Whether most steps from token to token are those of the loop."""
    steps, known = (set(itertools.pairwise(each[0].sequences_ids[0])) for each in (found, loop))
    return 2 * len(steps & known) > len(steps)
