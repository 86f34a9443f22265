"""`make postgres`, `make postgres-stop`: a server in the background with the services' databases.

Usage: python -m greenchain_postgres {start | stop} [--state DIRECTORY]
"""

import argparse
import sys
from pathlib import Path

from chassis.errors import GreenchainError
from greenchain_postgres.server import PostgresServer

SERVICES = ("supplier", "footprint", "certification")


def main() -> int:
    """Do what the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(prog="greenchain_postgres", description=__doc__)
    parser.add_argument("action", choices=("start", "stop"))
    parser.add_argument("--state", type=Path, default=Path(".greenchain/postgres"))
    chosen = parser.parse_args()
    chosen.state.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = PostgresServer(chosen.state)
        if chosen.action == "stop":
            server.stop()
            return 0
        server.start()
        for service in SERVICES:
            server.provide(service)
            prefix = f"export GREENCHAIN_{service.upper()}"
            print(f"{prefix}_DATABASE_URL='{server.url(service, service)}'")
            print(f"{prefix}_OWNER_DATABASE_URL='{server.url(f'{service}_owner', service)}'")
    except GreenchainError as error:
        print(error.message("en"), file=sys.stderr)
        return 5
    return 0


if __name__ == "__main__":
    sys.exit(main())
