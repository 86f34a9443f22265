"""`greenchain footprint explain ID`: from the headline down to every row."""

from pathlib import Path
from typing import Annotated

import typer

from greenchain_cli.commands.options import DEFAULT_METHOD, AsJson
from greenchain_cli.errors import WrongUse
from greenchain_cli.language import say
from greenchain_cli.output import print_json

DEFAULT_DEPTH, MOST_DEPTH = 4, 50

HELP = say(
    "Explain a footprint down to every row that it rests on: by share, with sources.",
    "解释碳足迹：按占比逐级展开到每一行数据及其来源。",
)


def explain(
    given: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help=say(
                "Id of a footprint; or, computed here without a server, a product folder or the "
                "name of a template.",
                "碳足迹编号；或产品文件夹、模板名称（在本机计算，无需服务）。",
            ),
        ),
    ],
    method: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help=say(
                f"Method, for a folder or template; otherwise {DEFAULT_METHOD}.",
                f"特征化方法，用于文件夹或模板；默认 {DEFAULT_METHOD}。",
            ),
        ),
    ] = None,
    depth: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            max=MOST_DEPTH,
            help=say(
                f"Levels below the product; otherwise {DEFAULT_DEPTH}.",
                f"产品以下展开的层数；默认 {DEFAULT_DEPTH}。",
            ),
        ),
    ] = DEFAULT_DEPTH,
    least: Annotated[
        float,
        typer.Option(
            metavar="PERCENT",
            min=0.0,
            max=100.0,
            help=say(
                "Sum up what has a smaller share of the result; otherwise 1.",
                "占比更小的部分合并显示；默认 1。",
            ),
        ),
    ] = 1.0,
    background: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help=say(
                "Background that the folder's product buys from; may be given several times.",
                "文件夹中产品所用的背景数据文件；可多次给出。",
            ),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain."""
    from greenchain_cli.explaining import explanation, is_footprint_id

    if (method is not None or background) and is_footprint_id(given):
        option = "--background" if method is None else "--method"
        raise WrongUse(
            reason=say(
                f"{option} is for a folder or template; a footprint has its own.",
                f"{option} 仅用于文件夹或模板；碳足迹已有其自身设置。",
            ),
            command="greenchain footprint explain",
        )
    found = explanation(given, method or DEFAULT_METHOD, background or ())
    if as_json:
        print_json(found)
        return
    from greenchain_cli.explanation_views import show_explanation

    show_explanation(found, depth, least)
