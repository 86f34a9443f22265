"""`greenchain footprint data …`: datasets, worked on here without a server."""

from pathlib import Path
from typing import Annotated

import typer

from greenchain_cli.commands.options import DEFAULT_METHOD, AsJson
from greenchain_cli.errors import MissingFile, WrongUse
from greenchain_cli.language import say
from greenchain_cli.output import print_json

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help=say(
        "Datasets: check, compare, extend, build. A dataset is a folder, an archive or a version.",
        "数据集：检查、比较、补充、构建。数据集可为文件夹、归档文件或版本号。",
    ),
)

Named = Annotated[
    str | None,
    typer.Argument(
        metavar="[DATASET]",
        help=say(
            "Folder, archive or version; otherwise the shipped dataset.",
            "文件夹、归档文件或版本号；默认为随附数据集。",
        ),
    ),
]
Method = Annotated[
    str,
    typer.Option(
        metavar="ID",
        show_default=False,
        help=say(
            f"Method that the products are compared by; otherwise {DEFAULT_METHOD}.",
            f"比较产品所用的特征化方法；默认 {DEFAULT_METHOD}。",
        ),
    ),
]


@app.command(
    help=say(
        "Check a dataset: every row, the balances of elements, the methods, the electricity, the "
        "system. Ends with 3 and every bad row if something is wrong.",
        "检查数据集：逐行内容、元素平衡、特征化方法、电力与整个系统。如有错误，列出所有问题行并以 "
        "3 退出。",
    )
)
def check(dataset: Named = None, as_json: AsJson = False) -> None:
    """Check a dataset."""
    from footprint.local.data import check_data

    found = check_data(dataset)
    if as_json:
        print_json(found)
        return
    from greenchain_cli.data_views import show_check

    show_check(found)


@app.command(
    help=say(
        "Compare two datasets row by row, and what they make of the product templates.",
        "逐行比较两个数据集，并比较各产品模板的结果。",
    )
)
def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help=say("Folder, archive or version.", "文件夹、归档文件或版本号。")
        ),
    ],
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="[NEW]",
            help=say("The same; otherwise the shipped dataset.", "同上；默认为随附数据集。"),
        ),
    ] = None,
    method: Method = DEFAULT_METHOD,
    as_json: AsJson = False,
) -> None:
    """Compare two datasets."""
    from footprint.local.data import diff_data

    found = diff_data(old, new, method)
    if as_json:
        print_json(found)
        return
    from greenchain_cli.data_views import show_difference

    show_difference(found)


@app.command(
    help=say(
        "Put the rows of CSV files into tables of a dataset's folder: all of them or none. It is "
        "made as a copy of the shipped dataset if it is not there. Shows what that does.",
        "将 CSV 文件的行写入数据集文件夹中的数据表：要么全部写入，要么都不写。文件夹不存在时，先"
        "复制随附数据集。随后显示由此产生的差异。",
    )
)
def add(
    file: Annotated[
        Path,
        typer.Argument(
            help=say(
                "CSV file with header; or a folder of them, each named as its table.",
                "带表头的 CSV 文件；或由此类文件组成的文件夹，文件名即表名。",
            )
        ),
    ],
    to: Annotated[
        Path, typer.Option(metavar="FOLDER", help=say("Folder of the dataset.", "数据集文件夹。"))
    ],
    table: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=say(
                "Table of the file, e.g. exchanges; otherwise the file is named as its table.",
                "文件对应的数据表，例如 exchanges；默认以文件名作为表名。",
            ),
        ),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help=say("Rows that are there already take these cells.", "已有的行改用新内容。"),
        ),
    ] = False,
    method: Method = DEFAULT_METHOD,
    as_json: AsJson = False,
) -> None:
    """Add rows to a dataset."""
    from footprint.local.data import add_data

    if file.is_dir() and table is not None:
        reason = say(
            "--table is for one file; in a folder each is named as its table.",
            "--table 仅用于单个文件；文件夹中各文件名即表名。",
        )
        raise WrongUse(reason=reason, command="greenchain footprint data add")
    files = _tables_in(file) if file.is_dir() else [file]
    found = add_data({each: table or each.stem for each in files}, to, method, replace=replace)
    if as_json:
        print_json(found)
        return
    from greenchain_cli.data_views import show_addition

    show_addition(found)


def _tables_in(folder: Path) -> list[Path]:
    """Return the CSV files of a folder, without those that editors and systems hide there."""
    files = [each for each in sorted(folder.glob("*.csv")) if not each.name.startswith(".")]
    if not files:
        raise MissingFile(str(folder / "*.csv"))
    return files


@app.command(
    help=say(
        "List the methods that bw2io ships offline, with the number of the dataset's flows that "
        "each counts.",
        "列出 bw2io 随附的评价方法，以及各方法计入的数据集流的数量。",
    )
)
def methods(
    text: Annotated[
        str,
        typer.Argument(
            metavar="[TEXT]",
            show_default=False,
            help=say(
                "Only methods with all of these words in their names.",
                "仅列出名称包含所有这些词的方法。",
            ),
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List methods of the bundle."""
    from footprint.local.methods import list_methods

    found = list_methods(text)
    if as_json:
        print_json(found)
        return
    from greenchain_cli.data_views import show_methods

    show_methods(found)


@app.command(
    name="add-method",
    help=say(
        "Put a method that bw2io ships into a dataset's folder, for screening. It is made as a "
        "copy of the shipped dataset if it is not there. Shows what that does.",
        "将 bw2io 随附的评价方法加入数据集文件夹，仅供筛查。文件夹不存在时，先复制随附数据集。随后"
        "显示由此产生的差异。",
    ),
)
def add_method(
    name: Annotated[
        str,
        typer.Argument(
            help=say(
                "Full name as `data methods` shows it, or enough words of it, in quotation marks.",
                "data methods 显示的完整名称，或足以区分的若干词，加引号。",
            )
        ),
    ],
    to: Annotated[
        Path, typer.Option(metavar="FOLDER", help=say("Folder of the dataset.", "数据集文件夹。"))
    ],
    method: Method = DEFAULT_METHOD,
    as_json: AsJson = False,
) -> None:
    """Add a method of the bundle to a dataset."""
    from footprint.local.methods import add_method as add_bundled_method

    found = add_bundled_method(name, to, method)
    if as_json:
        print_json(found)
        return
    from greenchain_cli.data_views import show_method_addition

    show_method_addition(found)


@app.command(
    help=say(
        "Build a dataset into a bw_processing datapackage, once for each content; or, with "
        "--release, archive it under its version.",
        "将数据集构建为 bw_processing 数据包（内容相同只构建一次）；使用 --release 时按版本归档。",
    )
)
def build(
    dataset: Named = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.zip",
            help=say("Write the package here too.", "同时将数据包写入该文件。"),
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            metavar="REGION",
            help=say(
                "Where unit processes stand; otherwise the dataset's default region.",
                "单元过程所在地区；默认为数据集的默认地区。",
            ),
        ),
    ] = None,
    release: Annotated[
        bool,
        typer.Option(
            "--release",
            help=say(
                "Write releases/<id>-<version>.zip beside the folder instead.",
                "改为在文件夹旁写入 releases/<标识>-<版本>.zip。",
            ),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build or release a dataset."""
    from footprint.local.packages import build_data, release_data

    if release and (out is not None or region is not None):
        reason = say(
            "--release takes neither --out nor --region.",
            "--release 不能与 --out 或 --region 同时使用。",
        )
        raise WrongUse(reason=reason, command="greenchain footprint data build")
    if release:
        found = release_data(None if dataset is None else Path(dataset))
    else:
        found = build_data(dataset, out, region)
    if as_json:
        print_json(found)
        return
    from greenchain_cli.data_views import show_package, show_release

    (show_release if release else show_package)(found)
