"""`greenchain supplier …`: both sides of a data request, and serving the service."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from greenchain_cli.clients import connections
from greenchain_cli.commands.options import (
    DEFAULT_HOST,
    MIGRATE_HELP,
    AsJson,
    GrpcPort,
    Host,
    HttpPort,
)
from greenchain_cli.language import say
from greenchain_cli.output import note, print_json, progress

if TYPE_CHECKING:
    from chassis.eventlog import EventLog
    from chassis.service import Service
    from chassis.settings import PlatformSettings
    from greenchain.common.v1.common_pb2 import VersionReference
    from greenchain.supplier.v1.declaration_pb2 import GrantedDeclaration
    from supplier_client import LeadFirmClient

HTTP_PORT, GRPC_PORT = 8081, 8701

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help=say("Data requests and declarations.", "数据请求与声明。"),
)


class RequestState(StrEnum):
    """Where a data request stands."""

    PROPOSED = "proposed"
    SENT = "sent"
    ANSWERED = "answered"
    FULFILLED = "fulfilled"


Declaration = Annotated[str, typer.Argument(help=say("Id of the declaration.", "声明编号。"))]
Version = Annotated[int, typer.Option(min=1, help=say("Version looked at.", "所查看的版本。"))]


@app.command(
    help=say("List data requests: one's own, or those received.", "列出数据请求：发出的或收到的。")
)
def requests(
    received: Annotated[
        bool, typer.Option("--received", help=say("As a supplier.", "作为供应商。"))
    ] = False,
    state: Annotated[
        RequestState | None,
        typer.Option(help=say("Only those in this state.", "仅列出处于该状态的请求。")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List data requests."""
    from greenchain_cli.supplier_views import plain, show_requests

    if received:
        with connections.supplier() as supplier:
            rows = [plain(each) for each in supplier.received_requests()]
    else:
        with connections.lead_firm() as lead_firm:
            rows = [plain(each) for each in lead_firm.requests()]
    rows = [row for row in rows if state is None or row["state"] == state]
    if as_json:
        print_json(rows)
    else:
        show_requests(rows)


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
    from greenchain_cli.supplier_views import plain, show_request

    with connections.lead_firm() as lead_firm:
        sent = plain(lead_firm.send_request(data_request, supplier, (start, end)))
    if as_json:
        print_json(sent)
    else:
        show_request(sent)


@app.command(
    help=say("List what suppliers granted (lead firm, exporter).", "列出供应商授权查看的声明。")
)
def granted(as_json: AsJson = False) -> None:
    """List granted declarations."""
    from greenchain_cli.supplier_views import plain, show_granted_list

    with connections.lead_firm() as lead_firm:
        rows = [plain(each) for each in lead_firm.granted_declarations()]
    if as_json:
        print_json(rows)
    else:
        show_granted_list(rows)


@app.command(help=say("Accept a declaration (lead firm).", "接受声明（链主企业）。"))
def accept(declaration: Declaration, version: Version, as_json: AsJson = False) -> None:
    """Accept the version looked at."""
    with connections.lead_firm() as lead_firm:
        _decided(lead_firm.accept(_looked_at(lead_firm, declaration, version)), as_json)


@app.command("return", help=say("Return a declaration (lead firm).", "退回声明（链主企业）。"))
def give_back(
    declaration: Declaration,
    version: Version,
    reason: Annotated[str, typer.Option(help=say("What to mend.", "需要更正的内容。"))],
    as_json: AsJson = False,
) -> None:
    """Return the version looked at."""
    with connections.lead_firm() as lead_firm:
        looked_at = _looked_at(lead_firm, declaration, version)
        _decided(lead_firm.give_back(looked_at, reason), as_json)


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
    from greenchain_cli.supplier_views import plain, show_declaration
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
        if wait:
            submitted = supplier.wait_until_calculated(submitted, records=read)
        declared = plain(submitted)
    if as_json:
        print_json(declared)
    else:
        show_declaration(declared)


@app.command(
    help=say(
        "List whom a declaration is shared with, which fields and what for (supplier).",
        "列出声明共享给谁、共享哪些字段、作何用途（供应商）。",
    )
)
def grants(
    declaration: Annotated[
        str, typer.Option(help=say("Only this declaration's.", "仅列出该声明的授权。"))
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the grants that the supplier gave."""
    from greenchain_cli.supplier_views import plain, show_grants

    with connections.supplier() as supplier:
        rows = [plain(each) for each in supplier.grants(declaration)]
    if as_json:
        print_json(rows)
    else:
        show_grants(rows)


@app.command(
    help=say(
        "Take a grant back at once (supplier). What was calculated with it before stays.",
        "立即撤回授权（供应商）。此前据其完成的计算不受影响。",
    )
)
def revoke(
    grant: Annotated[str, typer.Argument(help=say("Id of the grant.", "授权编号。"))],
    as_json: AsJson = False,
) -> None:
    """Take a grant back."""
    from greenchain_cli.supplier_views import plain, show_grant

    with connections.supplier() as supplier:
        revoked = plain(supplier.revoke_grant(grant))
    if as_json:
        print_json(revoked)
    else:
        show_grant(revoked)


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
    from greenchain_cli.migrating import migrate_service
    from supplier.bootstrap import NAME, migrate_database
    from supplier.settings import SupplierMigrationSettings

    migrate_service(NAME, SupplierMigrationSettings(), migrate_database, as_json)


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


def _decided(granted: "GrantedDeclaration", as_json: bool) -> None:
    from greenchain_cli.supplier_views import plain, show_granted

    found = plain(granted)
    if as_json:
        print_json(found)
    else:
        show_granted(found)
