"""What can be wrong when a token is asked for, apart from an issuer that does not answer."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Unauthenticated


@dataclass(eq=False)
class ClientRefused(Unauthenticated):
    """The issuer answers and gives this client no token."""

    code: ClassVar[str] = "token.client.refused"
    en: ClassVar[str] = (
        "The token issuer refuses client {client_id} ({reason}). Check its id and secret, and "
        "that this issuer knows it."
    )
    zh: ClassVar[str] = (
        "令牌签发器拒绝客户端 {client_id}（{reason}）。请检查其标识和密钥，"
        "并确认该签发器已登记此客户端。"
    )

    client_id: str


@dataclass(eq=False)
class NoTokenEndpoint(GreenchainError):
    """Something answers at the address, and not as a token endpoint does.

    Not `Unavailable`: waiting mends nothing. Nor the input's fault: a consumer goes on trying.
    """

    code: ClassVar[str] = "token.endpoint.wrong"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = (
        "{url} is no token endpoint: it answered {answer}. Set GREENCHAIN_TOKEN_URL to the "
        "issuer's, which ends with /oauth/token."
    )
    zh: ClassVar[str] = (
        "{url} 不是令牌端点：应答为 {answer}。请将 GREENCHAIN_TOKEN_URL 设为签发器的令牌端点"
        "（以 /oauth/token 结尾）。"
    )

    url: str
    answer: str
