"""`greenchain certification …`: apply, state, decide, show, change, follow, serve."""

import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from greenchain_cli.clients import connections
from greenchain_cli.commands import following
from greenchain_cli.commands.options import DEFAULT_HOST, MIGRATE_HELP, AsJson, Host, HttpPort
from greenchain_cli.language import current, say
from greenchain_cli.output import print_fields, print_json

if TYPE_CHECKING:
    from chassis.eventlog import EventLog
    from chassis.service import Service
    from chassis.settings import PlatformSettings

HTTP_PORT = 8083

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help=say(
        "Applications, statements, decisions and signed records.",
        "申请、核查声明、决定与签名记录。",
    ),
)

Application = Annotated[
    str, typer.Argument(help=say("Id of application and record.", "申请（即记录）编号。"))
]
Reason = Annotated[str, typer.Option(help=say("Why, in a sentence.", "原因，一句话。"))]


@app.command(
    help=say("Apply for a record of a frozen footprint (exporter).", "申请记录（出口商）。")
)
def apply(
    footprint: Annotated[str, typer.Argument(help=say("Frozen footprint.", "已冻结的碳足迹。"))],
    verifier: Annotated[str, typer.Option(help=say("Verifier's tenant.", "核查机构租户。"))],
    body: Annotated[str, typer.Option(help=say("Body's tenant.", "认证机构租户。"))],
    scheme: Annotated[str, typer.Option(help=say("Scheme.", "方案。"))] = "demonstration",
    as_json: AsJson = False,
) -> None:
    """Apply."""
    with connections.certification() as api:
        _show_application(api.apply(footprint, scheme, verifier, body), as_json)


@app.command(help=say("File the verification statement (verifier).", "提交核查声明（核查机构）。"))
def state(
    application: Application,
    verifier_name: Annotated[str, typer.Option(help=say("Organisation.", "机构名称。"))],
    lead_verifier: Annotated[str, typer.Option(help=say("Person.", "核查负责人。"))],
    objective: Annotated[str, typer.Option(help=say("What was asked.", "核查目的。"))],
    limitations: Annotated[str, typer.Option(help=say("What was not seen.", "局限。"))],
    conclusion: Annotated[str, typer.Option(help="compliant | not_compliant | information_needed")],
    no_conflict_of_interest: Annotated[
        bool, typer.Option("--no-conflict-of-interest", help=say("Declared.", "声明无利益冲突。"))
    ] = False,
    statement_type: Annotated[str, typer.Option("--type")] = "pcf_verification",
    as_json: AsJson = False,
) -> None:
    """State about exactly the footprint of the application."""
    with connections.certification() as api:
        footprint = api.application(application)["footprint"]
        statement = {
            "type": statement_type,
            "footprint_sha256": footprint["sha256"],
            "method_id": footprint["method_id"],
            "verifier_name": verifier_name,
            "lead_verifier": lead_verifier,
            "objective": objective,
            "limitations": limitations,
            "conclusion": conclusion,
            "no_conflict_of_interest": no_conflict_of_interest,
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        }
        _show_application(api.state(application, statement), as_json)


@app.command(help=say("Issue or reject (certification body).", "颁发或拒绝（认证机构）。"))
def decide(
    application: Application,
    decision: Annotated[str, typer.Argument(help="issue | reject")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Decide."""
    with connections.certification() as api:
        _show_application(api.decide(application, decision, reason), as_json)


@app.command(
    help=say("Change a record's state; withdraw an application.", "变更记录状态或撤回申请。")
)
def change(
    record: Application,
    action: Annotated[str, typer.Argument(help="suspend | reinstate | revoke | withdraw")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Change the state."""
    with connections.certification() as api:
        _show_application(api.transition(record, action, reason), as_json)


@app.command(help=say("Show a public record.", "查看公开记录。"))
def show(record: Application, as_json: AsJson = False) -> None:
    """Show where a record stands."""
    with connections.certification(public=True) as api:
        found = api.record(record)
    if as_json:
        print_json(found)
        return
    print_fields(
        [
            (say("standing", "现状"), found["standing"][current()]),
            (say("scheme", "方案"), found["scheme"]["name"][current()]),
            ("", found["scheme"]["is_not"][current()]),
            (say("record", "记录"), found["record_id"]),
            ("SHA-256", found["sha256"]),
            (say("key", "密钥"), found["key_id"]),
        ]
    )


@app.command(help=say("Serve the service alone.", "单独运行该服务。"))
def serve(
    host: Host = DEFAULT_HOST,
    http_port: HttpPort = HTTP_PORT,
    as_json: AsJson = False,
) -> None:
    """Serve; the service has no gRPC side."""
    from greenchain_cli.serving import serve_service

    serve_service(_build, host, http_port, 0, as_json)


@app.command(help=MIGRATE_HELP)
def migrate(as_json: AsJson = False) -> None:
    """Migrate."""
    from certification.bootstrap import NAME, migrate_database
    from certification.settings import CertificationMigrationSettings
    from greenchain_cli.migrating import migrate_service

    migrate_service(NAME, CertificationMigrationSettings(), migrate_database, as_json)


@app.command(
    "new-key",
    help=say(
        "Print a new private key (JWK) that signs records: GREENCHAIN_CERTIFICATION_SIGNING_KEY.",
        "打印新的记录签名私钥（JWK），用于 GREENCHAIN_CERTIFICATION_SIGNING_KEY。",
    ),
)
def new_key() -> None:
    """Print a signing key."""
    from chassis.tokens import new_signing_key

    typer.echo(new_signing_key())


app.command("follow", help=following.HELP)(following.follow)


def _build(event_log: "EventLog", platform: "PlatformSettings") -> "Service":
    from certification.bootstrap import build
    from certification.settings import CertificationSettings

    return build(CertificationSettings(platform=platform), event_log=event_log)


def _show_application(found: Any, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    print_fields(
        [
            (say("application", "申请"), found["id"]),
            (say("state", "状态"), found["state_words"][current()]),
            (say("scheme", "方案"), found["scheme"]),
            (say("footprint", "碳足迹"), found["footprint"]["id"]),
        ]
    )
