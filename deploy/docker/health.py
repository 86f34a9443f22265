"""Tell by the exit code whether a service answers: what containers run as their health check.

Usage: python health.py {http://HOST:PORT/PATH | grpc://HOST:PORT}
"""

import sys
import urllib.request
from typing import Any
from urllib.parse import urlsplit

DEADLINE_S = 5.0
"""How long an answer may take [s]."""


def check(url: str) -> None:
    """Return if the service at the URL says that it serves; raise otherwise."""
    address = urlsplit(url)
    if address.scheme == "grpc":
        check_grpc(address.netloc)
        return
    # No proxy, whatever the environment says: what is asked is this container.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=DEADLINE_S):
        pass  # any status that is not a success was raised


def check_grpc(target: str) -> None:
    """Ask by the protocol `grpc.health.v1` for the server as a whole; raise unless it serves."""
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with grpc.insecure_channel(target, [("grpc.enable_http_proxy", 0)]) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(service=""), timeout=DEADLINE_S)
    if answer.status != health_pb2.HealthCheckResponse.SERVING:
        raise RuntimeError(f"{target} does not serve")


if __name__ == "__main__":
    check(sys.argv[1])
