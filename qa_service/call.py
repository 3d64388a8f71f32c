"""What is known of a call before anything is judged: call data, recording and turns.

Times inside a call are integer milliseconds from its start, ranges are half-open; instants are aware datetimes;
money is ``Decimal`` yuan. Names follow the contract in ``docs/contract.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from statistics import fmean
from types import MappingProxyType

from qa_service.labelled import Labelled


class Speaker(Labelled):
    """Who talks: the firm's agent, or whoever answered (debtor or not)."""

    AGENT = "agent", "坐席"
    CUSTOMER = "customer", "客户"

    @property
    def other(self) -> Speaker:
        """The other side of the call."""
        return Speaker.CUSTOMER if self is Speaker.AGENT else Speaker.AGENT


class Callee(Labelled):
    """What the dialler knows of the number called; it may be wrong."""

    DEBTOR = "debtor", "债务人本人"
    THIRD_PARTY = "third_party", "第三人"
    UNKNOWN = "unknown", "未知"


class Direction(Labelled):
    """Who placed the call."""

    OUTBOUND = "outbound", "呼出"
    INBOUND = "inbound", "呼入"


class DialOutcome(Labelled):
    """How an attempt to reach a number ended, as the dialler reports it."""

    CONNECTED = "connected", "接通"
    NO_ANSWER = "no_answer", "无人接听"
    BUSY = "busy", "忙线"
    REJECTED = "rejected", "拒接"
    UNREACHABLE = "unreachable", "关机或无法接通"
    INVALID_NUMBER = "invalid_number", "号码无效"


class OrgKind(Labelled):
    """Whether the caller's house collects its own debt or another's."""

    AGENCY = "agency", "外部催收机构"
    IN_HOUSE = "in_house", "自营催收"


class LegalStage(Labelled):
    """How far the lender's legal action has really gone."""

    NONE = "none", "未进入法律程序"
    PRE_ACTION = "pre_action", "诉前"
    FILED = "filed", "已立案"
    JUDGED = "judged", "已判决"
    ENFORCING = "enforcing", "执行中"


class LenderKind(Labelled):
    """Whether the creditor is a licensed lender; the caps on interest of private lending bind only the others."""

    LICENSED = "licensed", "持牌机构"
    PRIVATE = "private", "非持牌出借人"


class DebtorCondition(Labelled):
    """Whether the debtor can be spoken to at all; only the latter two allow a third party to be called outright."""

    ABLE = "able", "可以联系"
    DECEASED = "deceased", "已死亡"
    INCAPACITATED = "incapacitated", "无民事行为能力"


class Suspicion(Labelled):
    """Why a stretch of recognised text is not to be trusted."""

    LOOP = "loop", "重复循环"
    IMPOSSIBLE_RATE = "impossible_rate", "语速不可能"
    INVENTED_PHRASE = "invented_phrase", "疑似识别虚构语句"
    NO_SPEECH = "no_speech", "该处无人声"
    PROMPT_ECHO = "prompt_echo", "疑似复述提示词"
    CROSSTALK = "crosstalk", "疑似另一声道串音"


class Voice(Labelled):
    """Whose sound a turn is, before anybody says who that is: a channel, or one of two voices told apart in one."""

    LEFT = "left", "左声道"
    RIGHT = "right", "右声道"
    FIRST = "voice_1", "声音甲"
    SECOND = "voice_2", "声音乙"

    @property
    def other(self) -> Voice:
        """The other voice of the same pair."""
        return _OTHER_VOICE[self]


_OTHER_VOICE: Mapping[Voice, Voice] = MappingProxyType(
    {Voice.LEFT: Voice.RIGHT, Voice.RIGHT: Voice.LEFT, Voice.FIRST: Voice.SECOND, Voice.SECOND: Voice.FIRST}
)


class ChannelLayout(Labelled):
    """How the two sides of a call lie in its recording."""

    MONO = "mono", "单声道"
    DUAL_MONO = "dual_mono", "双声道同声"
    STEREO = "stereo", "双声道"
    SEPARATE_FILES = "separate_files", "两侧分文件"


class NoiseKind(Labelled):
    """Sound of a call that is neither speech nor silence."""

    RING_BACK = "ring_back", "回铃音"
    HOLD_MUSIC = "hold_music", "等待音乐"
    TONE = "tone", "信号音"


class Grade(Labelled):
    """A sound quality in one word."""

    GOOD = "good", "好"
    FAIR = "fair", "一般"
    POOR = "poor", "差"
    UNKNOWN = "unknown", "无法评定"


@dataclass(frozen=True, slots=True, kw_only=True)
class Org:
    """The caller's house, its kind where that is known, and the lines registered to call from (``Call.caller_id``)."""

    kind: OrgKind | None = None
    names: tuple[str, ...] = ()
    caller_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Where the audio of a call lies and how its channels are assigned.

    ``path`` is relative to the manifest that named it (or absolute at intake); ``channels`` maps ``left`` / ``right``
    to a speaker and is empty for mono or where nothing is known. ``line`` names the trunk or recorder whose settings
    (channel map, headerless encoding) apply. A call recorded as one file per side has the second one under
    ``other_side``; ``path`` is then the agent's and ``other_side`` the customer's, and ``channels`` is not read.
    """

    path: str
    sha256: str | None = None
    channels: Mapping[str, Speaker] = field(default_factory=lambda: MappingProxyType({}))
    line: str | None = None
    other_side: str | None = None
    other_side_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWindow:
    """A span agreed with the debtor in which calls outside the usual hours are welcome."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdParty:
    """Somebody other than the debtor who is on file; ``stop`` once they asked not to be called again.

    ``number_id`` tells which of them a call went to; ``debt_related`` is set for one who owes too (a guarantor).
    """

    relation: str | None = None
    number_id: str | None = None
    debt_related: bool | None = None
    stop: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The lender's snapshot of the debt at call time; None always means *not known*.

    Yuan: ``balance`` is all that is owed, ``overdue_amount`` the part past due, ``principal`` the part that was lent,
    ``minimum_due`` the least payment of the statement. ``rate_cap`` is the highest yearly rate allowed, in percent.
    ``last_payment_on`` is the local day of the latest payment received.
    """

    overdue_days: int | None = None
    balance: Decimal | None = None
    overdue_amount: Decimal | None = None
    principal: Decimal | None = None
    minimum_due: Decimal | None = None
    lender_kind: LenderKind | None = None
    rate_cap: Decimal | None = None
    last_payment_on: date | None = None
    legal_stage: LegalStage | None = None
    debtor_condition: DebtorCondition | None = None
    waiver_id: str | None = None
    repay_channels: tuple[str, ...] = ()
    consent_windows: tuple[ConsentWindow, ...] = ()
    third_parties: tuple[ThirdParty, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the call data says anything of the case at all."""
        return self != Case()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """One recognised word: characters ``[start, end)`` of its turn's text, when it was said, how surely (0 to 1).

    ``probability`` is None where the engine does not say how sure it is.
    """

    start: int
    end: int
    start_ms: int
    end_ms: int
    probability: float | None


def mean_sureness(words: Iterable[HeardWord]) -> float | None:
    """The mean probability of the words that have one, None where none has."""
    known = [word.probability for word in words if word.probability is not None]
    return round(fmean(known), 3) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundMoment:
    """One second of speech (pauses left out) that begins at ``at_ms`` of the call: its level and its pitch."""

    at_ms: int
    level_db: float
    pitch_hz: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSound:
    """How a turn sounds, measured on its speech alone.

    ``level_db`` is in dB below full scale (never above 0), ``pitch_hz`` the median of the voiced parts,
    ``chars_per_second`` the pace of the text over the speech time, ``speech_ms`` that time. None where there is too
    little to measure. ``course`` is the turn second by second of speech, so that limits can be applied later.
    """

    level_db: float | None = None
    pitch_hz: float | None = None
    chars_per_second: float | None = None
    speech_ms: int = 0
    course: tuple[SoundMoment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one speaker says until the other one speaks or pauses for long.

    ``confidence`` is the mean word probability (0 to 1), None for imported text, which is trusted.
    ``speaker_doubtful`` is set where the speaker is a guess (mono), ``speaker_confidence`` then says how good a one
    (0 to 1); ``suspicions`` are set where the text is doubtful. ``voice`` is whose sound it is, ``words`` are in order
    and ``sound`` is measured where there was audio; all three are empty for imported text.
    """

    speaker: Speaker
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None = None
    suspicions: tuple[Suspicion, ...] = ()
    speaker_doubtful: bool = False
    speaker_confidence: float | None = None
    voice: Voice | None = None
    words: tuple[HeardWord, ...] = ()
    sound: TurnSound | None = None

    @property
    def trusted(self) -> bool:
        """Whether a rule may fire on this turn alone."""
        return not self.suspicions


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as the firm's systems describe it, with its turns once they are known.

    ``recording`` or ``turns`` or neither: a call with neither is a dialler record (CDR) and counts for frequency,
    hours and *recording missing* only. ``caller_id`` is the line called from, ``extra`` keeps the unknown keys.
    """

    call_id: str
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    direction: Direction = Direction.OUTBOUND
    agent_id: str | None = None
    team: str | None = None
    org: Org = Org()
    principal_names: tuple[str, ...] = ()
    case_id: str | None = None
    debtor_id: str | None = None
    number_id: str | None = None
    caller_id: str | None = None
    callee: Callee = Callee.UNKNOWN
    ai_voice: bool = False
    ivr_recording_notice: bool | None = None
    billed_seconds: int | None = None
    outcome: DialOutcome | None = None
    recording: Recording | None = None
    case: Case = Case()
    turns: tuple[Turn, ...] = ()
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def connected(self) -> bool:
        """Whether somebody answered: the dialler says so, else the data, or there is something to hear or read.

        The dialler's word goes before the rest: ringing is recorded by some, and billed by others.
        """
        if self.outcome is not None:
            return self.outcome is DialOutcome.CONNECTED
        heard = bool(self.turns) or self.recording is not None
        return self.answered_at is not None or bool(self.billed_seconds) or heard

    @property
    def is_dialler_record(self) -> bool:
        """Whether there is neither a recording nor a transcript."""
        return self.recording is None and not self.turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open range of a call, in milliseconds."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A stretch of one channel (``left`` for mono) that is neither speech nor silence."""

    kind: NoiseKind
    voice: Voice
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelQuality:
    """How well one channel (``left`` for mono) was recorded (录音清晰完整); see ``transcription/quality.py``.

    ``level_db``: speech level below full scale. ``clipped``: share of speech samples cut off at the top (0 to 1).
    ``noise_db``: speech level over the level of the pauses, None where the pauses are digitally silent.
    ``bandwidth_hz``: highest frequency that carries speech. ``dropouts``: number of stretches of digital silence inside
    speech. All are None, and the grade is unknown, where too little was said to measure.
    """

    voice: Voice
    grade: Grade
    level_db: float | None
    clipped: float | None
    noise_db: float | None
    bandwidth_hz: int | None
    dropouts: int | None
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was heard of a recording.

    ``activity`` holds, per speaker and in order, where that speaker's channel carries speech (empty for mono, where
    channels say nothing of speakers). ``engine`` is the fingerprint of model and options. ``partial`` is the reason why
    the audio is known to be incomplete, None where it is whole: of a partial call nothing may be called missing.
    ``leak_db`` is how loud a speaker's channel repeats the other one (dB relative to it), where it could be estimated.
    """

    turns: tuple[Turn, ...]
    duration_ms: int
    engine: str
    activity: Mapping[Speaker, tuple[Span, ...]] = field(default_factory=lambda: MappingProxyType({}))
    partial: str | None = None
    layout: ChannelLayout | None = None
    quality: tuple[ChannelQuality, ...] = ()
    noises: tuple[Noise, ...] = ()
    leak_db: Mapping[Speaker, float] = field(default_factory=lambda: MappingProxyType({}))
