"""JSON over HTTP with a token; what the service refuses becomes a `GreenchainError`."""

from collections.abc import Callable, Mapping
from typing import IO, Any

import httpx

from chassis.errors import Kind, Location, Unavailable
from chassis.rpc_status import RemoteError, RemoteViolation
from greenchain_cli import language

Token = Callable[[], str]

_TIMEOUT_S = 60.0
#: What a service takes to unpack and check a large file [s].
_FILE_TIMEOUT_S = 600.0
_AT_ONCE = 1 << 20
_ACCEPT_LANGUAGE = {"zh": "zh-CN", "en": "en"}
_KINDS = {
    400: Kind.INVALID,
    401: Kind.UNAUTHENTICATED,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    409: Kind.CONFLICT,
    413: Kind.INVALID,
    422: Kind.INVALID,
    502: Kind.UNAVAILABLE,
    503: Kind.UNAVAILABLE,
    504: Kind.UNAVAILABLE,
}


class HttpApi:
    """One service's HTTP.

    Parameters
    ----------
    service
        Its name, for errors.
    base_url
        Address before ``/v1/…``.
    token
        Gives the caller's token; None for what is public.
    """

    def __init__(self, service: str, base_url: str, token: Token | None = None) -> None:
        self._service = service
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._client = httpx.Client(timeout=_TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON at a path."""
        return self._call("GET", path, params=parameters)

    def post(self, path: str, body: Any) -> Any:
        """Send JSON to a path and return the answer."""
        return self._call("POST", path, json=body)

    def put(self, path: str, file: IO[bytes], media_type: str) -> Any:
        """Send a file to a path and return the answer."""
        content: Any = iter(lambda: file.read(_AT_ONCE), b"")
        headers = {"Content-Type": media_type}
        return self._call("PUT", path, headers, content=content, timeout=_FILE_TIMEOUT_S)

    def _call(
        self, method: str, path: str, more: Mapping[str, str] | None = None, **content: Any
    ) -> Any:
        headers = {"Accept-Language": _ACCEPT_LANGUAGE[language.current()], **(more or {})}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token()}"
        try:
            answer = self._client.request(
                method, f"{self._base_url}{path}", headers=headers, **content
            )
        except httpx.HTTPError as error:
            raise Unavailable(service=f"{self._service} ({self._base_url})") from error
        if answer.is_error:
            raise refusal(self._service, answer)
        return answer.json()


def refusal(service: str, answer: httpx.Response) -> RemoteError:
    """Return the error that an answer describes (RFC 9457), as the service told it."""
    kind = _KINDS.get(answer.status_code, Kind.INTERNAL)
    try:
        problem = answer.json()
        return RemoteError(
            remote_code=problem["code"],
            remote_kind=kind,
            text=problem["detail"],
            remote_attributes=problem["attributes"],
            violations=tuple(
                RemoteViolation(
                    location=Location(each["field"], each["row"], each["id"], each["table"]),
                    remote_code=each["code"],
                    text=each["message"],
                )
                for each in problem["violations"]
            ),
        )
    except (ValueError, KeyError, TypeError):
        # Not one of ours: a proxy, or another server at this address.
        return RemoteError(
            remote_code=f"http.{answer.status_code}",
            remote_kind=kind,
            text=f"{service}: HTTP {answer.status_code} {answer.reason_phrase}",
            remote_attributes={},
        )
