"""Brings the database of one service to this release, as `greenchain <service> migrate` does."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from greenchain_cli.errors import MissingSetting
from greenchain_cli.language import say
from greenchain_cli.output import print_json, print_line

if TYPE_CHECKING:
    from chassis.settings import MigrationSettings

_EMBEDDED = "sqlite:"


def migrate_service(
    name: str, settings: "MigrationSettings", migrate: Callable[[str], str], as_json: bool
) -> None:
    """Migrate, and tell the schema that the database has now.

    Parameters
    ----------
    migrate
        Takes the database's URL, returns the name of the newest migration.

    Raises
    ------
    MissingSetting
        If the database is on a server and its owner is not named: the service owns no table.
    """
    url = settings.owner_database_url or settings.database_url
    if not settings.owner_database_url and not url.startswith(_EMBEDDED):
        variable = f"GREENCHAIN_{name.upper()}_OWNER_DATABASE_URL"
        raise MissingSetting(name=variable, hint_en=_HINT_EN, hint_zh=_HINT_ZH)
    revision = migrate(url)
    if as_json:
        print_json({"service": name, "revision": revision})
    else:
        print_line(say(f"{name}: schema {revision}", f"{name}：数据库结构 {revision}"))


_HINT_EN = (
    "The service's own role owns no table. Name the database with the role that does, e.g. "
    "postgresql+psycopg://supplier_owner:…@db.example/supplier."
)
_HINT_ZH = (
    "服务自身的角色不拥有任何表。请写明表所有者角色的数据库地址，"
    "例如 postgresql+psycopg://supplier_owner:…@db.example/supplier。"
)
