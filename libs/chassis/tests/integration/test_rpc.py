"""gRPC over a real socket, with a small service that speaks bytes."""

import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from identities import VERIFIER, token

from chassis.caller import set_caller
from chassis.errors import (
    GreenchainError,
    InvalidInput,
    Kind,
    Location,
    NotFound,
    Unauthenticated,
    Unavailable,
    Violation,
)
from chassis.identity import Principal, Role
from chassis.rpc import (
    RemoteError,
    RpcServer,
    connect,
    current_principal,
    current_token,
    raise_from,
    run_blocking,
    translated_errors,
)
from chassis.settings import RpcSettings
from chassis.tenancy import ForeignTenant

SERVICE = "greenchain.sample.v1.SampleService"


@dataclass(eq=False)
class Negative(Violation):
    code = "test.negative"
    en = "amount {amount} is negative"
    zh = "数量 {amount} 为负数"

    amount: float


@dataclass(eq=False)
class Taken(GreenchainError):
    code = "test.taken"
    kind = Kind.CONFLICT
    en = "{names} are taken"
    zh = "{names} 已被占用"

    names: tuple[str, ...]
    since: float


def fail(what: str) -> bytes:
    if what == "not-found":
        raise NotFound(what="thing", id="x-1")
    if what.startswith("unknown"):
        raise NotFound(what="thing", id=what)
    if what == "forbidden":
        current_principal().require(Role.VERIFIER)
    if what == "taken":
        raise Taken(names=("a", "b"), since=1.5)
    if what == "down":
        raise Unavailable(service="broker")
    if what == "bug":
        raise RuntimeError("password=hunter2")
    if what == "tenancy":
        raise ForeignTenant
    if what.startswith("rows"):
        raise InvalidInput(
            violations=tuple(
                Negative(location=Location("amount", row=row, id=f"l.{row}"), amount=-row)
                for row in range(1, int(what.removeprefix("rows")) + 1)
            )
        )
    return what.encode()


class Sample:
    async def echo(self, request: bytes, context: Any) -> bytes:
        if request == b"sleep":
            await run_blocking(time.sleep, 2.0)
        if request == b"who":
            seen = current_principal()
            blocking = await run_blocking(current_principal)
            assert seen is blocking
            return f"{seen.subject} {seen.tenant_id}".encode()
        if request == b"token":
            return (await run_blocking(current_token)).encode()
        if request == b"big":
            return b"x" * 20_000
        return fail(request.decode())

    async def count(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        for n in range(int(request)):
            yield f"{n} {current_principal().subject}".encode()
        fail("taken")

    async def total(self, requests: AsyncIterator[bytes], context: Any) -> bytes:
        sizes = [len(each) async for each in requests]
        return fail("rows2") if sum(sizes) == 13 else str(sum(sizes)).encode()

    async def mirror(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for each in requests:
            yield fail(each.decode()) + current_principal().tenant_id.encode()


def add_sample(server: grpc.aio.Server) -> None:
    sample = Sample()
    handlers: dict[str, Any] = {
        "Echo": grpc.unary_unary_rpc_method_handler(sample.echo),
        "Count": grpc.unary_stream_rpc_method_handler(sample.count),
        "Total": grpc.stream_unary_rpc_method_handler(sample.total),
        "Mirror": grpc.stream_stream_rpc_method_handler(sample.mirror),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))


@pytest.fixture(scope="module")
def server() -> Iterator[RpcServer]:
    settings = RpcSettings(max_message_bytes=10_000, stop_grace_s=0.2)
    running = RpcServer(VERIFIER, [add_sample], settings)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def channel(server: RpcServer) -> Iterator[Any]:
    with connect(server.target, token) as opened:
        yield opened


@pytest.fixture
def bare(server: RpcServer) -> Iterator[Any]:
    with grpc.insecure_channel(server.target) as opened:
        yield opened


def echo(channel: Any, request: bytes, **options: Any) -> bytes:
    answer: bytes = channel.unary_unary(f"/{SERVICE}/Echo")(request, **options)
    return answer


def bearer(value: str) -> list[tuple[str, str]]:
    return [("authorization", value)]


def failed(channel: Any, request: bytes, **options: Any) -> RemoteError:
    with pytest.raises(RemoteError) as caught, translated_errors("sample"):
        echo(channel, request, **options)
    return caught.value


def test_a_call_carries_caller_and_deadline_to_the_handler(channel: Any) -> None:
    assert echo(channel, b"who") == b"someone pack-maker"


def test_all_four_kinds_of_call_know_the_caller(channel: Any) -> None:
    counted = channel.unary_stream(f"/{SERVICE}/Count")(b"2")
    assert [next(counted), next(counted)] == [b"0 someone", b"1 someone"]
    assert channel.stream_unary(f"/{SERVICE}/Total")(iter([b"ab", b"c"])) == b"3"
    mirrored = channel.stream_stream(f"/{SERVICE}/Mirror")(iter([b"a-", b"b-"]))
    assert list(mirrored) == [b"a-pack-maker", b"b-pack-maker"]


def test_callers_of_concurrent_calls_are_not_mixed_up(server: RpcServer) -> None:
    def ask(n: int) -> bool:
        with connect(server.target, lambda: token(f"tenant-{n}")) as own:
            return all(echo(own, b"who") == f"someone tenant-{n}".encode() for _ in range(10))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(16)))


def test_a_token_is_sent_on_in_the_callers_name(server: RpcServer) -> None:
    received = token("cathode-maker")
    principal = Principal("someone", "cathode-maker", frozenset({Role.SUPPLIER}))

    def forward() -> bytes:
        set_caller(principal, received)
        with connect(server.target, current_token) as onward:
            return echo(onward, b"token")

    assert copy_context().run(forward).decode() == received


@pytest.mark.parametrize(
    "metadata", [None, bearer("Bearer x.y.z"), bearer("Basic eDp5"), bearer("Bearer")]
)
def test_a_call_without_a_valid_token_is_refused(bare: Any, metadata: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        echo(bare, b"x", timeout=5, metadata=metadata)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_streams_without_a_valid_token_are_refused(bare: Any) -> None:
    for call in (
        bare.unary_stream(f"/{SERVICE}/Count")(b"2", timeout=5),
        bare.stream_stream(f"/{SERVICE}/Mirror")(iter([b"x"]), timeout=5),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            next(call)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("timeout_s", [None, 2 * 3600.0])
def test_a_call_without_a_deadline_or_with_a_far_one_is_refused(
    bare: Any, timeout_s: float | None
) -> None:
    metadata = bearer(f"Bearer {token()}")
    refused = failed(bare, b"x", metadata=metadata, timeout=timeout_s)
    assert refused.code == "rpc.deadline_required"
    stream = bare.stream_stream(f"/{SERVICE}/Mirror")(iter([b"x"]), metadata=metadata)
    with pytest.raises(grpc.RpcError) as caught:
        next(stream)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_deadline_that_passes_reads_as_unavailable(channel: Any) -> None:
    with pytest.raises(Unavailable), translated_errors("sample"):
        echo(channel, b"sleep", timeout=0.2)


@pytest.mark.parametrize(
    ("request_", "code", "kind"),
    [
        (b"not-found", "not_found", Kind.NOT_FOUND),
        (b"forbidden", "forbidden", Kind.FORBIDDEN),
        (b"taken", "test.taken", Kind.CONFLICT),
        (b"down", "unavailable", Kind.UNAVAILABLE),
        (b"rows1", "input.invalid", Kind.INVALID),
        (b"bug", "internal", Kind.INTERNAL),
        (b"tenancy", "internal", Kind.INTERNAL),
    ],
)
def test_errors_arrive_with_code_and_kind(
    channel: Any, request_: bytes, code: str, kind: Kind
) -> None:
    error = failed(channel, request_)
    assert (error.code, error.kind) == (code, kind)


def test_attributes_arrive_typed(channel: Any) -> None:
    error = failed(channel, b"taken")
    assert error.attributes() == {"names": ["a", "b"], "since": 1.5}
    assert str(error) == "a, b are taken"


def test_errors_speak_the_callers_language(channel: Any) -> None:
    error = failed(channel, b"taken", metadata=[("accept-language", "zh-CN")])
    assert str(error) == "a、b 已被占用"


def test_a_channel_asks_for_the_language_it_was_opened_with(server: RpcServer) -> None:
    with connect(server.target, token, language="zh") as opened:
        assert str(failed(opened, b"taken")) == "a、b 已被占用"


def test_an_unforeseen_error_tells_nothing_of_its_cause(channel: Any) -> None:
    assert "hunter2" not in repr(failed(channel, b"bug"))


def test_violations_arrive_with_their_places(channel: Any) -> None:
    error = failed(channel, b"rows3")
    assert [(each.location, each.code, each.message()) for each in error.violations] == [
        (Location("amount", row=n, id=f"l.{n}"), "test.negative", f"amount {-n} is negative")
        for n in (1, 2, 3)
    ]


def test_more_violations_than_fit_are_counted(channel: Any) -> None:
    error = failed(channel, b"rows5000")
    assert 100 < len(error.violations) < 5000
    assert error.attributes()["violations_total"] == 5000


def test_an_error_about_a_text_that_is_too_long_to_repeat_arrives(channel: Any) -> None:
    error = failed(channel, ("unknown" + "字" * 3000).encode())
    assert (error.code, error.kind) == (NotFound.code, Kind.NOT_FOUND)
    assert error.attributes()["id"].startswith("unknown字")
    assert len(str(error)) <= 1000


def test_an_error_in_the_middle_of_a_stream_arrives(channel: Any) -> None:
    stream = channel.stream_stream(f"/{SERVICE}/Mirror")(iter([b"a", b"rows2", b"c"]))
    assert next(stream) == b"apack-maker"
    with pytest.raises(RemoteError) as caught, translated_errors("sample"):
        next(stream)
    assert [each.location.row for each in caught.value.violations] == [1, 2]
    counted = channel.unary_stream(f"/{SERVICE}/Count")(b"0")
    with pytest.raises(RemoteError, match="taken"), translated_errors("sample"):
        next(counted)


def test_an_error_after_a_stream_of_requests_arrives(channel: Any) -> None:
    with pytest.raises(RemoteError) as caught, translated_errors("sample"):
        channel.stream_unary(f"/{SERVICE}/Total")(iter([b"x" * 13]))
    assert len(caught.value.violations) == 2


def test_a_remote_error_passed_on_looks_the_same(channel: Any) -> None:
    error = failed(channel, b"taken")
    assert (type(error).kind, error.kind) == (Kind.INTERNAL, Kind.CONFLICT)
    with pytest.raises(RemoteError, match="taken"):
        raise error


def test_messages_beyond_the_limit_are_refused_also_compressed(channel: Any) -> None:
    for options in ({}, {"compression": grpc.Compression.Gzip}):
        error = failed(channel, b"x" * 20_000, **options)
        assert (error.code, error.kind) == ("grpc.resource_exhausted", Kind.INVALID)


def test_an_answer_beyond_the_limit_is_not_sent(channel: Any) -> None:
    assert failed(channel, b"big").code == "grpc.resource_exhausted"


def test_a_service_that_is_down_is_unavailable() -> None:
    with (
        connect("127.0.0.1:9", token) as nowhere,
        pytest.raises(Unavailable, match="sample"),
        translated_errors("sample"),
    ):
        echo(nowhere, b"x", timeout=2)


def test_raise_from_keeps_the_cause(channel: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        echo(channel, b"not-found")
    with pytest.raises(RemoteError) as translated:
        raise_from(caught.value, "sample")
    assert translated.value.__cause__ is caught.value


def test_a_token_that_cannot_be_had_is_the_callers_error(server: RpcServer) -> None:
    with connect(server.target, current_token) as nobody, pytest.raises(Unauthenticated):
        echo(nobody, b"x")


def test_health_needs_neither_token_nor_deadline(bare: Any) -> None:
    stub: Any = health_pb2_grpc.HealthStub(bare)
    for service in ("", SERVICE):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def list_services(target: str) -> list[str]:
    with grpc.insecure_channel(target) as opened:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(opened)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        answers = stub.ServerReflectionInfo(iter([request]), timeout=5)
        return [each.name for each in next(answers).list_services_response.service]


def test_reflection_is_off_unless_asked_for(server: RpcServer) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list_services(server.target)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_reflection_lists_the_services_in_development() -> None:
    running = RpcServer(VERIFIER, [add_sample], RpcSettings(reflection=True, stop_grace_s=0))
    running.start()
    try:
        assert SERVICE in list_services(running.target)
    finally:
        running.stop()


def test_a_port_in_use_is_an_error_at_start(server: RpcServer) -> None:
    second = RpcServer(VERIFIER, [add_sample], RpcSettings(port=server.port))
    with pytest.raises(RuntimeError):
        second.start()


def test_a_server_starts_again_after_it_was_stopped() -> None:
    running = RpcServer(VERIFIER, [add_sample], RpcSettings(stop_grace_s=0))
    for _ in range(2):
        running.start()
        with connect(running.target, token) as opened:
            assert echo(opened, b"again") == b"again"
        running.stop()
    running.stop()


def test_stopping_ends_streams_in_flight() -> None:
    running = RpcServer(VERIFIER, [add_sample], RpcSettings(stop_grace_s=0.2))
    running.start()
    with connect(running.target, token) as opened:

        def requests() -> Iterator[bytes]:
            yield b"a"
            time.sleep(3)

        typed: Any = opened
        stream = typed.stream_stream(f"/{SERVICE}/Mirror")(requests())
        assert next(stream) == b"apack-maker"
        started = time.monotonic()
        running.stop()
        assert time.monotonic() - started < 2
        with pytest.raises(grpc.RpcError):
            next(stream)


def test_a_handler_that_would_block_the_loop_is_refused() -> None:
    def blocking(request: bytes, context: Any) -> bytes:
        return request

    def add(server: grpc.aio.Server) -> None:
        handlers: dict[str, Any] = {"Echo": grpc.unary_unary_rpc_method_handler(blocking)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))

    running = RpcServer(VERIFIER, [add], RpcSettings(stop_grace_s=0))
    running.start()
    try:
        with connect(running.target, token) as opened, pytest.raises(grpc.RpcError):
            echo(opened, b"x")
    finally:
        running.stop()
