"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from greenchain_cli.language import say

AsJson = Annotated[
    bool,
    typer.Option("--json", help=say("Print JSON for programs.", "输出 JSON，供程序读取。")),
]
State = Annotated[
    Path,
    typer.Option(
        envvar="GREENCHAIN_STATE_DIR",
        help=say(
            "Directory of secrets, databases and event log.", "存放密钥、数据库和事件日志的目录。"
        ),
    ),
]
Host = Annotated[
    str, typer.Option(help=say("Address to listen on.", "监听地址。"), show_default=True)
]
HttpPort = Annotated[
    int,
    typer.Option(
        metavar="PORT", min=0, max=65535, help=say("HTTP port; 0: any.", "HTTP 端口；0 表示任意。")
    ),
]
GrpcPort = Annotated[
    int,
    typer.Option(
        metavar="PORT", min=0, max=65535, help=say("gRPC port; 0: any.", "gRPC 端口；0 表示任意。")
    ),
]
Day = Annotated[str, typer.Option(metavar="YYYY-MM-DD")]

DEFAULT_STATE = Path(".greenchain")
DEFAULT_HOST = "127.0.0.1"
DEFAULT_HTTP_PORT = 8080
DEFAULT_GRPC_PORT = 8701

MIGRATE_HELP = say(
    "Bring the service's database to the schema of this release, as the owner of its tables.",
    "以表所有者身份，将该服务的数据库结构迁移到本版本。",
)

#: Method of a footprint if nobody names one.
DEFAULT_METHOD = "ipcc_ar6_gwp100_v2"
