"""Step 3: the pack with its suppliers' data, by two engines, then frozen."""

from typing import Any

from greenchain_cli import contributions, words
from greenchain_cli.demo.cast import EXPORT
from greenchain_cli.demo.stage import METHOD, Stage
from greenchain_cli.language import say


def freeze_footprint(stage: Stage, model: Any, background: Any) -> Any:
    """Return the frozen footprint."""
    narrator, exporter = stage.narrator, stage.cast.exporter
    narrator.chapter(say("The footprint with the suppliers' data", "使用供应商数据的碳足迹"))
    with narrator.doing(say("calculating by two engines", "两个引擎正在计算")):
        footprint = exporter.calculate(model["id"], METHOD, supplier_data=True)
    whole, before = footprint["kg_co2e"], background["kg_co2e"]
    figure = f"{whole:.2f} {words.unit(footprint)}"
    narrator.tell(
        EXPORT,
        say(
            f"calculates again: {figure} ({whole - before:+.2f} against background data).",
            f"重新计算：{figure}（较背景数据 {whole - before:+.2f}）。",
        ),
    )
    _show(stage, footprint)
    frozen = exporter.freeze(footprint["id"])
    hashed = sum(1 for each in frozen["evidence"] if each["sha256"])
    versioned = sum(1 for each in frozen["evidence"] if each["role"] == "engine")
    narrator.tell(
        EXPORT,
        say(
            f"freezes footprint {frozen['id']}: it pins {hashed} inputs by hash, {versioned} by "
            "version (engines).",
            f"冻结碳足迹 {frozen['id']}：{hashed} 项依据以哈希锁定，{versioned} 项（计算引擎）"
            "以版本锁定。",
        ),
    )
    return frozen


def _show(stage: Stage, footprint: Any) -> None:
    narrator, whole = stage.narrator, footprint["kg_co2e"]
    narrator.bars(say("By stage", "按阶段"), contributions.by_stage(footprint), whole)
    narrator.bars(say("By process", "按过程"), contributions.by_process(footprint), whole)
    narrator.bars(say("By site", "按地点"), contributions.by_site(footprint), whole)
    narrator.remark(
        say(
            "A supplier's figure holds its whole chain upstream, at the site of its plant.",
            "供应商的数值包含其全部上游，并计入其工厂所在地。",
        )
    )
    narrator.remark(
        say(
            f"Beyond the boundary, not in the headline: {contributions.beyond(footprint)}.",
            f"边界之外、不计入结果：{contributions.beyond(footprint)}。",
        )
    )
    engines = footprint["engines"]
    narrator.tell(
        "footprint",
        say(
            f"bw2calc {engines['brightway']:.9f}, own kernel {engines['greenchain']:.9f}: "
            f"relative difference {engines['relative_difference']:.1e}.",
            f"bw2calc {engines['brightway']:.9f}，自有内核 {engines['greenchain']:.9f}："
            f"相对差 {engines['relative_difference']:.1e}。",
        ),
    )
    data = footprint["primary_data_share_percent"]
    activity = footprint["primary_activity_share_percent"]
    narrator.tell(
        "footprint",
        say(
            f"primary data share {data:.2f} % (activity data and factor primary), primary "
            f"activity share {activity:.1f} % (activity data a plant's own).",
            f"初级数据占比 {data:.2f} %（活动数据与因子均为初级），初级活动数据占比 "
            f"{activity:.1f} %（活动数据来自工厂自身）。",
        ),
    )
