"""The way to a Kafka cluster: where it is, how to log in, and whether anybody answers."""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from chassis.errors import Unavailable
from chassis.eventlog.kafka.outage import OUTAGES
from chassis.eventlog.kafka.refusals import (
    REFUSED_LOGIN,
    SERVICE,
    HandshakeRefused,
    TlsExpected,
    UntrustedBroker,
    UnusableFile,
    translated,
)
from chassis.settings import KafkaSettings

T = TypeVar("T")

#: How long a broker may take to say anything at all [s].
ANSWER_S = 3.0
#: How long a broker may take for one request; longer than it is away in a pause of its own [s].
REQUEST_S = 8.0
_BOOTSTRAP_S = 5.0
#: ApiVersions, version 0, from nobody: the one question that needs neither login nor rights.
_WHO_ARE_YOU = bytes.fromhex("0000000a 0012 0000 00000000 ffff")


class _Unprinted(str):
    """A password. The library prints its configuration when it is debugged."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    __str__ = __repr__


class _Closing(KafkaNetSocket):  # type: ignore[misc]  # the library is untyped
    """Connects like the library, which leaves a socket open that could not be connected."""

    SCHEMES = ("closing",)

    async def sock_connect(
        self, net: Any, sock: socket.socket, sockaddr: Any, timeout_at: float | None = None
    ) -> Any:
        try:
            return await super().sock_connect(net, sock, sockaddr, timeout_at=timeout_at)
        except BaseException:
            sock.close()
            raise


class _Connections(KafkaConnectionManager):  # type: ignore[misc]  # the library is untyped
    """Connects like the library, which tries in vain when its first login was refused."""

    def __init__(self, net: NetworkSelector, **configuration: Any) -> None:
        super().__init__(net, **configuration)
        self._refused: dict[Any, Exception] = {}

    def get_connection(self, node_id: Any, **options: Any) -> Any:
        connection = super().get_connection(node_id, **options)
        made = connection.connection_made

        def connection_made(transport: Any) -> None:
            _read_what_came_last(transport)
            made(transport)

        connection.connection_made = connection_made
        if self.cluster.is_bootstrap(node_id):
            connection.init_future.add_errback(self._note, node_id)
        return connection

    def maybe_raise_auth_failure(self, node_id: Any) -> None:
        if node_id in self._refused:
            raise self._refused[node_id]
        super().maybe_raise_auth_failure(node_id)

    def _note(self, node_id: Any, error: Exception) -> None:
        if isinstance(error, REFUSED_LOGIN):
            self._refused[node_id] = error


def _read_what_came_last(transport: Any) -> None:
    """Let a transport hand on what came together with the end of a connection.

    The library drops it: a refused login, say, after which the broker hangs up.
    """
    receive = transport._sock_recv

    def receive_whole() -> tuple[bytes, Exception | None]:
        received, error = receive()
        # The end comes again with the next reading.
        return received, None if received else error

    transport._sock_recv = receive_whole


class Cluster:
    """A Kafka cluster.

    Parameters
    ----------
    servers
        ``host:port`` of some of its brokers.
    """

    def __init__(self, servers: Sequence[str], settings: KafkaSettings) -> None:
        self.servers = tuple(servers)
        self._settings = settings

    def ask(self) -> None:
        """Make sure that somebody answers.

        Much quicker than to let the library try, which cannot tell a stranger from silence.

        Raises
        ------
        Unavailable
            If no server answers.
        UntrustedBroker, HandshakeRefused, TlsExpected
            If one shows a certificate that we do not trust, or wants one that we do not have.
        UnusableFile
            If a file of ours is none that TLS can use.
        """
        for server in self.servers:
            try:
                self._ask(server)
            except ssl.SSLCertVerificationError as error:
                raise UntrustedBroker(server=server, reason=error.verify_message) from error
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                # It went away, as a broker does that stops.
                continue
            except ssl.SSLError as error:
                raise HandshakeRefused(server=server, reason=str(error.reason)) from error
            except (OSError, UnicodeError):
                # The latter for a name that cannot be one.
                continue
            return
        raise Unavailable(service=SERVICE)

    def open(self, client: Callable[..., T], name: str, **options: Any) -> T:
        """Open a client of the library; raises at once if the cluster does not answer."""
        try:
            self.ask()
        except Unavailable:
            OUTAGES.doubt()
            raise
        opened: list[KafkaNetClient] = []

        def connect(**configuration: Any) -> KafkaNetClient:
            # A machine under load makes tasks slow, which the library takes for a mistake.
            loop = NetworkSelector(**configuration, slow_task_threshold_secs=0)
            connections = _Connections(loop, **configuration)
            # The library's clients have this setting but do not hand it on.
            connections.cluster.config["allow_auto_create_topics"] = False
            opened.append(KafkaNetClient(loop, connections))
            return opened[-1]

        try:
            return client(client_id=name, kafka_client=connect, **self._login, **options)
        except KafkaError as error:
            for each in opened:
                each.close()
            raise translated(error) from error

    @contextmanager
    def administrator(self) -> Iterator[KafkaAdminClient]:
        """Open a client that looks after topics and groups; errors come out in our words."""
        client = self.open(KafkaAdminClient, "greenchain-administrator")
        try:
            yield client
        except KafkaError as error:
            raise translated(error) from error
        finally:
            client.close()

    def _ask(self, server: str) -> None:
        host, _, port = server.rpartition(":")
        host = host.strip("[]")
        tls = self._tls
        with socket.create_connection((host, int(port)), timeout=ANSWER_S) as plain:
            if tls is None:
                _expect_answer(plain, server)
                return
            with tls.wrap_socket(plain, server_hostname=host) as secured:
                _expect_answer(secured, server)

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        settings = self._settings
        if settings.security_protocol not in ("SSL", "SASL_SSL"):
            return None
        with _usable("GREENCHAIN_KAFKA_CA_FILE"):
            context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.certificate_file is not None:
            with _usable("GREENCHAIN_KAFKA_CERTIFICATE_FILE", "GREENCHAIN_KAFKA_KEY_FILE"):
                # Without a password OpenSSL would ask the terminal for that of a key.
                context.load_cert_chain(settings.certificate_file, settings.key_file, password="")
        return context

    @cached_property
    def _login(self) -> dict[str, Any]:
        settings = self._settings
        login: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "security_protocol": settings.security_protocol,
            "ssl_context": self._tls,
            # No proxy: this is how the library looks for a class that connects.
            "proxy_url": f"{_Closing.SCHEMES[0]}://",
            "request_timeout_ms": _ms(REQUEST_S),
            "bootstrap_timeout_ms": _ms(_BOOTSTRAP_S),
            # The default of 30 s keeps a client silent long after the broker is back.
            "reconnect_backoff_max_ms": 1000,
        }
        if settings.security_protocol.startswith("SASL_"):
            login["sasl_mechanism"] = settings.sasl_mechanism
            login["sasl_plain_username"] = settings.sasl_username
            login["sasl_plain_password"] = _Unprinted(settings.sasl_password.get_secret_value())
        return login


@contextmanager
def _usable(*names: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = getattr(error, "reason", None) or str(error)
        raise UnusableFile(settings=names, reason=reason) from error


def _expect_answer(connection: socket.socket, server: str) -> None:
    connection.sendall(_WHO_ARE_YOU)
    first = connection.recv(1)
    # An alert of TLS, which has not understood us.
    if first == b"\x15":
        raise TlsExpected(server=server)
    # An answer begins with its length, which is below 16 MiB.
    if first != b"\0":
        raise ConnectionError("closed, or something else than a broker")


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
