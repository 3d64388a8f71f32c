"""Example values shown in the OpenAPI description."""

from __future__ import annotations

from typing import Any

CALL: dict[str, Any] = {
    "call_id": "c-20260312-0007",
    "started_at": "2026-03-12T14:05:00+08:00",
    "direction": "outbound",
    "agent_id": "A102",
    "team": "T3",
    "org": {"kind": "agency", "names": ["诚达资产"]},
    "principal": {"names": ["东江银行"]},
    "case_id": "k-88",
    "debtor_id": "d-9f3c",
    "number_id": "n-1b2a",
    "callee": "debtor",
    "billed_seconds": 217,
    "case": {"overdue_days": 46, "balance": "10900.00", "legal_stage": "none", "repay_channels": ["App"]},
    "turns": [
        {"speaker": "agent", "start": 0.0, "end": 3.1, "text": "您好，请问是张先生本人吗？"},
        {"speaker": "customer", "start": 3.4, "end": 4.0, "text": "我是，哪位？"},
    ],
}

SUMMARY: dict[str, Any] = {
    "call_id": "c-20260312-0007",
    "started_at": "2026-03-12T06:05:00Z",
    "received_at": "2026-03-12T06:10:21Z",
    "direction": "outbound",
    "callee": "debtor",
    "agent_id": "A102",
    "team": "T3",
    "billed_seconds": 217,
    "has_recording": True,
    "state": "judged",
    "reason": None,
    "machine_mark": 70,
    "mark": 0,
    "veto": "confirmed",
}

SCORECARD: dict[str, Any] = {
    "mark": 70,
    "veto": "pending",
    "scheme": "house_default",
    "deductions": [
        {
            "rule": "threat.exposure_workplace",
            "label": "威胁向单位曝光",
            "severity": "veto",
            "points": 30,
            "turn": 7,
        }
    ],
}

FINDING: dict[str, Any] = {
    "number": 0,
    "category": "threat",
    "rule": "threat.exposure_workplace",
    "label": "威胁向单位曝光",
    "severity": "veto",
    "status": "live",
    "speaker": "agent",
    "turn": 7,
    "quote": "闹到你们单位",
    "start": 6,
    "end": 12,
    "facts": [],
    "confidence": 0.94,
    "heard": 0.94,
    "heard_least": 0.71,
    "play_from": 61.3,
    "play_to": 62.4,
    "by": "pattern",
    "needs_confirmation": False,
    "because": None,
    "ground": {"layer": "shipped", "profiles": [], "sources": ["CBA26", "CC:1033"]},
}


DETAIL: dict[str, Any] = SUMMARY | {
    "call": {key: value for key, value in CALL.items() if key != "turns"},
    "moves": [{"state": "received", "at": "2026-03-12T06:10:21Z", "reason": None, "actor": None}],
    "review_item": 41,
}

TRANSCRIPT: dict[str, Any] = {
    "call_id": "c-20260312-0007",
    "engine": None,
    "duration": None,
    "partial": None,
    "layout": None,
    "voices": {"roles": {"left": "agent", "right": "customer"}, "said_by": None, "said_at": None},
    "quality": [],
    "noises": [],
    "leak_db": {},
    "definitions": {
        "quality": {
            "level_db": {"label": "说话电平", "unit": "dBFS", "definition": "说话部分的平均功率，以满刻度为 0"}
        },
        "sound": {"pitch_hz": {"label": "音高", "unit": "Hz", "definition": "这一句浊音部分基频的中位数"}},
    },
    "turns": [
        {
            "speaker": "agent",
            "start": 0.0,
            "end": 3.1,
            "text": "您好，请问是张先生本人吗？",
            "confidence": None,
            "suspicions": [],
            "speaker_doubtful": False,
            "speaker_confidence": None,
            "voice": None,
            "words": [],
            "sound": None,
        }
    ],
}

SCORECARDS: dict[str, Any] = {
    "call_id": "c-20260312-0007",
    "started_at": "2026-03-12T06:05:00Z",
    "agent_id": "A102",
    "team": "T3",
    "judged_at": "2026-03-12T06:11:02Z",
    "rulebook": "cn_default-1f3a",
    "machine": SCORECARD,
    "decisions": [
        {
            "actor": "wang.qa",
            "at": "2026-03-12T08:00:00Z",
            "state": "decided",
            "verdicts": {"0": "confirm"},
            "note": "原话清楚",
        }
    ],
    "effective": SCORECARD | {"mark": 0, "veto": "confirmed"},
}

REVIEW_ITEM: dict[str, Any] = {
    "id": 41,
    "call_id": "c-20260312-0007",
    "started_at": "2026-03-12T06:05:00Z",
    "agent_id": "A102",
    "team": "T3",
    "queue": "red_line",
    "due_at": "2026-03-13T06:11:02Z",
    "state": "open",
    "claimed_by": None,
    "reasons": [{"queue": "red_line", "text": "一票否决待确认：威胁向单位曝光", "rule": None, "turn": 7}],
    "machine_mark": 70,
    "mark": 70,
    "veto": "pending",
    "worst": FINDING,
    "worst_at": 31.4,
    "promises": [{"turns": [12], "payments": [{"amount": "2000.00", "due": "2026-03-20"}], "standing": True}],
}

PROMISE: dict[str, Any] = {
    "call_id": "c-20260312-0007",
    "started_at": "2026-03-12T06:05:00Z",
    "agent_id": "A102",
    "team": "T3",
    "debtor_id": "d-9f3c",
    "promise": 0,
    "payment": 0,
    "amount": "2000.00",
    "due": "2026-03-20",
    "standing": True,
}

RULE: dict[str, Any] = {
    "id": "threat.exposure_workplace",
    "version": 3,
    "status": "live",
    "category": "threat",
    "severity": "veto",
    "speaker": "agent",
    "label": "威胁向单位曝光",
    "why": "以向单位、同事曝光相威胁，迫使还款。",
    "layer": "shipped",
    "sources": ["CBA26", "CC:1033"],
    "verified_sources": [],
    "say_instead": "您的情况我们只跟您本人沟通。",
    "blind_spots": ["不点名单位的暗示"],
}

ANALYSIS: dict[str, Any] = {
    "call_id": "c-20260312-0007",
    "disclosures": {"agent": "ok", "company": "ok", "principal": "missing", "recording": "late"},
    "checklist": {"greeting": True, "verification": True, "recap": None, "closing": True},
    "findings": [FINDING],
    "cannot_judge": [{"rule": "contact.frequency", "because": "缺少债务人编号，无法核对频次"}],
    "emotion": [{"speaker": "customer", "turn": 9, "signals": ["别再打了"], "sound_alone": False}],
    "promises": [{"turns": [12], "payments": [{"amount": "2000.00", "due": "2026-03-20"}], "standing": True}],
    "metrics": None,
    "scorecard": SCORECARD,
    "rulebook": "cn_default-1f3a",
    "engine": None,
}
