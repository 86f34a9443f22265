"""What the library drops of a connection that ends."""

from chassis.eventlog.kafka.cluster import _read_what_came_last


class Transport:
    """Reads as the library's: what there is, and an error if the connection has ended."""

    def __init__(self, *readings: tuple[bytes, Exception | None]) -> None:
        self._readings = list(readings)

    def _sock_recv(self) -> tuple[bytes, Exception | None]:
        return self._readings.pop(0)


def test_an_answer_that_comes_with_the_end_of_the_connection_is_read_before_the_end() -> None:
    end = ConnectionError("socket disconnected")
    transport = Transport((b"refused", end), (b"", end))
    _read_what_came_last(transport)
    assert transport._sock_recv() == (b"refused", None)
    assert transport._sock_recv() == (b"", end)


def test_an_answer_in_the_middle_of_a_connection_is_read_as_before() -> None:
    transport = Transport((b"answer", None), (b"", None))
    _read_what_came_last(transport)
    assert transport._sock_recv() == (b"answer", None)
    assert transport._sock_recv() == (b"", None)
