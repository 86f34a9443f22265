"""`greenchain footprint background …`: inventories of one's own: made, searched, uploaded."""

from pathlib import Path
from typing import Annotated

import typer

from greenchain_cli.clients import connections
from greenchain_cli.commands.options import AsJson
from greenchain_cli.errors import MissingFile, WrongUse
from greenchain_cli.language import say
from greenchain_cli.output import note, print_json

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help=say(
        "Backgrounds of your own: licensed or private inventories that products buy from.",
        "自有背景数据：产品可引用的授权或内部清单数据。",
    ),
)

File = Annotated[
    Path, typer.Argument(metavar="FILE", help=say("Background file.", "背景数据文件。"))
]
MOST_FOUND = 20


@app.command(
    "import",
    help=say(
        "Make a background file of CSV tables, EcoSpold2 files or a Brightway database. It stays "
        "here; it is for you to see that its licence allows what you do with it.",
        "由 CSV 数据表、EcoSpold2 文件或 Brightway 数据库生成背景数据文件。文件保留在本机；"
        "请自行确认其许可允许您的用途。",
    ),
)
def import_(
    id: Annotated[str, typer.Option(metavar="ID", help=say("What to call it.", "名称。"))],
    version: Annotated[str, typer.Option(metavar="V", help=say("Its version.", "版本。"))],
    title: Annotated[
        str,
        typer.Option(metavar="TEXT", help=say("Title that sources show.", "来源中显示的标题。")),
    ],
    licence: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help=say("Terms under which you have it.", "您获得该数据的许可条款。")
        ),
    ],
    out: Annotated[
        Path, typer.Option(metavar="FILE.zip", help=say("File to write.", "输出文件。"))
    ],
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=say(
                "Folder with activities.csv, exchanges.csv, elementary_flows.csv.",
                "含 activities.csv、exchanges.csv、elementary_flows.csv 的文件夹。",
            ),
        ),
    ] = None,
    ecospold2: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=say(
                "Folder with the .spold files of one system model.",
                "含同一系统模型 .spold 文件的文件夹。",
            ),
        ),
    ] = None,
    brightway: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="PROJECT DATABASE",
            help=say("A database of a Brightway project.", "Brightway 项目中的数据库。"),
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            metavar="YEAR",
            help=say(
                "Year that the activities stand for; CSV may state it in valid_year.",
                "数据所代表的年份；CSV 可在 valid_year 列中给出。",
            ),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a background file."""
    if sum(each is not None for each in (csv, ecospold2, brightway)) != 1:
        raise WrongUse(
            reason=say(
                "give one of --csv, --ecospold2 and --brightway.",
                "请给出 --csv、--ecospold2、--brightway 之一。",
            ),
            command="greenchain footprint background import",
        )
    from footprint.local.backgrounds import import_background

    found = import_background(
        out,
        id=id,
        version=version,
        title=title,
        licence=licence,
        year=year,
        csv=csv,
        ecospold2=ecospold2,
        brightway=brightway,
    )
    if as_json:
        print_json(found)
        return
    from greenchain_cli.background_views import show_background

    show_background(found)
    note(
        say(
            f"Find activities with: greenchain footprint background search {out} TEXT",
            f"搜索活动：greenchain footprint background search {out} 文字",
        )
    )


@app.command(
    help=say(
        "Search the activities of a background file: all words, in any order.",
        "搜索背景数据文件中的活动：须包含所有词，顺序不限。",
    )
)
def search(
    file: File,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=say("Words.", "文字。"))],
    most: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            max=1000,
            help=say(
                f"How many at most; otherwise {MOST_FOUND}.", f"最多条数；默认 {MOST_FOUND}。"
            ),
        ),
    ] = MOST_FOUND,
    as_json: AsJson = False,
) -> None:
    """Search a background file."""
    _require(file)
    from footprint.local.backgrounds import search_background

    found = search_background(file, text, most)
    if as_json:
        print_json(found)
        return
    from greenchain_cli.background_views import show_activities

    show_activities(found)
    if not found["activities"]:
        note(say("nothing has all these words", "没有包含所有这些词的活动"))
    if len(found["activities"]) == most:
        note(say("there may be more: --most", "可能还有更多：--most"))


@app.command(
    help=say(
        "Upload a background file to the service, for your organisation alone.",
        "将背景数据文件上传至服务，仅供本组织使用。",
    )
)
def upload(file: File, as_json: AsJson = False) -> None:
    """Upload a background file."""
    _require(file)
    from footprint.local.backgrounds import describe_background

    # Checked here first: a file of hundreds of megabytes is not sent in vain.
    found = describe_background(file)
    with connections.footprint() as api:
        stored = api.upload_background(found["id"], found["version"], file)
    if as_json:
        print_json(stored)
        return
    from greenchain_cli.background_views import show_background

    show_background(stored)


@app.command(
    "list",
    help=say("List the backgrounds of your organisation.", "列出本组织的背景数据。"),
)
def list_(as_json: AsJson = False) -> None:
    """List the backgrounds at the service."""
    with connections.footprint() as api:
        found = api.backgrounds()
    if as_json:
        print_json(found)
        return
    from greenchain_cli.background_views import show_backgrounds

    show_backgrounds(found)


def _require(file: Path) -> None:
    if not file.exists():
        raise MissingFile(str(file))
