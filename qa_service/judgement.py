"""What the service says of a call: evidence, findings, disclosures, promises, marks, review items.

Every verdict is three-valued where data can be missing; every finding points at its evidence; every mark can be
recomputed from the fingerprints stored with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from qa_service.call import Speaker
from qa_service.labelled import Labelled
from qa_service.past import Remembered


class Category(Labelled):
    """What kind of thing a rule finds. A lexicon file holds one category."""

    THREAT = "threat", "威胁恐吓"
    INSULT = "insult", "侮辱贬损"
    FALSE_AUTHORITY = "false_authority", "冒充公权或虚假法律后果"
    PRIVACY_LEAK = "privacy_leak", "泄露隐私"
    OVERPROMISE = "overpromise", "违规承诺"
    IMPROPER_DEMAND = "improper_demand", "不当要求"
    DECEPTION = "deception", "虚假误导"
    CONDUCT = "conduct", "服务行为不当"
    CONTACT = "contact", "联系时段与频次"
    RECORDING = "recording", "录音"
    DISCLOSURE = "disclosure", "告知义务"
    PROMISE = "promise", "还款承诺"
    EMOTION = "emotion", "情绪"
    DISTRESS = "distress", "客户危机信号"
    COMPLAINT = "complaint", "客户投诉意向"
    DISPUTE = "dispute", "客户异议"
    HARDSHIP = "hardship", "客户困难"
    STOP_CONTACT = "stop_contact", "客户要求停止联系"


class Severity(Labelled):
    """How grave a rule is; the marks of each are in ``lexicons/scheme.toml``."""

    NOTE = "note", "提示"
    MINOR = "minor", "轻微"
    MAJOR = "major", "严重"
    VETO = "veto", "一票否决"


class RuleStatus(Labelled):
    """Where a rule stands in its life; only ``live`` rules deduct, ``trial`` ones fire without deducting."""

    DRAFT = "draft", "草稿"
    TRIAL = "trial", "试行"
    LIVE = "live", "生效"
    RETIRED = "retired", "停用"


class By(Labelled):
    """What produced a finding."""

    PATTERN = "pattern", "规则词句"
    DATA = "data", "随录参数"
    SOUND = "sound", "读音匹配"
    LEARNED = "learned", "学习模型"
    ENDPOINT = "endpoint", "外接模型"


class DisclosureStatus(Labelled):
    """Whether something that must be said before the debt was said, and in time."""

    OK = "ok", "已告知"
    LATE = "late", "告知过晚"
    MISSING = "missing", "未告知"
    CANNOT_JUDGE = "cannot_judge", "无法判断"


class Queue(Labelled):
    """The review queues, most urgent first: a call is in one, the other reasons stay on the item."""

    DISTRESS = "distress", "客户危机"
    RED_LINE = "red_line", "红线"
    COMPLAINT = "complaint", "投诉"
    VIOLATION = "violation", "违规与其他"
    CANNOT_JUDGE = "cannot_judge", "无法判断"
    PROMISE = "promise", "承诺"
    SAMPLE = "sample", "抽检"


class VetoState(Labelled):
    """What became of the vetoes of a call."""

    NONE = "none", "无"
    PENDING = "pending", "一票否决待确认"
    CONFIRMED = "confirmed", "一票否决已确认"
    OVERTURNED = "overturned", "一票否决已撤销"


class Verdict(Labelled):
    """What a person says of one finding of the machine."""

    CONFIRMED = "confirm", "属实"
    OVERTURNED = "overturn", "不属实"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words of one turn: characters ``[start, end)`` of the text of turn number ``turn`` (from 0).

    ``start_ms`` and ``end_ms`` are when they are said in the call, None where no word of it has a time.
    """

    turn: int
    start: int
    end: int
    text: str
    start_ms: int | None = None
    end_ms: int | None = None

    def __post_init__(self) -> None:
        """Refuse an empty or shapeless quote."""
        if self.turn < 0 or self.start < 0 or self.end <= self.start or len(self.text) != self.end - self.start:
            raise ValueError(f"a quote must hold the characters it names: {self!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFact:
    """Evidence that is not words: one item of the call data or the history, as a person would read it."""

    key: str
    text: str


Evidence = Quote | CallFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a rule stands on.

    ``layer`` of rule files had the last word on it (``shipped``, ``house``, ``proposed``); ``profiles`` are those that
    its limits come from, ``sources`` as the rule files name them (``CBA26:第三条``).
    """

    layer: str
    profiles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule broken (or one customer signal given) at one place.

    ``family`` is the provision that the rule is a finer part of. ``confidence`` is 0 to 1. ``needs_confirmation`` marks
    a finding that stands on doubtful ground (``because`` says which): it never counts as an automatic veto.
    ``heard`` is the mean probability of the recognised words under its quotes, ``heard_least`` that of the least sure
    one, None for text that was not recognised here. ``evidence`` has at least one item. ``ground`` is None until the
    whole call is judged.
    """

    category: Category
    rule: str
    severity: Severity
    label: str
    speaker: Speaker
    evidence: tuple[Evidence, ...]
    family: str | None = None
    confidence: float = 1.0
    by: By = By.PATTERN
    status: RuleStatus = RuleStatus.LIVE
    needs_confirmation: bool = False
    because: str | None = None
    heard: float | None = None
    heard_least: float | None = None
    ground: Ground | None = None

    def __post_init__(self) -> None:
        """A finding without evidence cannot be built."""
        if not self.evidence:
            raise ValueError(f"finding {self.rule} has no evidence")

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The words among the evidence."""
        return tuple(item for item in self.evidence if isinstance(item, Quote))

    @property
    def turn(self) -> int | None:
        """The first turn quoted, None where the evidence is call data alone."""
        return self.quotes[0].turn if self.quotes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotJudge:
    """A rule that could not be decided, and why; it deducts nothing.

    ``needs_person`` is set where listening can settle it. What the call data lacks nobody can hear: that is shown as
    coverage only.
    """

    rule: str
    because: str
    needs_person: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """The state of one duty to say something; ``quote`` is where it was said."""

    status: DisclosureStatus
    quote: Quote | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosures:
    """The four duties of the opening."""

    agent: Disclosure
    company: Disclosure
    principal: Disclosure
    recording: Disclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Good conduct, ticked; None where it does not apply (``recap`` without a promise) or cannot be judged."""

    greeting: bool | None
    verification: bool | None
    recap: bool | None
    closing: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One instalment: yuan and local date, each None where left open."""

    amount: Decimal | None
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One commitment to pay; ``standing`` is whether it still stood at the end of the call."""

    turns: tuple[int, ...]
    payments: tuple[Payment, ...]
    standing: bool = True

    @property
    def complete(self) -> bool:
        """Whether every instalment has amount and date."""
        return all(p.amount is not None and p.due is not None for p in self.payments)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionSpike:
    """A turn whose speaker loses composure; ``signals`` name the words or sounds that say so.

    ``sound_alone``: no words say so, only level, pitch or pace; such a spike belongs to no rule and deducts nothing.
    """

    speaker: Speaker
    turn: int
    signals: tuple[str, ...]
    sound_alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkEvent:
    """A stretch of the call that a metric counts; ``by`` is who interrupted, None where nobody did anything."""

    start_ms: int
    end_ms: int
    by: Speaker | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerMetrics:
    """How one side talked; what each number means is said in ``qa_service/measures.py``.

    ``interruptions`` is None where overlap cannot be told, ``response_ms`` where the side never took over.
    """

    speech_ms: int
    talk_share: float
    chars_per_minute: float | None
    interruptions: int | None
    monologue_ms: int = 0
    response_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkMetrics:
    """How the call went as sound; what each number means is said in ``qa_service/measures.py``.

    ``overlap_ms`` is None, and ``overlap_unknown`` says why, where it cannot be told who speaks at once. The events are
    what the numbers were counted from, in order.
    """

    duration_ms: int
    agent: SpeakerMetrics
    customer: SpeakerMetrics
    silence_ms: int
    longest_silence_ms: int
    overlap_ms: int | None
    ring_back_ms: int = 0
    hold_ms: int = 0
    waiting_share: float = 0.0
    overlap_unknown: str | None = None
    silences: tuple[TalkEvent, ...] = ()
    overlaps: tuple[TalkEvent, ...] = ()
    interruptions: tuple[TalkEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """Points taken for one hit of a rule."""

    rule: str
    label: str
    severity: Severity
    points: int
    turn: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """The mark of a call (0 to 100) with everything it was made of."""

    mark: int
    deductions: tuple[Deduction, ...]
    veto: VetoState
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything judged of one call, with the fingerprint of the rulebook and the engine that made it.

    ``remembered`` is what later calls to the same debtor or number should know besides.
    """

    call_id: str
    disclosures: Disclosures
    checklist: Checklist
    findings: tuple[Finding, ...]
    cannot_judge: tuple[CannotJudge, ...]
    emotion: tuple[EmotionSpike, ...]
    promises: tuple[Promise, ...]
    metrics: TalkMetrics | None
    rulebook: str
    engine: str | None = None
    remembered: Remembered = field(default_factory=Remembered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a person must look: the queue it argues for, and the sentence they read."""

    queue: Queue
    text: str
    rule: str | None = None
    turn: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """Where a judged call goes: the most urgent queue, all reasons, and when it is due."""

    queue: Queue
    reasons: tuple[Reason, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The outcome of the pipeline for one call; ``triage`` is None where nobody needs to look."""

    analysis: Analysis
    scorecard: Scorecard
    triage: Triage | None
