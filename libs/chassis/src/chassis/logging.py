"""Structured logs, on stderr unless said otherwise: JSON, or lines for people.

People read them in development and on a terminal; a file or a collector gets JSON.
"""

import logging
import sys
from typing import Any, TextIO

import structlog
from pydantic import SecretStr

_LIBRARIES = ("alembic", "bw2calc", "httpx", "kafka", "uvicorn.error")


def configure_logging(
    *, development: bool, level: str = "INFO", stream: TextIO | None = None
) -> None:
    """Set up logging of the whole process, libraries included, to `stream` or stderr."""
    stream = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _hide_secrets,
    ]
    # Tracebacks without local variables: those hold tokens and suppliers' data, and printing a
    # whole dataset takes seconds.
    renderer: list[Any] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
        if development or stream.isatty()
        else [
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # What these tell at INFO is of their own inside; our own lines say more.
    quiet = logging.DEBUG if level == "DEBUG" else logging.WARNING
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(quiet)


def get_logger(name: str) -> Any:
    """Return a logger: ``log.info("footprint frozen", footprint_id=id)``."""
    return structlog.stdlib.get_logger(name)


_SECRET_NAMES = ("secret", "password", "token", "authorization", "private_key", "signing_key")


def _hide_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    for name, value in event.items():
        named_so = any(part in name.lower() for part in _SECRET_NAMES)
        if isinstance(value, SecretStr) or (named_so and isinstance(value, str | bytes)):
            event[name] = "***"
    return event
