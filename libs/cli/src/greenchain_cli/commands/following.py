"""`greenchain certification follow`: a certification body's own consumer process."""

from typing import Annotated, Any

import typer

from greenchain_cli.clients.settings import ClientSettings
from greenchain_cli.commands.options import AsJson
from greenchain_cli.errors import ExitCode
from greenchain_cli.language import say
from greenchain_cli.output import print_json, print_line

HELP = say(
    "Follow record events as a consumer of your own; --verify fetches and checks each record.",
    "作为独立消费者跟踪记录事件；加 --verify 则获取并核验每条记录。",
)


def follow(
    group: Annotated[str, typer.Option(help=say("Consumer group.", "消费组。"))],
    count: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help=say("End after so many issued records.", "收到多少条后结束。")
        ),
    ] = None,
    idle: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help=say("End when nothing came for so long [s].", "空闲多久后结束（秒）。"),
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help=say("Verify signatures.", "核验签名。"))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follow."""
    from chassis.eventlog.opening import open_event_log
    from chassis.settings import PlatformSettings
    from greenchain_cli.following import follow as events

    url = ClientSettings.of_environment().certification_url
    genuine = True
    with open_event_log(PlatformSettings().event_log, must_exist=True) as event_log:
        for seen in events(event_log, group, url, verify=verify, idle_s=idle, issued=count):
            _print_event(seen.told, as_json)
            genuine = genuine and seen.verified is not False
    if not genuine:
        raise typer.Exit(ExitCode.INVALID)


def _print_event(told: dict[str, Any], as_json: bool) -> None:
    """Print one event on one line."""
    if as_json:
        print_json(told)
    else:
        print_line("  ".join(f"{name}={value}" for name, value in told.items()))
