"""TLS and logins of an Apache Kafka broker."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from elsewhere import read, values
from eventlog_contract import Names
from pydantic import SecretStr, ValidationError

from chassis.errors import Kind
from chassis.eventlog import NewRecord
from chassis.eventlog.kafka import KafkaEventLog
from chassis.eventlog.kafka.refusals import (
    HandshakeRefused,
    LoginRefused,
    TlsExpected,
    UntrustedBroker,
)
from chassis.eventlog.opening import open_event_log
from chassis.logging import configure_logging
from chassis.settings import KafkaSettings
from greenchain_kafka.broker import Broker

pytestmark = pytest.mark.needs("kafka")

MakeSettings = Callable[..., KafkaSettings]

USER, PASSWORD = "greenchain", "correct-horse"
PLAIN_USER, PLAIN_PASSWORD = "plain", "battery-staple"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def own_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give our own certificate with its key."""
    path = tmp_path_factory.mktemp("own") / "own.pem"
    certificate = authority.issue_cert("greenchain@example.org")
    certificate.private_key_and_cert_chain_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def secured(
    authority: trustme.CA, ca_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """Give a broker that shows a certificate, asks for one and for a login."""
    directory = tmp_path_factory.mktemp("secured-kafka")
    keystore = directory / "keystore.pem"
    certificate = authority.issue_cert("127.0.0.1")
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    # The one format that Java reads.
    coded = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    chain = b"".join(each.bytes() for each in certificate.cert_chain_pems)
    keystore.write_bytes(coded + chain)
    client = "listener.name.client"
    settings = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(ca_file),
        f"{client}.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        f"{client}.scram-sha-512.sasl.jaas.config": f"{_SCRAM} required;",
        f"{client}.plain.sasl.jaas.config": (
            f'{_PLAIN} required user_{PLAIN_USER}="{PLAIN_PASSWORD}";'
        ),
    }
    with Broker(
        directory / "broker",
        protocol="SASL_SSL",
        settings=settings,
        scram_users={USER: PASSWORD},
    ) as broker:
        yield broker


@pytest.fixture
def settings(ca_file: Path, own_file: Path) -> MakeSettings:
    """Make settings that are right but for what a test names."""

    def make(**changes: object) -> KafkaSettings:
        values: dict[str, object] = {
            "security_protocol": "SASL_SSL",
            "ca_file": ca_file,
            "certificate_file": own_file,
            "key_file": own_file,
            "sasl_username": USER,
            "sasl_password": SecretStr(PASSWORD),
            "session_s": 1.0,
            **changes,
        }
        return KafkaSettings(**values)  # type: ignore[arg-type]

    return make


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Give everything that is logged while somebody debugs."""
    written = io.StringIO()
    configure_logging(development=False, level="DEBUG", stream=written)
    yield written
    configure_logging(development=True, level="ERROR")


def send_and_read(broker: Broker, chosen: KafkaSettings) -> list[bytes]:
    names = Names()
    log = KafkaEventLog([broker.address], chosen)
    try:
        log.create_topics(names.specs)
        log.append(names.wide, "k", b"secured")
        records = read(log.consumer(names.group, [names.wide]), 1)
        assert log.lag(names.group, [names.wide]) == 0
        return values(records)
    finally:
        log.close()


@pytest.mark.parametrize(
    "login",
    [
        {},
        {
            "sasl_mechanism": "PLAIN",
            "sasl_username": PLAIN_USER,
            "sasl_password": SecretStr(PLAIN_PASSWORD),
        },
    ],
    ids=["SCRAM-SHA-512", "PLAIN"],
)
def test_records_go_and_come_over_tls_and_a_login_that_no_log_shows(
    secured: Broker, settings: MakeSettings, stream: io.StringIO, login: dict[str, object]
) -> None:
    chosen = settings(**login)
    assert send_and_read(secured, chosen) == [b"secured"]
    told = stream.getvalue()
    assert "kafka.net" in told
    for secret in (PASSWORD, PLAIN_PASSWORD):
        assert secret not in told
        assert secret not in repr(chosen)


def test_a_wrong_password_is_refused(secured: Broker, settings: MakeSettings) -> None:
    with pytest.raises(LoginRefused) as caught:
        send_and_read(secured, settings(sasl_password=SecretStr("wrong")))
    assert "GREENCHAIN_KAFKA_SASL_PASSWORD" in str(caught.value)
    assert caught.value.kind is Kind.UNAUTHENTICATED


def test_a_refused_login_is_the_fault_of_no_record(secured: Broker, settings: MakeSettings) -> None:
    log = KafkaEventLog([secured.address], settings(sasl_password=SecretStr("wrong")))
    with pytest.raises(LoginRefused):
        log.append_each([NewRecord("t", "k", b"")])
    log.close()


def test_a_mechanism_that_the_broker_does_not_have_is_refused(
    secured: Broker, settings: MakeSettings
) -> None:
    with pytest.raises(LoginRefused):
        send_and_read(secured, settings(sasl_mechanism="SCRAM-SHA-256"))


def test_a_broker_of_an_authority_that_we_do_not_know_is_not_trusted(
    secured: Broker, settings: MakeSettings
) -> None:
    with pytest.raises(UntrustedBroker) as caught:
        send_and_read(secured, settings(ca_file=None))
    assert secured.address in str(caught.value)
    assert "GREENCHAIN_KAFKA_CA_FILE" in str(caught.value)


def test_who_shows_no_certificate_to_a_broker_that_asks_for_one_is_told_so(
    secured: Broker, settings: MakeSettings
) -> None:
    with pytest.raises(HandshakeRefused, match="GREENCHAIN_KAFKA_CERTIFICATE_FILE"):
        send_and_read(secured, settings(certificate_file=None, key_file=None))


def test_a_broker_with_another_name_is_not_trusted(secured: Broker, settings: MakeSettings) -> None:
    named = secured.address.replace("127.0.0.1", "localhost")
    log = KafkaEventLog([named], settings())
    with pytest.raises(UntrustedBroker, match="localhost"):
        log.lag("g", ["t"])
    log.close()


def test_who_speaks_plainly_to_a_secured_broker_is_told_so(secured: Broker) -> None:
    log = KafkaEventLog([secured.address], KafkaSettings())
    with pytest.raises(TlsExpected, match="GREENCHAIN_KAFKA_SECURITY_PROTOCOL"):
        log.lag("g", ["t"])
    log.close()


def test_the_environment_says_how_to_log_in(
    secured: Broker, ca_file: Path, own_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENCHAIN_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("GREENCHAIN_KAFKA_CA_FILE", str(ca_file))
    monkeypatch.setenv("GREENCHAIN_KAFKA_CERTIFICATE_FILE", str(own_file))
    monkeypatch.setenv("GREENCHAIN_KAFKA_KEY_FILE", str(own_file))
    monkeypatch.setenv("GREENCHAIN_KAFKA_SASL_USERNAME", USER)
    monkeypatch.setenv("GREENCHAIN_KAFKA_SASL_PASSWORD", PASSWORD)
    with open_event_log(f"kafka:{secured.address}") as log:
        assert log.lag("nobody", ["certification.record"]) == 0


@pytest.mark.parametrize("given", ["certificate_file", "key_file"])
def test_a_certificate_without_its_key_is_no_setting(own_file: Path, given: str) -> None:
    with pytest.raises(ValidationError, match="given together"):
        KafkaSettings.model_validate({given: own_file})


def test_a_login_without_its_password_is_no_setting() -> None:
    with pytest.raises(ValidationError, match="sasl_password"):
        KafkaSettings(security_protocol="SASL_SSL", sasl_username=USER)
