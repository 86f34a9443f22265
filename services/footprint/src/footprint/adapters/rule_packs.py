"""Rule packs that ship with the package."""

import json
from importlib import resources

from footprint.domain.rule_pack import RulePack

#: The choices of a standard by which this version of the service calculates.
RULE_PACK = "iso14067_cradle_to_gate"


def load_rule_pack(rule_pack_id: str) -> RulePack:
    """Load the packaged rule pack `rule_pack_id`."""
    path = resources.files("footprint").joinpath("data", "rule_packs", f"{rule_pack_id}.json")
    return RulePack.from_document(json.loads(path.read_text(encoding="utf-8")))
