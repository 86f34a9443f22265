"""`greenchain footprint …`: import, calculate, analyse, request, freeze, explain, list, serve."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from greenchain_cli.clients import connections
from greenchain_cli.commands import analyses, background, data, explain, template
from greenchain_cli.commands.options import (
    DEFAULT_HOST,
    DEFAULT_METHOD,
    MIGRATE_HELP,
    AsJson,
    GrpcPort,
    Host,
    HttpPort,
)
from greenchain_cli.errors import WrongUse
from greenchain_cli.language import say
from greenchain_cli.output import note, print_fields, print_json, print_rows

if TYPE_CHECKING:
    from chassis.eventlog import EventLog
    from chassis.service import Service
    from chassis.settings import PlatformSettings

HTTP_PORT, GRPC_PORT = 8082, 8702

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help=say("Product models and carbon footprints.", "产品模型与产品碳足迹。"),
)

Model = Annotated[str, typer.Argument(help=say("Id of the product model.", "产品模型编号。"))]
ModelOrFile = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help=say(
            "A model file (greenchain-inventory/1), the folder of a product model, a template, or "
            "the id of an imported product model.",
            "清单模型文件（greenchain-inventory/1）、产品模型文件夹、模板名称，或已导入产品模型的编号。",
        ),
    ),
]
Footprint = Annotated[str, typer.Argument(help=say("Id of the footprint.", "碳足迹编号。"))]


@app.command(
    "import",
    help=say(
        "Import a product folder: product.json, bom.csv, sites.csv, and the products in parts/ "
        "that it is made of. All of it, or every bad row.",
        "导入产品文件夹：product.json、bom.csv、sites.csv，以及 parts/ 中作为部件的产品。要么全部"
        "导入，要么列出所有错误行。",
    ),
)
def import_product(
    folder: Annotated[Path, typer.Argument(help=say("Folder.", "文件夹。"))],
    as_json: AsJson = False,
) -> None:
    """Import a product."""
    from greenchain_cli.tables import read_product

    product = read_product(folder)
    with connections.footprint() as api:
        imported = api.import_product(product)
    if as_json:
        print_json(imported)
    else:
        print_fields(
            [
                (say("product model", "产品模型"), imported["id"]),
                (say("product", "产品"), imported["content"]["product_id"]),
                (say("version", "版本"), imported["version"]),
                ("SHA-256", imported["sha256"]),
            ]
        )


@app.command(
    help=say(
        "Calculate a model file, folder or template, here, or an imported product model, by the "
        "service.",
        "计算清单模型文件、产品模型文件夹或模板（在本机），或已导入的产品模型（由服务）。",
    )
)
def calculate(
    model: ModelOrFile,
    method: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help=say(
                "Method. Of a model file: may be given several times, all if none is; of a product "
                f"model: one, otherwise {DEFAULT_METHOD}.",
                "特征化方法。清单模型文件：可多次给出，默认为全部；产品模型：仅一个，默认为 "
                f"{DEFAULT_METHOD}。",
            ),
        ),
    ] = None,
    demand: analyses.Demand = None,
    scenario: analyses.Scenario = None,
    background: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help=say(
                "Background that a product folder buys from; may be given several times.",
                "产品文件夹所用的背景数据文件；可多次给出。",
            ),
        ),
    ] = None,
    supplier_data: Annotated[
        bool | None,
        typer.Option(
            "--supplier-data/--no-supplier-data",
            help=say(
                "Use accepted supplier data, as is the default. For a product model alone.",
                "使用已接受的供应商数据（默认使用）。仅用于产品模型。",
            ),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Calculate."""
    from greenchain_cli.model_file import is_local, is_product

    if is_local(model):
        imported = say("an imported product model", "已导入的产品模型")
        _only_for(supplier_data, "--supplier-data", imported)
        if not is_product(model):
            _only_for(background, "--background", say("a product folder", "产品文件夹"))
        analyses.calculate(model, method, demand, scenario, background or (), as_json)
        return
    a_file = say("a model file", "清单模型文件")
    _only_for(demand, "--demand", a_file)
    _only_for(scenario, "--scenario", a_file)
    _only_for(background, "--background", say("a product folder", "产品文件夹"))
    _only_for((method or [])[1:] or None, say("a second --method", "第二个 --method"), a_file)
    of_product = method[0] if method else DEFAULT_METHOD
    with connections.footprint() as api:
        _show(api.calculate(model, of_product, supplier_data=supplier_data is not False), as_json)


for _command, _help in analyses.COMMANDS:
    app.command(help=_help)(_command)


@app.command(
    help=say("Propose data requests for the parts that weigh.", "为占比较大的外购件提出数据请求。")
)
def request(
    product_model: Model,
    footprint: Annotated[str, typer.Option(help=say("Footprint with the shares.", "碳足迹编号。"))],
    as_json: AsJson = False,
) -> None:
    """Propose data requests."""
    with connections.footprint() as api:
        proposed = api.propose_data_requests(product_model, footprint)
    if as_json:
        print_json(proposed)
        return
    print_rows(
        (say("data request", "数据请求"), say("part", "外购件"), say("share", "占比")),
        [
            (row["id"], row["activity_id"], f"{row['share_of_footprint_percent']:.1f} %")
            for row in proposed["data_requests"]
        ],
    )


@app.command(help=say("Freeze a footprint for good.", "冻结碳足迹（不可更改）。"))
def freeze(footprint: Footprint, as_json: AsJson = False) -> None:
    """Freeze."""
    with connections.footprint() as api:
        _show(api.freeze(footprint), as_json)


@app.command(help=say("Show a footprint.", "查看碳足迹。"))
def show(footprint: Footprint, as_json: AsJson = False) -> None:
    """Show."""
    with connections.footprint() as api:
        _show(api.footprint(footprint), as_json)


app.command("explain", help=explain.HELP)(explain.explain)
app.add_typer(data.app, name="data")
app.add_typer(template.app, name="template")
app.add_typer(background.app, name="background")


@app.command("list", help=say("List footprints, newest first.", "列出碳足迹，最新的在前。"))
def list_footprints(
    after: Annotated[
        str,
        typer.Option(
            help=say("Last footprint of the page before.", "上一页最后一个碳足迹的编号。")
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List a page of footprints."""
    from greenchain_cli.footprint_views import show_footprints

    with connections.footprint() as api:
        page = api.footprints(after)
    if as_json:
        print_json(page)
        return
    show_footprints(page)
    if page["next"]:
        note(
            say(
                f"there are more: --after {page['next']}",
                f"还有更多：--after {page['next']}",
            )
        )


@app.command(help=say("Serve the service alone.", "单独运行该服务。"))
def serve(
    host: Host = DEFAULT_HOST,
    http_port: HttpPort = HTTP_PORT,
    grpc_port: GrpcPort = GRPC_PORT,
    as_json: AsJson = False,
) -> None:
    """Serve."""
    from greenchain_cli.serving import serve_service

    serve_service(_build, host, http_port, grpc_port, as_json)


@app.command(help=MIGRATE_HELP)
def migrate(as_json: AsJson = False) -> None:
    """Migrate."""
    from footprint.bootstrap import NAME, migrate_database
    from footprint.settings import FootprintMigrationSettings
    from greenchain_cli.migrating import migrate_service

    migrate_service(NAME, FootprintMigrationSettings(), migrate_database, as_json)


def _build(event_log: "EventLog", platform: "PlatformSettings") -> "Service":
    from footprint.bootstrap import build
    from footprint.settings import FootprintSettings

    return build(FootprintSettings(platform=platform), event_log=event_log)


def _only_for(given: Any, option: str, what: str) -> None:
    """Refuse an option that MODEL has no use for."""
    if given is not None:
        reason = say(f"{option} is for {what}.", f"{option} 仅用于{what}。")
        raise WrongUse(reason=reason, command="greenchain footprint calculate")


def _show(found: Any, as_json: bool) -> None:
    from greenchain_cli.footprint_views import show_footprint

    if as_json:
        print_json(found)
    else:
        show_footprint(found)
