"""Step 5: a supplier corrects its data; what cites the old version is flagged, then replaced."""

from typing import Any

from greenchain_cli import words
from greenchain_cli.demo.acts.suppliers import Answered, accept, calculated, tell_declared
from greenchain_cli.demo.stage import Stage
from greenchain_cli.demo.waiting import until
from greenchain_cli.language import say


def correct(stage: Stage, answered: Answered, frozen: Any, record_id: str) -> tuple[Any, Any, Any]:
    """Return the new footprint, the old one and the record as they stand at the end."""
    narrator, supplier = stage.narrator, answered.supplier
    assert supplier.corrected is not None
    narrator.chapter(say("A supplier corrects its data", "一家供应商更正数据"))
    command = stage.arguments_of(supplier, supplier.corrected, answered.request_id)
    with (
        stage.cast.process(supplier.identity, command) as process,
        narrator.doing(say("streaming the corrected records", "正在上传更正后的记录")),
    ):
        answer = process.answer()
    tell_declared(stage, supplier, answer)
    _tell_flags(stage, frozen["id"], record_id)
    accept(stage, supplier, calculated(stage, answered.request_id, answer["version"]))
    with narrator.doing(say("the pack is recomputed", "正在重新计算")):
        old = _replaced(stage, frozen["id"])
        record = _flagged(stage, record_id, "footprint_deprecated")
    new = stage.cast.exporter.footprint(old["successor_footprint_id"])
    narrator.tell(
        "footprint",
        say(
            f"recomputes the pack and freezes footprint {new['id']}; the old one is deprecated.",
            f"重新计算并冻结碳足迹 {new['id']}；旧碳足迹已废止。",
        ),
    )
    _compare(stage, old, new, record)
    return new, old, record


def _tell_flags(stage: Stage, footprint_id: str, record_id: str) -> None:
    def stale() -> Any | None:
        flags = stage.cast.exporter.footprint(footprint_id)["flags"]
        return flags or None

    with stage.narrator.doing(say("the correction spreads", "更正正在传播")):
        flags = until(
            stale, f"the flag of footprint {footprint_id}", f"碳足迹 {footprint_id} 的标记"
        )
        record = _flagged(stage, record_id, "footprint_stale")
    stage.narrator.tell(
        "footprint",
        say(
            f"marks the frozen footprint {words.flag(flags[0]['code'])}: it cites the old version.",
            f"将已冻结的碳足迹标记为“{words.flag(flags[0]['code'])}”：它引用了旧版本。",
        ),
    )
    flag, state = words.flag(record["flags"][0]["code"]), words.state(record["state"])
    stage.narrator.tell(
        "certification",
        say(
            f"flags the record {flag}; its state stays {state}.",
            f"为记录加上标记“{flag}”；状态仍为“{state}”。",
        ),
    )


def _replaced(stage: Stage, footprint_id: str) -> Any:
    def probe() -> Any | None:
        footprint = stage.cast.exporter.footprint(footprint_id)
        return footprint if footprint["state"] == "deprecated" else None

    return until(
        probe,
        f"the successor of footprint {footprint_id}",
        f"碳足迹 {footprint_id} 被新版本替代",
    )


def _flagged(stage: Stage, record_id: str, flag: str) -> Any:
    def probe() -> Any | None:
        record = stage.cast.public.record(record_id)
        return record if any(each["code"] == flag for each in record["flags"]) else None

    return until(probe, f"flag {flag} of record {record_id}", f"记录 {record_id} 的标记 {flag}")


def _compare(stage: Stage, old: Any, new: Any, record: Any) -> None:
    rows = [
        (words.stage(name), f"{old['stages'][name]:.3f}", f"{score:.3f}")
        for name, score in new["stages"].items()
    ]
    whole = (say("whole", "合计"), f"{old['kg_co2e']:.3f}", f"{new['kg_co2e']:.3f}")
    stage.narrator.rows(
        (words.unit(new), say("before", "更正前"), say("after", "更正后")), [*rows, whole]
    )
    flags = say(", ", "、").join(words.flag(flag["code"]) for flag in record["flags"])
    state = words.state(record["state"])
    stage.narrator.tell(
        "certification",
        say(
            f"record {record['record_id']}: {state}, flags {flags}.",
            f"记录 {record['record_id']}：{state}，标记 {flags}。",
        ),
    )
