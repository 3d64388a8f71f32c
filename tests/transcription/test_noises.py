"""Tones and music told from speech, on cadences as the exchanges of several countries make them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qa_service.call import Noise, NoiseKind, Span, Voice
from qa_service.testing.audio import RATE, Sound, silence, speech, utterances, write_recording
from qa_service.testing.signals import Wave, as_sound, at_level, cadence, hiss, mixed, tune, voiced
from qa_service.transcription.audio import decode
from qa_service.transcription.noises import find_noises, without_tones
from qa_service.transcription.vad import FRAME_MS, frame_probabilities

CALLS = Path(__file__).parents[2] / "samples" / "calls"
RING, MUSIC, TONE = NoiseKind.RING_BACK, NoiseKind.HOLD_MUSIC, NoiseKind.TONE

CADENCES = {
    "ring-back China": (cadence(((450,), 1000), ((), 4000), repeat=3), RING, 1),
    "one ring": (cadence(((), 500), ((450,), 1000), ((), 4000)), RING, 1),
    "first ring cut": (cadence(((450,), 400), ((), 4000), ((450,), 1000), ((), 1000)), RING, 1),
    "ring-back America": (cadence(((440, 480), 2000), ((), 4000), repeat=3), RING, 1),
    "ring-back Germany": (cadence(((425,), 1000), ((), 4000), repeat=3), RING, 1),
    "busy China": (cadence(((450,), 350), ((), 350), repeat=6), TONE, 6),
    "congestion China": (cadence(((450,), 700), ((), 700), repeat=4), TONE, 4),
    "busy America": (cadence(((480, 620), 500), ((), 500), repeat=4), TONE, 4),
    "dial tone": (cadence(((450,), 5000)), TONE, 1),
    "fax": (cadence(((1100,), 500), ((), 3000), repeat=2), TONE, 2),
    "modem": (cadence(((2100,), 3300)), TONE, 1),
    "keys": (
        cadence(((697, 1209), 100), ((), 100), ((852, 1336), 80), ((), 100), ((941, 1477), 120), ((), 200)),
        TONE,
        3,
    ),
}


def noises_of(sound: Sound | Wave) -> tuple[Noise, ...]:
    channel = mixed(sound, hiss(len(sound), level=20))
    return find_noises(channel, Voice.LEFT, frame_probabilities(channel))


@pytest.mark.parametrize(("sound", "kind", "count"), CADENCES.values(), ids=CADENCES)
def test_tones_are_known_by_their_cadence(sound: Wave, kind: NoiseKind, count: int) -> None:
    found = noises_of(sound)
    assert [noise.kind for noise in found] == [kind] * count
    assert all(noise.voice is Voice.LEFT for noise in found)


@pytest.mark.parametrize(
    ("suffix", "codec", "rate", "bits"),
    [
        (".wav", "pcm_alaw", 8000, "64000"),
        (".amr", "libopencore_amrnb", 8000, "12200"),
        (".opus", "libopus", 48_000, "12000"),
        (".mp3", "libmp3lame", 16_000, "32000"),
    ],
    ids=["a-law", "amr", "opus", "mp3"],
)
@pytest.mark.parametrize(("name", "count"), [("ring-back China", 1), ("busy China", 6), ("keys", 3)])
def test_tones_pass_through_codecs_and_noise(
    tmp_path: Path, name: str, count: int, suffix: str, codec: str, rate: int, bits: str
) -> None:
    wave, kind, _ = CADENCES[name]
    sound = mixed(wave, np.zeros(len(wave) + RATE), hiss(len(wave) + RATE, level=600))
    path = write_recording(tmp_path / f"tones{suffix}", sound, rate=rate, codec=codec, options={"b": bits})
    (channel,) = decode(path, tmp_path / "audio").samples
    found = find_noises(channel, Voice.LEFT, frame_probabilities(channel))
    assert [noise.kind for noise in found] == [kind] * count


def test_a_double_ring_is_a_ring() -> None:
    found = noises_of(cadence(((400, 450), 400), ((), 200), ((400, 450), 400), ((), 2000), repeat=4))
    ringing = sum(noise.span.end_ms - noise.span.start_ms for noise in found if noise.kind is RING)
    assert ringing > 0.6 * 4 * 3000


def test_ringing_ends_where_somebody_answers() -> None:
    rings = cadence(((450,), 1000), ((), 4000), repeat=2)
    channel = mixed(np.concatenate([rings, speech(3000)]), hiss(13 * RATE, level=20))
    probabilities = frame_probabilities(channel)
    (ringing,) = find_noises(channel, Voice.LEFT, probabilities)
    assert (ringing.kind, ringing.span.end_ms) == (RING, pytest.approx(6000, abs=100))
    assert np.array_equal(without_tones(probabilities, [ringing])[200:], probabilities[200:])


def test_speech_between_rings_stays_speech() -> None:
    rings = cadence(((450,), 1000), ((), 4000), repeat=2)
    rings[2 * RATE : 4 * RATE] = speech(2000)
    channel = as_sound(rings)
    probabilities = frame_probabilities(channel)
    found = find_noises(channel, Voice.LEFT, probabilities)
    assert [noise.kind for noise in found] == [RING, RING]
    assert np.array_equal(without_tones(probabilities, found)[64:124], probabilities[64:124])
    assert (probabilities[64:124] >= 0.5).mean() > 0.6


def test_only_tones_are_taken_from_the_detector() -> None:
    probabilities = np.ones(100, dtype=np.float32)
    spans = {
        kind: Span(start_ms=at, end_ms=at + 10 * FRAME_MS) for at, kind in zip((0, 640, 1280), NoiseKind, strict=True)
    }
    left = [Noise(kind=kind, voice=Voice.LEFT, span=span) for kind, span in spans.items()]
    silenced = np.flatnonzero(without_tones(probabilities, left) == 0)
    expected = [at // FRAME_MS + n for kind, at in ((RING, 0), (TONE, 1280)) for n in range(10)]
    assert silenced.tolist() == expected
    assert (probabilities == 1).all(), "the detector's own word is kept"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", [300, 3000])
def test_music_is_marked_almost_whole(seed: int, level: int) -> None:
    found = noises_of(tune(30_000, seed=seed, level=level))
    music = sum(noise.span.end_ms - noise.span.start_ms for noise in found if noise.kind is MUSIC)
    assert music >= 0.75 * 30_000
    assert not [noise for noise in found if noise.kind is not MUSIC]


def test_music_that_stops_is_marked_until_then() -> None:
    found = noises_of(np.concatenate([np.zeros(5 * RATE), tune(15_000), np.zeros(10 * RATE)]))
    assert [noise.kind for noise in found] == [MUSIC]
    assert found[0].span.start_ms == pytest.approx(5000, abs=2600)
    assert found[0].span.end_ms == pytest.approx(20_000, abs=2600)


SPEECH = {
    "low": speech(15_000, pitch=90),
    "high": speech(15_000, pitch=250, seed=1),
    "utterances": utterances((500, 2500), (6000, 9000), length=12_000),
    "held vowel": np.concatenate([silence(1000), as_sound(voiced(220, 800, glide=0.05)), silence(1000)]),
    "noise": as_sound(hiss(15 * RATE, level=1000)),
    "hum of the mains": as_sound(cadence(((50, 100, 150, 250), 15_000), level=600)),
    "silence": silence(15_000),
}


@pytest.mark.parametrize("sound", SPEECH.values(), ids=SPEECH)
def test_nothing_else_is_a_noise(sound: Sound) -> None:
    assert noises_of(sound) == ()


def test_talk_over_music_is_speech_where_the_detector_hears_it() -> None:
    talk = at_level(speech(10_000).astype(float), 3000)
    channel = mixed(np.concatenate([np.zeros(10 * RATE), talk]), tune(20_000, level=600))
    probabilities = frame_probabilities(channel)
    found = find_noises(channel, Voice.LEFT, probabilities)
    assert np.array_equal(without_tones(probabilities, found), probabilities), "music takes no speech away"
    assert all(noise.kind is MUSIC and noise.span.end_ms <= 12_600 for noise in found)


@pytest.mark.parametrize("call", ["demo-04", "demo-09", "demo-10"])
def test_the_demo_calls_hold_no_noise(call: str, tmp_path: Path) -> None:
    for channel in decode(CALLS / f"{call}.opus", tmp_path / "audio").samples:
        assert find_noises(channel, Voice.LEFT, frame_probabilities(channel)) == ()


def test_too_short_a_channel_has_none() -> None:
    assert find_noises(silence(30), Voice.LEFT, frame_probabilities(silence(30))) == ()
