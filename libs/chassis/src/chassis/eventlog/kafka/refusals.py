"""What goes wrong with a Kafka cluster, in our words."""

from dataclasses import dataclass
from typing import ClassVar

from kafka import errors

from chassis.errors import GreenchainError, Kind, Unavailable

SERVICE = "event log"
REFUSED_LOGIN = (
    errors.SaslAuthenticationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
)


@dataclass(eq=False)
class UntrustedBroker(GreenchainError):
    """The broker's certificate does not prove who it is."""

    code: ClassVar[str] = "eventlog.kafka.untrusted"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = (
        "The certificate of the broker at {server} is not trusted: {reason}. Set "
        "GREENCHAIN_KAFKA_CA_FILE to the certificate of the authority that signed it."
    )
    zh: ClassVar[str] = (
        "无法信任 {server} 的 Kafka 证书：{reason}。"
        "请将 GREENCHAIN_KAFKA_CA_FILE 设为签发该证书的机构的证书文件。"
    )

    server: str
    reason: str


@dataclass(eq=False)
class HandshakeRefused(GreenchainError):
    """The broker and we cannot agree on TLS."""

    code: ClassVar[str] = "eventlog.kafka.handshake_refused"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = (
        "The broker at {server} refused TLS: {reason}. If it asks for a certificate, set "
        "GREENCHAIN_KAFKA_CERTIFICATE_FILE and GREENCHAIN_KAFKA_KEY_FILE; if it does not speak "
        "TLS, mend GREENCHAIN_KAFKA_SECURITY_PROTOCOL."
    )
    zh: ClassVar[str] = (
        "{server} 的 Kafka 拒绝了 TLS 连接：{reason}。若其要求客户端证书，请设置 "
        "GREENCHAIN_KAFKA_CERTIFICATE_FILE 和 GREENCHAIN_KAFKA_KEY_FILE；"
        "若其不使用 TLS，请修改 GREENCHAIN_KAFKA_SECURITY_PROTOCOL。"
    )

    server: str
    reason: str


@dataclass(eq=False)
class TlsExpected(GreenchainError):
    """The broker speaks TLS, and we do not."""

    code: ClassVar[str] = "eventlog.kafka.tls_expected"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = (
        "The broker at {server} speaks TLS. Set GREENCHAIN_KAFKA_SECURITY_PROTOCOL to SSL or "
        "SASL_SSL."
    )
    zh: ClassVar[str] = (
        "{server} 的 Kafka 使用 TLS。请将 GREENCHAIN_KAFKA_SECURITY_PROTOCOL 设为 SSL 或 SASL_SSL。"
    )

    server: str


@dataclass(eq=False)
class UnusableFile(GreenchainError):
    """A file that we need for TLS does not hold what it should."""

    code: ClassVar[str] = "eventlog.kafka.unusable_file"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = (
        "A file of {settings} cannot be used: {reason}. Certificates have to be in PEM; a key has "
        "to be in PEM, without a password, and that of the certificate."
    )
    zh: ClassVar[str] = (
        "{settings} 指定的文件无法使用：{reason}。"
        "证书须为 PEM 格式；密钥须为 PEM 格式、不设密码，并与证书匹配。"
    )

    settings: tuple[str, ...]
    reason: str


@dataclass(eq=False)
class LoginRefused(GreenchainError):
    """The cluster does not let us in."""

    code: ClassVar[str] = "eventlog.kafka.login_refused"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED
    en: ClassVar[str] = (
        "Kafka refused the login. Check GREENCHAIN_KAFKA_SASL_USERNAME, "
        "GREENCHAIN_KAFKA_SASL_PASSWORD and GREENCHAIN_KAFKA_SASL_MECHANISM."
    )
    zh: ClassVar[str] = (
        "Kafka 拒绝登录。请检查 GREENCHAIN_KAFKA_SASL_USERNAME、"
        "GREENCHAIN_KAFKA_SASL_PASSWORD 和 GREENCHAIN_KAFKA_SASL_MECHANISM。"
    )


@dataclass(eq=False)
class NotAllowed(GreenchainError):
    """The cluster lets us in, but not do this."""

    code: ClassVar[str] = "eventlog.kafka.not_allowed"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    en: ClassVar[str] = (
        "Kafka does not allow this ({what}). Give the user of GREENCHAIN_KAFKA_SASL_USERNAME the "
        "rights of docs/operating.md."
    )
    zh: ClassVar[str] = (
        "Kafka 不允许此操作（{what}）。"
        "请按 docs/operating.md 为 GREENCHAIN_KAFKA_SASL_USERNAME 指定的用户授予所需权限。"
    )

    what: str


def translated(error: Exception) -> Exception:
    """Return what a Kafka error means to us; itself, if nobody foresaw it."""
    if isinstance(error, REFUSED_LOGIN):
        return LoginRefused()
    if isinstance(error, errors.AuthorizationError):
        return NotAllowed(what=str(error.message))
    # The last of these: another thread has given up the client that this one was using.
    passing = (errors.RetriableError, errors.UnknownBrokerIdError, errors.IllegalStateError)
    if isinstance(error, passing):
        return Unavailable(service=SERVICE)
    return error
