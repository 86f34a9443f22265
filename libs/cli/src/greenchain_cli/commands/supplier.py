"""`greenchain supplier …`: both sides of a data request, and serving the service."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from greenchain_cli.clients import connections
from greenchain_cli.commands.options import DEFAULT_HOST, AsJson, GrpcPort, Host, HttpPort
from greenchain_cli.language import say
from greenchain_cli.output import note, print_fields, print_json, print_rows, progress

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from chassis.eventlog import EventLog
    from chassis.service import Service
    from chassis.settings import PlatformSettings
    from greenchain.common.v1.common_pb2 import VersionReference
    from supplier_client import LeadFirmClient

HTTP_PORT, GRPC_PORT = 8081, 8701

app = typer.Typer(
    no_args_is_help=True,
    help=say("Data requests and declarations.", "数据请求与声明。"),
)

Declaration = Annotated[str, typer.Argument(help=say("Id of the declaration.", "声明编号。"))]
Version = Annotated[int, typer.Option(min=1, help=say("Version looked at.", "所查看的版本。"))]


@app.command(
    help=say("List data requests: one's own, or those received.", "列出数据请求：发出的或收到的。")
)
def requests(
    received: Annotated[
        bool, typer.Option("--received", help=say("As a supplier.", "作为供应商。"))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List data requests."""
    if received:
        with connections.supplier() as supplier:
            rows = [plain(each) for each in supplier.received_requests()]
    else:
        with connections.lead_firm() as lead_firm:
            rows = [plain(each) for each in lead_firm.requests()]
    if as_json:
        print_json(rows)
        return
    header = ("id", "state", "activity_id", "supplier_tenant_id", "share_of_footprint_percent")
    print_rows(header, [[row.get(name, "") for name in header] for row in rows])


@app.command(
    help=say("Send a proposed request to a supplier (lead firm).", "向供应商发送数据请求。")
)
def send(
    data_request: Annotated[str, typer.Argument(help=say("The request.", "数据请求编号。"))],
    supplier: Annotated[str, typer.Option(help=say("Its tenant.", "供应商租户。"))],
    start: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD")],
    end: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD")],
    as_json: AsJson = False,
) -> None:
    """Send a request."""
    with connections.lead_firm() as lead_firm:
        _show(lead_firm.send_request(data_request, supplier, (start, end)), as_json)


@app.command(
    help=say("List what suppliers granted (lead firm, exporter).", "列出供应商授权查看的声明。")
)
def granted(as_json: AsJson = False) -> None:
    """List granted declarations."""
    with connections.lead_firm() as lead_firm:
        rows = [plain(each) for each in lead_firm.granted_declarations()]
    if as_json:
        print_json(rows)
        return
    print_rows(
        ("id", "version", "state", "activity_id", "kg CO2e / unit"),
        [
            (
                row["declaration"]["id"],
                row["declaration"]["version"],
                row["state"],
                row["activity_id"],
                row.get("calculated_footprint", {}).get("kg_co2e_per_unit", ""),
            )
            for row in rows
        ],
    )


@app.command(help=say("Accept a declaration (lead firm).", "接受声明（链主企业）。"))
def accept(declaration: Declaration, version: Version, as_json: AsJson = False) -> None:
    """Accept the version looked at."""
    with connections.lead_firm() as lead_firm:
        _show(lead_firm.accept(_looked_at(lead_firm, declaration, version)), as_json)


@app.command("return", help=say("Return a declaration (lead firm).", "退回声明（链主企业）。"))
def give_back(
    declaration: Declaration,
    version: Version,
    reason: Annotated[str, typer.Option(help=say("What to mend.", "需要更正的内容。"))],
    as_json: AsJson = False,
) -> None:
    """Return the version looked at."""
    with connections.lead_firm() as lead_firm:
        _show(lead_firm.give_back(_looked_at(lead_firm, declaration, version), reason), as_json)


@app.command(
    help=say(
        "Declare a plant's records for a data request (supplier): open, stream, submit. "
        "For a request already answered this is a correction: the next version.",
        "针对数据请求声明工厂活动记录（供应商）：创建、传输、提交。已答复的请求将生成更正版本。",
    )
)
def declare(
    records: Annotated[Path, typer.Argument(help=say("Activity records, CSV.", "活动记录 CSV。"))],
    request: Annotated[str, typer.Option(help=say("The data request.", "数据请求编号。"))],
    plant_name: Annotated[str, typer.Option(help=say("Plant.", "工厂名称。"))],
    region: Annotated[str, typer.Option(help=say("Its region, e.g. CN-SC.", "所在地区。"))],
    start: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD")],
    end: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD")],
    afresh: Annotated[
        bool,
        typer.Option("--afresh", help=say("Discard an open draft first.", "先丢弃未提交的草稿。")),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option(help=say("Wait for the own footprint.", "等待自身碳足迹计算完成。")),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Declare."""
    from supplier_client import read_records

    read = read_records(records)
    with connections.supplier() as supplier:
        draft = supplier.open_declaration(request, plant_name, region, (start, end), afresh=afresh)
        with progress().status(say("streaming records", "正在传输记录")):
            supplier.send_records(draft, read)
        submitted = supplier.submit(draft)
        note(
            say(
                f"{len(read)} records of declaration {submitted.id} v{submitted.version} submitted",
                f"声明 {submitted.id} v{submitted.version} 已提交 {len(read)} 条记录",
            )
        )
        _show(supplier.wait_until_calculated(submitted) if wait else submitted, as_json)


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


def _build(event_log: "EventLog", platform: "PlatformSettings") -> "Service":
    from supplier.bootstrap import build
    from supplier.settings import SupplierSettings

    return build(SupplierSettings(platform=platform), event_log=event_log)


def _looked_at(
    lead_firm: "LeadFirmClient", declaration_id: str, version: int
) -> "VersionReference":
    """Return the reference of a granted version, which holds its hash."""
    from chassis.errors import NotFound

    for granted in lead_firm.granted_declarations():
        reference = granted.declaration
        if (reference.id, reference.version) == (declaration_id, version):
            return reference
    raise NotFound(what="declaration", id=f"{declaration_id} v{version}")


def plain(message: "Message") -> dict[str, Any]:
    """Return a message as JSON values, under its own field names."""
    from google.protobuf.json_format import MessageToDict

    found: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return found


def _show(message: "Message", as_json: bool) -> None:
    found = plain(message)
    if as_json:
        print_json(found)
    else:
        print_fields(found.items())
