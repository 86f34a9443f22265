"""Step 4: application, statement, decision, signed record; the body's consumer verifies it."""

import datetime
from typing import Any

from greenchain_cli.demo.cast import BODY, EXPORT, VERIFIER
from greenchain_cli.demo.stage import Stage
from greenchain_cli.language import say

SCHEME = "demonstration"
CONSUMER_GROUP = "certification-body-demo"
STATEMENT_TYPE = "pcf_verification"


def issue_record(stage: Stage, frozen: Any) -> tuple[str, Any]:
    """Return the id of the issued record and what the body's consumer found."""
    cast, narrator = stage.cast, stage.narrator
    narrator.chapter(
        say("The footprint becomes a verified record", "碳足迹成为可核验的绿色产品记录")
    )
    consumer = cast.process(
        BODY,
        ["certification", "follow", "--group", CONSUMER_GROUP, "--count", "1", "--verify"],
        {"GREENCHAIN_EVENT_LOG": stage.event_log},
    )
    with consumer:
        application = cast.applicant.apply(frozen["id"], SCHEME, VERIFIER, BODY)
        narrator.tell(
            EXPORT,
            say(
                f"applies under the scheme “{SCHEME}” (a demonstration, no certificate).",
                f"按“{SCHEME}”方案提出申请（演示，不是证书）。",
            ),
        )
        _state(stage, application)
        cast.body.decide(
            application["id"],
            "issue",
            say("All requirements of the demonstration are met.", "满足演示方案的全部要求。"),
        )
        narrator.tell(
            BODY,
            say(
                f"decides: record {application['id']} is issued, signed and announced.",
                f"作出决定：记录 {application['id']} 已颁发、签名并公布。",
            ),
        )
        with narrator.doing(say("the body's consumer reads the log", "认证机构的消费者读取日志")):
            found = consumer.answer()
    place = f"{found['topic']}/{found['partition']}@{found['offset']}"
    genuine = found["verified"]
    narrator.tell(
        say("body's consumer", "认证机构消费者"),
        say(
            f"reads the event at {place}, fetches the record and verifies its signature: "
            f"{'genuine' if genuine else 'NOT GENUINE'}.",
            f"在 {place} 读到事件，取回记录并核验签名：{'真实' if genuine else '不真实'}。",
        ),
    )
    return application["id"], found


def _state(stage: Stage, application: Any) -> None:
    footprint = application["footprint"]
    stage.cast.verifier.state(
        application["id"],
        {
            "type": STATEMENT_TYPE,
            "footprint_sha256": footprint["sha256"],
            "verifier_name": say("Demonstration Verifier", "演示核查机构"),
            "lead_verifier": say("Demo Person", "演示人员"),
            "objective": say(
                "Whether the footprint follows ISO 14067:2018 within its boundary.",
                "碳足迹在其边界内是否符合 ISO 14067:2018。",
            ),
            "conclusion": "compliant",
            "limitations": say(
                "Invented: nobody verified anything. Supplier records are illustrative.",
                "虚构：未进行任何实际核查；供应商记录为示例性数据。",
            ),
            "method_id": footprint["method_id"],
            "no_conflict_of_interest": True,
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        },
    )
    stage.narrator.tell(
        VERIFIER,
        say(
            "files its statement on exactly this footprint: compliant.",
            "就该碳足迹的确切版本提交核查声明：符合。",
        ),
    )
