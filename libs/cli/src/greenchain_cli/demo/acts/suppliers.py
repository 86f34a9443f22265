"""Step 2: the lead firm asks two suppliers, who answer each from a process of its own."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from greenchain.common.v1.common_pb2 import VersionReference
from greenchain.supplier.v1 import declaration_pb2 as pb
from greenchain_cli import words
from greenchain_cli.demo.cast import EXPORT, PURCHASING, SUPPLIERS, Supplier
from greenchain_cli.demo.product_check import check_requests
from greenchain_cli.demo.stage import REFERENCE_PERIOD, Stage
from greenchain_cli.demo.waiting import until
from greenchain_cli.language import say


@dataclass(frozen=True, slots=True)
class Answered:
    """A supplier, the request that it answered and the version that was accepted."""

    supplier: Supplier
    request_id: str
    version: VersionReference


def ask_suppliers(stage: Stage, model: Any, background: Any) -> list[Answered]:
    """Propose, send, declare, calculate, accept; return what was accepted."""
    stage.narrator.chapter(say("Two suppliers are asked, and answer", "向两家供应商索取数据"))
    requests = _send_requests(stage, model, background)
    _declare(stage, requests)
    return [_accept(stage, supplier, requests[supplier.activity_id]) for supplier in SUPPLIERS]


def _send_requests(stage: Stage, model: Any, background: Any) -> dict[str, str]:
    cast, narrator = stage.cast, stage.narrator
    proposed = cast.exporter.propose_data_requests(model["id"], background["id"])["data_requests"]
    narrator.tell(
        EXPORT,
        say(
            f"proposes data requests for {len(proposed)} bought parts, by their share of the "
            "footprint.",
            f"按占比为 {len(proposed)} 个外购件提出数据请求。",
        ),
    )
    by_activity = {row["activity_id"]: row for row in proposed}
    check_requests(by_activity)
    for supplier in SUPPLIERS:
        row = by_activity[supplier.activity_id]
        cast.lead_firm.send_request(row["id"], supplier.tenant_id, REFERENCE_PERIOD)
        share = row["share_of_footprint_percent"]
        narrator.tell(
            PURCHASING,
            say(
                f"sends the request for {supplier.activity_id} ({share:.1f} %) to "
                f"{supplier.tenant_id}.",
                f"把 {supplier.activity_id}（{share:.1f} %）的请求发给 {supplier.tenant_id}。",
            ),
        )
    return {activity_id: row["id"] for activity_id, row in by_activity.items()}


def _declare(stage: Stage, requests: dict[str, str]) -> None:
    with ExitStack() as running:
        processes = [
            running.enter_context(
                stage.cast.process(
                    supplier.identity,
                    stage.arguments_of(supplier, supplier.records, requests[supplier.activity_id]),
                )
            )
            for supplier in SUPPLIERS
        ]
        waiting = say(
            "two client processes stream monthly records at once", "两个客户端进程同时上传月度记录"
        )
        with stage.narrator.doing(waiting):
            answers = [process.answer() for process in processes]
    for supplier, answer in zip(SUPPLIERS, answers, strict=True):
        tell_declared(stage, supplier, answer)
    stage.narrator.remark(
        say(
            "Both plants and all their records are illustrative: no public plant records exist.",
            "两家工厂及其全部记录均为示例性数据：没有公开的工厂记录。",
        )
    )


def tell_declared(stage: Stage, supplier: Supplier, answer: Any) -> None:
    """Tell what a supplier declared and what its own footprint is."""
    own, version, count = answer["calculated_footprint"], answer["version"], answer["record_count"]
    figure = f"{own['kg_co2e_per_unit']:.3f} kg CO2e / {own['unit']}"
    where = words.region(supplier.region)
    stage.narrator.tell(
        supplier.identity,
        say(
            f"declares {count} records of 2025 ({where}), version {version}; footprint "
            "calculates its own footprint from them: "
            f"{figure} {supplier.activity_id}.",
            f"提交第 {version} 版声明（{where}），含 2025 年 {count} 条记录；footprint "
            f"据此算出其自身碳足迹：{figure} {supplier.activity_id}。",
        ),
    )


def _accept(stage: Stage, supplier: Supplier, request_id: str) -> Answered:
    granted = calculated(stage, request_id, version=1)
    accept(stage, supplier, granted)
    return Answered(supplier, request_id, granted.declaration)


def calculated(stage: Stage, request_id: str, version: int) -> pb.GrantedDeclaration:
    """Wait until the lead firm sees a version of the answer with its footprint."""

    def probe() -> pb.GrantedDeclaration | None:
        for granted in stage.cast.lead_firm.granted_declarations([request_id]):
            if granted.declaration.version == version and granted.HasField("calculated_footprint"):
                return granted
        return None

    return until(
        probe,
        f"the calculated footprint of version {version} of the answer to request {request_id}",
        f"请求 {request_id} 的第 {version} 版答复完成碳足迹计算",
    )


def accept(stage: Stage, supplier: Supplier, granted: pb.GrantedDeclaration) -> None:
    """Accept, as the lead firm, exactly the version that it saw."""
    stage.cast.lead_firm.accept(granted.declaration)
    stage.narrator.tell(
        PURCHASING,
        say(
            f"sees that footprint alone, not the records, and accepts version "
            f"{granted.declaration.version} of {supplier.tenant_id}.",
            f"只能看到该碳足迹而看不到记录；接受 {supplier.tenant_id} 的第 "
            f"{granted.declaration.version} 版。",
        ),
    )
