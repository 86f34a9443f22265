"""`greenchain footprint template {list,copy}`: product models to start from."""

from pathlib import Path
from typing import Annotated

import typer

from greenchain_cli import words
from greenchain_cli.commands.options import AsJson
from greenchain_cli.language import current, say
from greenchain_cli.output import note, print_json, print_line, print_rows

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help=say("Templates of product models.", "产品模型模板。"),
)


@app.command("list", help=say("List the templates.", "列出模板。"))
def list_templates(as_json: AsJson = False) -> None:
    """List the templates."""
    from footprint.local.templates import list_templates

    found = list_templates()
    if as_json:
        print_json(found)
        return
    print_rows(
        (say("template", "模板"), say("product", "产品"), say("per", "声明单位"), say("of", "含")),
        [
            (
                row["product_id"],
                row["name"][current()],
                words.declared_unit(row["declared_unit"]["amount"], row["declared_unit"]["unit"]),
                " ".join(row["parts"]),
            )
            for row in found["templates"]
        ],
    )


@app.command(
    help=say(
        "Copy a template and its parts into a folder, to fill in. Nothing is overwritten.",
        "将模板及其部件复制到文件夹中供填写。不会覆盖任何文件。",
    )
)
def copy(
    name: Annotated[str, typer.Argument(help=say("Template.", "模板。"))],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=say("Folder.", "文件夹。"))],
    as_json: AsJson = False,
) -> None:
    """Copy a template."""
    from footprint.local.templates import copy_template

    found = copy_template(name, folder)
    if as_json:
        print_json(found)
        return
    for file in found["files"]:
        print_line(str(folder / file))
    note(
        say(
            f"Fill it in, then: greenchain footprint import {folder}",
            f"填写后运行：greenchain footprint import {folder}",
        )
    )
