"""`greenchain up`: the three services and the issuer in one process."""

from typing import TYPE_CHECKING, Annotated

import typer

from greenchain_cli.commands.options import (
    DEFAULT_GRPC_PORT,
    DEFAULT_HOST,
    DEFAULT_HTTP_PORT,
    DEFAULT_STATE,
    AsJson,
    GrpcPort,
    Host,
    HttpPort,
    State,
)
from greenchain_cli.language import say
from greenchain_cli.output import note, print_fields, print_json

if TYPE_CHECKING:
    from greenchain_local.platform import Platform

HELP = say(
    "Run the three services and the token issuer in one process, until Ctrl-C or SIGTERM.",
    "在一个进程中运行三个服务和令牌签发器，直到 Ctrl-C 或 SIGTERM。",
)


def up(
    state: State = DEFAULT_STATE,
    host: Host = DEFAULT_HOST,
    http_port: HttpPort = DEFAULT_HTTP_PORT,
    grpc_port: GrpcPort = DEFAULT_GRPC_PORT,
    development: Annotated[
        bool,
        typer.Option(
            "--development",
            envvar="GREENCHAIN_DEVELOPMENT",
            help=say(
                "Logs as lines for people even off a terminal, tracebacks, gRPC reflection.",
                "即使不在终端也输出便于阅读的日志；显示错误位置；gRPC 反射。",
            ),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the platform."""
    from chassis.logging import configure_logging
    from chassis.serving import stop_request
    from chassis.settings import PlatformSettings
    from greenchain_local.platform import LocalSettings, Platform

    configure_logging(development=development, level=PlatformSettings().log_level)
    settings = LocalSettings(
        state=state,
        host=host,
        http_port=http_port,
        rpc_port=grpc_port,
        development=development,
    )
    with stop_request() as requested, Platform(settings) as platform:
        _tell(platform, as_json)
        requested.wait()


def _tell(platform: "Platform", as_json: bool) -> None:
    where = {
        "http": platform.url,
        "grpc": platform.target,
        "footprint": f"{platform.footprint_url}/openapi.json",
        "certification": f"{platform.certification_url}/openapi.json",
        "token_url": platform.token_url,
        "state": str(platform.files.directory),
    }
    if as_json:
        print_json(where)
        return
    print_fields(where.items())
    state = platform.files.directory
    note(
        say(
            "An identity, then a token for it (it names the platform by GREENCHAIN_URL):",
            "先创建身份，再获取其令牌（用 GREENCHAIN_URL 指明平台地址）：",
        )
    )
    note(f"  greenchain issuer add my-export --tenant my-firm --role exporter --state {state}")
    note(f"  GREENCHAIN_URL={platform.url} greenchain token my-export --state {state}")
