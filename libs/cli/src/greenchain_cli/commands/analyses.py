"""`greenchain footprint {montecarlo,compare,…} MODEL`: analyses of a model file, computed here."""

import math
import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from greenchain_cli.analysing import analyse
from greenchain_cli.analysis_output import show, write_scores
from greenchain_cli.commands.options import AsJson
from greenchain_cli.language import say


class Background(StrEnum):
    """What is drawn of activities that are marked as background."""

    MODEL = "model"
    FIXED = "fixed"
    SAMPLED = "sampled"


_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def demand_of(text: str) -> dict[str, Any]:
    """Read a demand, e.g. ``cell=2.5``."""
    product, _, amount = text.rpartition("=")
    # As in files: what else Python takes for a number, 1_000, is none.
    number = float(amount) if _NUMBER.fullmatch(amount) else math.nan
    if not (product and math.isfinite(number)):
        raise typer.BadParameter(
            say(
                f"{text!r} is not a demand. Write PRODUCT=AMOUNT, e.g. cell=1.",
                f"{text!r} 不是需求。请写作 产品=数量，例如 cell=1。",
            )
        )
    return {"product": product, "amount": number}


Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help=say(
            "Model file (greenchain-inventory/1), folder of a product model, or template.",
            "清单模型文件（greenchain-inventory/1）、产品模型文件夹，或模板名称。",
        ),
    ),
]
Methods = Annotated[
    list[str] | None,
    typer.Option(
        "--method",
        metavar="ID",
        help=say(
            "Method; may be given several times. All of the model if none is.",
            "特征化方法，可多次给出；默认为模型的全部方法。",
        ),
    ),
]
Demand = Annotated[
    Any,
    typer.Option(
        metavar="PRODUCT=AMOUNT",
        parser=demand_of,
        help=say("Product and amount; otherwise the model's.", "产品与数量；默认取自模型。"),
    ),
]
Scenario = Annotated[
    str | None,
    typer.Option(metavar="ID", help=say("Scenario; otherwise none.", "情景；默认不采用。")),
]
Samples = Annotated[
    int | None,
    typer.Option(metavar="N", help=say("Samples; otherwise 1000.", "样本数；默认 1000。")),
]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help=say(
            "Seed of the random numbers; the same gives the same result. Otherwise 1.",
            "随机数种子；种子相同则结果相同。默认 1。",
        ),
    ),
]
Characterization = Annotated[
    bool,
    typer.Option("--characterization", help=say("Draw the factors too.", "同时抽取特征化因子。")),
]


def calculate(
    model: str,
    method: list[str] | None,
    demand: Any,
    scenario: str | None,
    backgrounds: Sequence[Path],
    as_json: bool,
) -> None:
    """Calculate a model here; `footprint calculate` is the command."""
    options = {"methods": method, "demand": demand, "scenario": scenario}
    found = analyse("calculate", model, backgrounds, **options)
    show(found, as_json)


def montecarlo(
    model: Model,
    method: Methods = None,
    demand: Demand = None,
    scenario: Scenario = None,
    samples: Samples = None,
    seed: Seed = None,
    background: Annotated[
        Background | None,
        typer.Option(
            help=say(
                "Of activities marked as background, draw every amount (model, the default), "
                "nothing (fixed) or their scores (sampled).",
                "对标记为背景的活动：抽取全部数量（model，默认）、不抽取（fixed）"
                "或抽取其得分（sampled）。",
            )
        ),
    ] = None,
    characterization: Characterization = False,
    scores: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help=say("Write the scores of all samples here.", "将所有样本的得分写入该文件。"),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw every uncertain amount, again and again."""
    if scores is not None:
        # A place where nothing can be written is found before the computing, not after.
        is_new = not scores.exists()
        scores.open("a").close()
        if is_new:
            scores.unlink()
    found = analyse(
        "montecarlo",
        model,
        methods=method,
        demand=demand,
        scenario=scenario,
        samples=samples,
        seed=seed,
        background=background,
        characterization=characterization,
        all_scores=scores is not None,
    )
    if scores is not None:
        write_scores(found, scores)
    show(found, as_json)


def compare(
    model: Model,
    with_scenario: Annotated[
        str | None,
        typer.Option(metavar="ID", help=say("The other variant's scenario.", "另一方案的情景。")),
    ] = None,
    with_demand: Annotated[
        Any,
        typer.Option(
            metavar="PRODUCT=AMOUNT",
            parser=demand_of,
            help=say("The other variant's demand.", "另一方案的需求。"),
        ),
    ] = None,
    method: Methods = None,
    demand: Demand = None,
    scenario: Scenario = None,
    samples: Samples = None,
    seed: Seed = None,
    characterization: Characterization = False,
    as_json: AsJson = False,
) -> None:
    """Compare two variants on the same draws."""
    found = analyse(
        "compare",
        model,
        methods=method,
        demand=demand,
        scenario=scenario,
        with_demand=with_demand,
        with_scenario=with_scenario,
        samples=samples,
        seed=seed,
        characterization=characterization,
    )
    show(found, as_json)


def sensitivity(
    model: Model,
    method: Methods = None,
    demand: Demand = None,
    scenario: Scenario = None,
    samples: Samples = None,
    seed: Seed = None,
    top: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help=say("How many amounts to name; otherwise 20.", "列出多少项；默认 20。"),
        ),
    ] = None,
    characterization: Characterization = False,
    as_json: AsJson = False,
) -> None:
    """Find what the uncertainty comes from."""
    found = analyse(
        "sensitivity",
        model,
        methods=method,
        demand=demand,
        scenario=scenario,
        samples=samples,
        seed=seed,
        top=top,
        characterization=characterization,
    )
    show(found, as_json)


def traverse(
    model: Model,
    method: Methods = None,
    demand: Demand = None,
    scenario: Scenario = None,
    cutoff: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help=say(
                "Leave out what carries a smaller share of the score; otherwise 0.005.",
                "略去占比更小的部分；默认 0.005。",
            ),
        ),
    ] = None,
    max_nodes: Annotated[
        int | None,
        typer.Option(
            metavar="N", help=say("Nodes at most; otherwise 500.", "节点数上限；默认 500。")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow the chain upwards."""
    found = analyse(
        "traverse",
        model,
        methods=method,
        demand=demand,
        scenario=scenario,
        cutoff=cutoff,
        max_nodes=max_nodes,
    )
    show(found, as_json)


def scenarios(
    model: Model, method: Methods = None, demand: Demand = None, as_json: AsJson = False
) -> None:
    """Calculate all scenarios of the model."""
    show(analyse("scenarios", model, methods=method, demand=demand), as_json)


COMMANDS = (
    (
        montecarlo,
        say(
            "Monte Carlo over a model file: how uncertain its score is.",
            "对清单模型文件做蒙特卡洛模拟：得分的不确定性。",
        ),
    ),
    (
        compare,
        say(
            "Compare two variants of a model file: how probably one is lower.",
            "比较清单模型文件的两个方案：其一更低的概率。",
        ),
    ),
    (
        sensitivity,
        say(
            "Name the amounts of a model file that its uncertainty comes from.",
            "列出清单模型文件的不确定性来自哪些数量。",
        ),
    ),
    (
        traverse,
        say(
            "Follow the supply chain of a model file to where its score arises.",
            "沿供应链追溯清单模型文件的得分来源。",
        ),
    ),
    (
        scenarios,
        say(
            "Calculate all scenarios of a model file beside its base.",
            "计算清单模型文件的全部情景，并与基准对比。",
        ),
    ),
)
