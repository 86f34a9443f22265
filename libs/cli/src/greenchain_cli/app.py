"""The command tree."""

from collections.abc import Iterable
from copy import copy
from typing import Annotated, Any

import typer

from greenchain_cli.commands import certification, demo, footprint, issuer, supplier, up
from greenchain_cli.language import say

app = typer.Typer(
    rich_markup_mode=None,
    name="greenchain",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=say(
        "Product carbon footprints from a bill of materials to a verified record. "
        "Exit codes: 0 ok, 2 usage or identity, 3 data invalid, 4 not found, 5 upstream down.",
        "绿链：从物料清单到可核验的绿色产品记录。"
        "退出码：0 成功，2 用法或身份有误，3 数据无效，4 未找到，5 上游不可用。",
    ),
)


@app.callback()
def _root(
    lang: Annotated[
        str | None,
        typer.Option(
            metavar="zh|en",
            help=say(
                "Language; otherwise that of the shell (LC_ALL, LANG).",
                "语言；默认取自 LC_ALL、LANG。",
            ),
        ),
    ] = None,
) -> None:
    # `--lang` was taken before the commands were declared (`language.take`); it is named here so
    # that the help shows it.
    del lang


app.command("demo", help=demo.HELP)(demo.demo)
app.command("up", help=up.HELP)(up.up)
app.command("token", help=issuer.TOKEN_HELP)(issuer.token)
app.add_typer(issuer.app, name="issuer")
app.add_typer(footprint.app, name="footprint")
app.add_typer(supplier.app, name="supplier")
app.add_typer(certification.app, name="certification")


def command() -> Any:
    """Return the command tree, in which every help names `--lang`."""
    root: Any = typer.main.get_command(app)
    (option,) = (copy(each) for each in root.params if each.name == "lang")
    option.expose_value = False
    _add(option, root.commands.values())
    return root


def _add(option: Any, commands: Iterable[Any]) -> None:
    for each in commands:
        each.params.append(option)
        _add(option, getattr(each, "commands", {}).values())
