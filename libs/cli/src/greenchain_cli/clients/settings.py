"""Where the platform is and who asks: environment variables of the command."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from greenchain_cli.errors import MissingSetting

DEFAULT_URL = "http://127.0.0.1:8080"
"""Where `greenchain up` serves HTTP."""
DEFAULT_TARGET = "127.0.0.1:8701"
"""Where `greenchain up` serves gRPC."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client command needs to know.

    Attributes
    ----------
    footprint_url, certification_url
        Base addresses of the services' HTTP.
    target
        Host and port of the `supplier` service's gRPC.
    token_url
        Where tokens are asked for.
    """

    footprint_url: str
    certification_url: str
    target: str
    token_url: str
    client_id: str | None
    client_secret: str | None = field(repr=False)

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the variables; unset addresses are those of `greenchain up` on this machine."""
        url = environment.get("GREENCHAIN_URL", DEFAULT_URL).rstrip("/")
        return cls(
            footprint_url=environment.get("GREENCHAIN_FOOTPRINT_URL", f"{url}/footprint"),
            certification_url=environment.get(
                "GREENCHAIN_CERTIFICATION_URL", f"{url}/certification"
            ),
            target=environment.get("GREENCHAIN_TARGET", DEFAULT_TARGET),
            token_url=environment.get("GREENCHAIN_TOKEN_URL", f"{url}/issuer/oauth/token"),
            client_id=environment.get("GREENCHAIN_CLIENT_ID"),
            client_secret=environment.get("GREENCHAIN_CLIENT_SECRET"),
        )

    def credentials(self) -> tuple[str, str]:
        """Return client id and secret.

        Raises
        ------
        MissingSetting
            If one of them is not set.
        """
        if not self.client_id:
            raise MissingSetting(name="GREENCHAIN_CLIENT_ID", hint_en=_HINT_EN, hint_zh=_HINT_ZH)
        if not self.client_secret:
            raise MissingSetting(
                name="GREENCHAIN_CLIENT_SECRET", hint_en=_HINT_EN, hint_zh=_HINT_ZH
            )
        return self.client_id, self.client_secret


_HINT_EN = (
    "Set GREENCHAIN_CLIENT_ID and GREENCHAIN_CLIENT_SECRET to your identity "
    "(`greenchain issuer add` makes one)."
)
_HINT_ZH = (
    "请把 GREENCHAIN_CLIENT_ID 和 GREENCHAIN_CLIENT_SECRET 设为您的身份"
    "（可用 `greenchain issuer add` 创建）。"
)
