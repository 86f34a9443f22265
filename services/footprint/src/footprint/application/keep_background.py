"""Keep a background that a tenant uploads: all of it, or nothing. And list what there is."""

from pathlib import Path

from chassis.clock import Clock
from chassis.identity import Principal, Role
from footprint.application.background_ports import (
    BackgroundFiles,
    BackgroundsUnitOfWorkFor,
    StoredBackground,
)
from footprint.domain.background_errors import (
    BackgroundExists,
    BackgroundNamedOtherwise,
    TooManyBackgrounds,
)


def keep_background(
    background_id: str,
    version: str,
    archive: Path,
    *,
    most: int,
    caller: Principal,
    files: BackgroundFiles,
    open_uow: BackgroundsUnitOfWorkFor,
    clock: Clock,
) -> tuple[StoredBackground, bool]:
    """Keep an uploaded file under the caller's tenant.

    Parameters
    ----------
    most
        Versions that a tenant may have [1].

    Returns
    -------
    tuple of StoredBackground and bool
        What is stored, and whether it is new: the same content again gives what is there.

    Raises
    ------
    NotABackground, BackgroundTooLarge, BackgroundNamedOtherwise, BackgroundExists,
    TooManyBackgrounds, BackgroundsTooLarge
    """
    caller.require(Role.EXPORTER)
    unpacked = files.unpack(archive)
    if (unpacked.id, unpacked.version) != (background_id, version):
        raise BackgroundNamedOtherwise(unpacked.id, unpacked.version)
    with open_uow(caller.tenant_id) as uow:
        present = uow.backgrounds.find(background_id, version)
        if present is not None:
            if present.sha256 != unpacked.sha256:
                raise BackgroundExists(background_id, version)
            # Files that are gone come back.
            files.keep(caller.tenant_id, unpacked)
            return present, False
        if len(uow.backgrounds.all()) >= most:
            raise TooManyBackgrounds(most)
        stored = StoredBackground(
            id=unpacked.id,
            version=unpacked.version,
            sha256=unpacked.sha256,
            title=unpacked.title,
            licence=unpacked.licence,
            year=unpacked.year,
            counts=unpacked.counts,
            created_at=clock.now(),
            created_by=caller.subject,
        )
        uow.backgrounds.add(stored)
        # Only now, so that what is refused leaves nothing; before the row can be seen.
        files.keep(caller.tenant_id, unpacked)
        uow.commit()
    return stored, True


def list_backgrounds(
    *, caller: Principal, open_uow: BackgroundsUnitOfWorkFor
) -> tuple[StoredBackground, ...]:
    """Return the backgrounds of the caller's tenant."""
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        return uow.backgrounds.all()
