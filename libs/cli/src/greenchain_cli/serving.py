"""Serves one service alone, as `greenchain <service> serve` does; settings from the environment."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from greenchain_cli.language import say
from greenchain_cli.output import note, print_json

if TYPE_CHECKING:
    from chassis.eventlog import EventLog
    from chassis.service import Service
    from chassis.serving import Addresses
    from chassis.settings import HttpSettings, PlatformSettings, RpcSettings

    Build = Callable[[EventLog, PlatformSettings], Service]


def serve_service(build: "Build", host: str, http_port: int, grpc_port: int, as_json: bool) -> None:
    """Serve a service that needs the event log, until SIGTERM or SIGINT."""
    from chassis.eventlog.opening import open_event_log
    from chassis.settings import HttpSettings, RpcSettings

    # Before the event log is opened, which may have something to say.
    platform = _logging()
    with open_event_log(platform.event_log) as event_log:
        serve_here(
            build(event_log, platform),
            HttpSettings(host=host, port=http_port),
            RpcSettings(host=host, port=grpc_port, reflection=platform.development),
            as_json,
        )


def serve_here(
    service: "Service", http: "HttpSettings", rpc: "RpcSettings | None", as_json: bool
) -> None:
    """Serve a built service; tell where, once it answers."""
    from chassis.serving import serve_alone
    from chassis.settings import MetricsSettings, RpcSettings
    from chassis.tokens import RemoteKeys, TokenVerifier

    platform = _logging()

    def ready(addresses: "Addresses") -> None:
        if as_json:
            print_json({"service": service.name, "http": addresses.http, "grpc": addresses.rpc})
            return
        where = ", ".join(each for each in (addresses.http, addresses.rpc) if each)
        note(say(f"{service.name}: {where}", f"{service.name}：{where}"))

    serve_alone(
        service,
        TokenVerifier(RemoteKeys(platform.jwks_url), platform.issuer),
        http=http,
        rpc=rpc or RpcSettings(host=http.host),
        metrics=MetricsSettings(),
        ready=ready,
    )


def _logging() -> "PlatformSettings":
    """Log as the settings say; return them."""
    from chassis.logging import configure_logging
    from chassis.settings import PlatformSettings

    platform = PlatformSettings()
    configure_logging(development=platform.development, level=platform.log_level)
    return platform
