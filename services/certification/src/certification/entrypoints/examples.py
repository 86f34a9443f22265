"""Examples of what is sent and answered, shown in OpenAPI; a test validates each of them."""

from pydantic.config import JsonDict

_RECORD_ID = "5f0c2f0e-6c1b-4a57-8d2e-0a9b1c7d3e44"
_SHA256 = "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855f"

APPLICATION: JsonDict = {
    "footprint_id": "0b0f5f0e-8c1e-4d7c-9d0e-3a5a1f6f2c11",
    "scheme": "demonstration",
    "verifier_tenant_id": "verifier",
    "body_tenant_id": "certification-body",
}

STATEMENT: JsonDict = {
    "type": "pcf_verification",
    "footprint_sha256": _SHA256,
    "verifier_name": "Green Verification Ltd",
    "lead_verifier": "Wang Fang",
    "objective": "Whether the footprint follows ISO 14067:2018 within its boundary.",
    "conclusion": "compliant",
    "limitations": "The suppliers' meters were not visited.",
    "method_id": "ipcc_2021_gwp100",
    "no_conflict_of_interest": True,
    "date": "2026-03-01",
}

DECISION: JsonDict = {
    "decision": "issue",
    "reason": "All requirements of the scheme are met.",
}

TRANSITION: JsonDict = {
    "action": "suspend",
    "reason": "A complaint is under investigation.",
}

FLAG: JsonDict = {
    "code": "footprint_deprecated",
    "reason": "footprint_replaced",
    "since": "2026-04-02T10:00:00Z",
    "successor_footprint_id": "7a1c9d1e-2f0b-4c55-9b8e-6d3f0a2e5b77",
    "words": {
        "en": "Its footprint was replaced by a newer one.",
        "zh": "其产品碳足迹已被更新的版本替代。",
    },
}

HISTORY_ENTRY: JsonDict = {
    "action": "issue",
    "from_state": "under_review",
    "to_state": "issued",
    "role": "certification_body",
    "reason": "All requirements of the scheme are met.",
    "at": "2026-03-01T08:00:00Z",
}

HISTORY: JsonDict = {"record_id": _RECORD_ID, "transitions": [HISTORY_ENTRY]}

RECORD: JsonDict = {
    "standing": {
        "en": "Issued. In force until 2027-03-01 (UTC).",
        "zh": "已颁发。有效期至 2027-03-01（UTC）。",
    },
    "state": "issued",
    "in_force": True,
    "flags": [],
    "issued_at": "2026-03-01T08:00:00Z",
    "valid_until": "2027-03-01T08:00:00Z",
    "record_id": _RECORD_ID,
    "scheme": {
        "id": "demonstration",
        "name": {"en": "Demonstration", "zh": "演示方案"},
        "is_not": {"en": "No certificate.", "zh": "不是证书。"},
    },
    "sha256": _SHA256,
    "key_id": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    "jws": "eyJhbGciOiJFZDI1NTE5In0.e30.c2lnbmF0dXJl",
}
