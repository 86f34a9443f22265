"""`greenchain demo`: the main job on real input, told as a story."""

import time
from pathlib import Path
from typing import Annotated

import typer

from greenchain_cli.commands.options import AsJson
from greenchain_cli.demo.shape import Database, Events, Shape
from greenchain_cli.language import say
from greenchain_cli.output import print_json, progress

HELP = say(
    "Run the main job on a platform of its own, from a bill of materials to a verified record.",
    "在独立平台上运行完整流程：从物料清单到可核验的记录。",
)
DEFAULT_STATE = Path(".greenchain/demo")


def demo(
    state: Annotated[
        Path,
        typer.Option(
            help=say(
                "Directory of this run; emptied first, if a demonstration made it.",
                "本次运行的目录；若由演示创建，则先清空。",
            )
        ),
    ] = DEFAULT_STATE,
    product: Annotated[
        Path | None,
        typer.Option(
            help=say(
                "Another product folder; it has to buy lfp_cathode and copper_foil, which the "
                "demonstration's suppliers make.",
                "另一个产品文件夹；须外购演示供应商所生产的 lfp_cathode 和 copper_foil。",
            ),
            show_default=False,
        ),
    ] = None,
    database: Annotated[
        Database,
        typer.Option(
            help=say(
                "postgres starts a server of its own and runs each service as a process.",
                "postgres：启动自带的服务器，每个服务各为一个进程。",
            )
        ),
    ] = Database.SQLITE,
    events: Annotated[
        Events,
        typer.Option(
            help=say(
                "kafka starts a broker of its own (needs Java 17 and Maven) and runs each "
                "service as a process.",
                "kafka：启动自带的 Kafka（需要 Java 17 和 Maven），每个服务各为一个进程。",
            )
        ),
    ] = Events.LOCAL,
    as_json: AsJson = False,
) -> None:
    """Run the demonstration; with --json the story goes to stderr and the summary to stdout."""
    started = time.monotonic()
    from rich.console import Console

    from greenchain_cli.demo.narrator import Narrator
    from greenchain_cli.demo.scenario import run

    story = Console(stderr=as_json, highlight=False)
    narrator = Narrator(story, progress())
    summary = run(state, product, Shape(database, events), narrator, started)
    if as_json:
        print_json(summary)
