"""The HTTP side of a service: problem details, caller, limits and headers around a FastAPI app."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.caller import set_caller
from chassis.errors import (
    Collision,
    GreenchainError,
    Internal,
    InvalidInput,
    Kind,
    Location,
    Unauthenticated,
    Violation,
)
from chassis.identity import Principal
from chassis.language import language_of
from chassis.logging import get_logger
from chassis.problem import describe
from chassis.schema_words import schema_texts
from chassis.tokens import TokenVerifier
from chassis.web_middleware import BodyTooLarge, RequestGuard

log = get_logger(__name__)

STATUS: dict[Kind, int] = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNAVAILABLE: 503,
    Kind.INTERNAL: 500,
}
PROBLEM_JSON = "application/problem+json"


class StrictModel(BaseModel):
    """Base of everything that enters over HTTP: no unknown fields, no NaN or infinity."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Route(APIRoute):
    """A route of a use case: after a collision of transactions the call is made once more."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's own handler."""
        handle = super().get_route_handler()

        async def once_more(request: Request) -> Response:
            try:
                return await handle(request)
            except Collision:
                return await handle(request)

        return once_more


class ProblemViolation(BaseModel):
    """One thing that is wrong with the input, and where."""

    location: str
    table: str
    row: int | None
    field: str
    id: str | None
    code: str
    message: str
    attributes: dict[str, Any]


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable; texts are in the language of `Accept-Language`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    attributes: dict[str, Any]
    violations: list[ProblemViolation]
    request_id: str


@dataclass(eq=False)
class RequestViolation(Violation):
    """A field of the request that does not fit the documented schema."""

    code: ClassVar[str] = "request.field"
    en: ClassVar[str] = "{expected_en}"
    zh: ClassVar[str] = "{expected_zh}"

    rule: str
    expected_en: str
    expected_zh: str


@dataclass(eq=False)
class RouteError(GreenchainError, abstract=True):
    """Base of answers that come from routing, before any use case."""

    method: str
    path: str


class NoSuchPath(RouteError):
    """No operation at this path."""

    code: ClassVar[str] = "request.path.unknown"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = "There is nothing at {path}. The operations are listed in /openapi.json."
    zh: ClassVar[str] = "{path} 不存在。可用操作见 /openapi.json。"


class MethodNotAllowed(RouteError):
    """The path exists, but not with this method."""

    code: ClassVar[str] = "request.method"
    en: ClassVar[str] = "{path} does not answer {method}. See /openapi.json."
    zh: ClassVar[str] = "{path} 不支持 {method}。参见 /openapi.json。"


_bearer = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="Access token from `POST /oauth/token`."
)


async def principal(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """Return the verified caller; a dependency of every operation that is not public."""
    if credentials is None:
        raise Unauthenticated(reason="no token")
    verifier: TokenVerifier = request.app.state.verifier
    caller = await run_in_threadpool(verifier.verify, credentials.credentials)
    set_caller(caller, credentials.credentials)
    return caller


Caller = Annotated[Principal, Depends(principal)]


def create_app(
    title: str,
    version: str,
    verifier: TokenVerifier,
    *,
    description: str = "",
    max_body_bytes: int = 10 * 1024 * 1024,
    streamed: Mapping[str, int] | None = None,
) -> FastAPI:
    """Make a service's app; the service includes its routers.

    Operations take `caller: Caller`; one without it is public.

    Parameters
    ----------
    streamed
        Paths below which operations read bodies as streams, to disk, with a limit of their own
        [bytes]; each needs a caller with a valid token.
    """
    app = FastAPI(
        title=title,
        version=version,
        description=description,
        # The interactive pages load scripts from another site, which the security policy forbids.
        docs_url=None,
        redoc_url=None,
        responses=dict.fromkeys(("4XX", "5XX"), _PROBLEM_RESPONSE),
    )
    app.state.verifier = verifier
    app.add_middleware(
        RequestGuard,
        max_body_bytes=max_body_bytes,
        streamed=streamed or {},
        verify=verifier.verify,
        refuse=problem_response,
    )
    app.add_exception_handler(GreenchainError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]

    @app.get("/healthz", tags=["operations"])
    async def healthz() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok"}

    return app


def problem_response(
    error: GreenchainError, language: str, request_id: str, status: int | None = None
) -> JSONResponse:
    """Return an error as problem+json. What went wrong inside stays in the log."""
    if error.kind is Kind.INTERNAL and not isinstance(error, Internal):
        log.error("internal error", code=error.code, error=error.message())
        error = Internal(request_id=request_id)
    body = describe(error, language)
    body["status"] = status or STATUS[error.kind]
    body["request_id"] = request_id
    headers = {"Content-Language": language}
    if body["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body, body["status"], headers=headers, media_type=PROBLEM_JSON)


def _respond(request: Request, error: GreenchainError, status: int | None = None) -> JSONResponse:
    language = language_of(request.headers.get("accept-language", ""))
    return problem_response(error, language, request.scope["request_id"], status)


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GreenchainError)
    return _respond(request, error, 413 if isinstance(error, BodyTooLarge) else None)


async def _on_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    violations = []
    for item in error.errors():
        english, chinese = schema_texts(item)
        violations.append(
            RequestViolation(
                location=_location(item["loc"]),
                rule=item["type"],
                expected_en=english,
                expected_zh=chinese,
            )
        )
    return _respond(request, InvalidInput(violations=tuple(violations)))


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind = MethodNotAllowed if error.status_code == 405 else NoSuchPath
    if error.status_code not in (404, 405):
        log.error("unexpected HTTP exception", status=error.status_code)
        return _respond(request, Internal(request_id=request.scope["request_id"]))
    refused = kind(method=request.method, path=request.url.path)
    return _respond(request, refused, error.status_code)


def _location(path: Sequence[int | str]) -> Location:
    """Name a place of the request: ``("body", "lines", 3, "amount")`` is row 4, lines.amount."""
    row = next((step + 1 for step in path if isinstance(step, int)), None)
    names = [step for step in path[1:] if isinstance(step, str)]
    return Location(field=".".join(names) or str(path[0]), row=row)


_PROBLEM_RESPONSE: dict[str, Any] = {
    "description": "A problem (RFC 9457)",
    "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(problem.pop("$defs"), Problem=problem)
        app.openapi_schema = schema
    return app.openapi_schema
