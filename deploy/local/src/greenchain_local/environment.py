"""What a process on a state directory must find in its environment, when services run apart.

Secrets reach a process by its environment alone; this is where they are taken out of the state.
"""

from collections.abc import Mapping
from pathlib import Path

from chassis.errors import NotFound
from greenchain_local import secrets
from greenchain_local.composition import lock_file_of_checkout
from greenchain_local.state import StateFiles

SERVICES = ("supplier", "footprint", "certification")


def environment_of(name: str, state: Path) -> Mapping[str, str]:
    """Return the variables of a service served alone, or of the commands of an identity.

    Addresses are not among them: their defaults are those of the ports that the commands choose.

    Parameters
    ----------
    name
        A service, or an identity that `greenchain issuer add` made.

    Raises
    ------
    NotFound
        If it is neither.
    """
    if name in SERVICES:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _of_service(name, StateFiles(state), secrets.read_or_make(state))
    path = state / secrets.FILE_NAME
    known = secrets.read(path).credentials if path.exists() else {}
    if name not in known:
        raise NotFound(what="identity", id=name)
    return {"GREENCHAIN_CLIENT_ID": name, "GREENCHAIN_CLIENT_SECRET": known[name].secret}


def _of_service(name: str, files: StateFiles, kept: secrets.Secrets) -> Mapping[str, str]:
    prefix = f"GREENCHAIN_{name.upper()}_"
    variables = {
        "GREENCHAIN_EVENT_LOG": files.event_log,
        f"{prefix}DATABASE_URL": files.database_url(name),
    }
    if name in kept.credentials:
        variables[f"{prefix}CLIENT_SECRET"] = kept.credentials[name].secret
    if name == "certification":
        variables[f"{prefix}SIGNING_KEY"] = kept.certification_key
    lock_file = lock_file_of_checkout()
    if name == "footprint" and lock_file:
        variables[f"{prefix}LOCK_FILE"] = str(lock_file)
    return variables
