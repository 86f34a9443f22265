"""`greenchain issuer …` and `greenchain token`: identities of a state directory, their tokens."""

from typing import Annotated

import typer

from greenchain_cli.commands import environment
from greenchain_cli.commands.options import (
    DEFAULT_HOST,
    DEFAULT_HTTP_PORT,
    DEFAULT_STATE,
    AsJson,
    Host,
    HttpPort,
    State,
)
from greenchain_cli.language import say
from greenchain_cli.output import note, print_fields, print_json, print_rows

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help=say("The embedded token issuer and its identities.", "内置令牌签发器及其身份。"),
)

TOKEN_HELP = say(
    "Print an access token: of an identity of the state directory, or of GREENCHAIN_CLIENT_ID.",
    "打印访问令牌：取自状态目录中的身份，或 GREENCHAIN_CLIENT_ID。",
)


@app.command(help=say("Add an identity and print its secret.", "新增身份并打印其密钥。"))
def add(
    client_id: Annotated[str, typer.Argument(help=say("Name of the identity.", "身份名称。"))],
    tenant: Annotated[str, typer.Option(help=say("Its organisation.", "所属组织（租户）。"))],
    role: Annotated[
        list[str], typer.Option(metavar="ROLE", help="exporter, lead_firm, supplier, verifier, …")
    ],
    state: State = DEFAULT_STATE,
    as_json: AsJson = False,
) -> None:
    """Add an identity."""
    from chassis.identity import Role
    from greenchain_local import secrets
    from greenchain_local.identities import Identity

    known = [each.value for each in Role if not each.endswith("_service")]
    unknown = [each for each in role if each not in known]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}? {' | '.join(known)}", param_hint="--role")
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity = Identity(client_id, tenant, tuple(Role(each) for each in role))
    credential = secrets.read_or_make(state, [identity]).credentials[client_id]
    if credential.identity != identity:
        raise typer.BadParameter(
            say(
                f"{client_id} exists already, with another organisation or other roles",
                f"{client_id} 已存在，且组织或角色不同",
            ),
            param_hint="CLIENT_ID",
        )
    secret = {"client_id": client_id, "client_secret": credential.secret}
    if as_json:
        print_json(secret)
    else:
        print_fields(secret.items())
    note(
        say(
            "The secret is kept in the state directory; the issuer knows it at once.",
            "密钥保存在状态目录中；签发器即时生效。",
        )
    )


@app.command("list", help=say("List the identities, without secrets.", "列出身份（不含密钥）。"))
def list_identities(state: State = DEFAULT_STATE, as_json: AsJson = False) -> None:
    """List the identities."""
    from greenchain_local import secrets

    path = state / secrets.FILE_NAME
    credentials = secrets.read(path).credentials.values() if path.exists() else ()
    rows = [
        (each.identity.client_id, each.identity.tenant_id, ", ".join(each.identity.roles))
        for each in credentials
    ]
    header = ("client_id", "tenant_id", "roles")
    if as_json:
        print_json([dict(zip(header, row, strict=True)) for row in rows])
    else:
        print_rows(header, rows)


app.command("environment", help=environment.HELP)(environment.environment)


@app.command(help=say("Serve the issuer alone.", "单独运行令牌签发器。"))
def serve(
    state: State = DEFAULT_STATE,
    host: Host = DEFAULT_HOST,
    http_port: HttpPort = DEFAULT_HTTP_PORT,
    url: Annotated[
        str | None,
        typer.Option(
            envvar="GREENCHAIN_ISSUER",
            help=say("Public address, if it is another.", "对外地址（如与监听地址不同）。"),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Serve the issuer."""
    from chassis.http_server import free_port
    from chassis.settings import HttpSettings
    from greenchain_cli.serving import serve_here
    from greenchain_local.issuer import build_issuer_alone

    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    http = HttpSettings(host=host, port=free_port(host, http_port))
    issuer_url = url or f"http://{host}:{http.port}/issuer"
    serve_here(build_issuer_alone(issuer_url, state), http, None, as_json)


def token(
    client_id: Annotated[
        str | None,
        typer.Argument(help=say("Identity of the state directory.", "状态目录中的身份。")),
    ] = None,
    state: State = DEFAULT_STATE,
    as_json: AsJson = False,
) -> None:
    """Print a token."""
    from chassis.errors import NotFound
    from chassis.tokens import ClientCredentials
    from greenchain_cli.clients.settings import ClientSettings
    from greenchain_local import secrets

    settings = ClientSettings.of_environment()
    if client_id is None:
        name, secret = settings.credentials()
    else:
        path = state / secrets.FILE_NAME
        credentials = secrets.read(path).credentials if path.exists() else {}
        if client_id not in credentials:
            raise NotFound(what="identity", id=client_id)
        name, secret = client_id, credentials[client_id].secret
    given = ClientCredentials(settings.token_url, name, secret).token()
    if as_json:
        print_json({"access_token": given})
    else:
        typer.echo(given)
