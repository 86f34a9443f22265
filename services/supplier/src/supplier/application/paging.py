"""Pages: how many at a time, and where the next one begins."""

import base64
import json
from datetime import UTC, datetime

from chassis.errors import InvalidInput, Location
from supplier.application.ports import Position
from supplier.domain.violations import UnfitPageSize, UnreadablePageToken

DEFAULT_PAGE_SIZE = 100
MOST_PER_PAGE = 1000


def read_page_size(size: int) -> int:
    """Return the page size asked for, 0 meaning the default."""
    if not 0 <= size <= MOST_PER_PAGE:
        violation = UnfitPageSize(location=Location("page_size"), size=size, most=MOST_PER_PAGE)
        raise InvalidInput(violations=(violation,))
    return size or DEFAULT_PAGE_SIZE


def write_token(position: Position) -> str:
    """Say where a page ended, in a form that callers have no reason to take apart."""
    content = json.dumps([position.created_at.isoformat(), position.id])
    return base64.urlsafe_b64encode(content.encode()).decode()


def read_token(token: str) -> Position | None:
    """Read back what `write_token` wrote; an empty token begins at the beginning."""
    if not token:
        return None
    try:
        created_at, id = json.loads(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
        instant = datetime.fromisoformat(created_at)
        if instant.tzinfo is None or not isinstance(id, str):
            raise ValueError("not a position")
        id.encode()  # half a character could not be asked for
        return Position(instant.astimezone(UTC), id)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        violation = UnreadablePageToken(location=Location("page_token"))
        raise InvalidInput(violations=(violation,)) from error
