"""Step 1: the exporter imports its product and calculates it on background data."""

from typing import Any

from greenchain_cli import words
from greenchain_cli.demo.cast import EXPORT
from greenchain_cli.demo.stage import METHOD, Stage
from greenchain_cli.language import current, say


def import_product(stage: Stage) -> tuple[Any, Any]:
    """Return the imported product model and its footprint on background data alone."""
    narrator, exporter = stage.narrator, stage.cast.exporter
    narrator.chapter(say("The exporter imports its product", "出口商导入产品"))
    with narrator.doing(say("importing the bill of materials", "正在导入物料清单")):
        model = exporter.import_product(stage.product)
    content = model["content"]
    name, lines = content["name"][current()], len(content["lines"])
    narrator.tell(
        EXPORT,
        say(
            f"imports “{name}”: {lines} lines, made in {words.region(content['plant_region'])}.",
            f"导入“{name}”：{lines} 行，产地 {words.region(content['plant_region'])}。",
        ),
    )
    with narrator.doing(say("calculating by two engines", "两个引擎正在计算")):
        background = exporter.calculate(model["id"], METHOD, supplier_data=False)
    figure = f"{background['kg_co2e']:.2f} {words.unit(background)}"
    boundary = words.boundary(background["boundary"])
    narrator.tell(
        EXPORT,
        say(
            f"calculates it without any supplier's data: {figure}, {boundary}.",
            f"在没有供应商数据的情况下计算：{figure}（{boundary}）。",
        ),
    )
    narrator.remark(
        say(
            "Electricity factors are provisional; the plant's own energy is illustrative.",
            "电力因子为暂定值；工厂自身能耗为示例性数据。",
        )
    )
    return model, background
