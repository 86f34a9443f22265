"""Copying the product models that ship as templates to where an exporter fills them."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar

from chassis.errors import GreenchainError, Kind
from footprint.data.shipped import (
    load_product_template,
    product_template_folder,
    product_template_names,
)

#: Folder within a product's folder that holds those of its parts, each named by its product id.
PARTS = "parts"


@dataclass(eq=False)
class UnknownTemplate(GreenchainError):
    """No such template ships."""

    code: ClassVar[str] = "footprint.template.unknown"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = "There is no template {name!r}. Name one of: {known}."
    zh: ClassVar[str] = "没有模板 {name!r}。请使用以下之一：{known}。"

    name: str
    known: tuple[str, ...]


@dataclass(eq=False)
class FilesExist(GreenchainError):
    """Files stand where a template was to be copied to."""

    code: ClassVar[str] = "footprint.template.files_exist"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = "{files} exist already; nothing was copied. Name another folder."
    zh: ClassVar[str] = "{files} 已存在，未复制任何文件。请改用其他文件夹。"

    files: tuple[str, ...]


def templates() -> Iterator[dict[str, Any]]:
    """Yield the header of every template."""
    for name in product_template_names():
        yield dict(load_product_template(name).header)


def copy_template(name: str, folder: Path) -> list[str]:
    """Copy a template and its parts; return the names of the files.

    Raises
    ------
    UnknownTemplate
    FilesExist
        Before anything is written.
    """
    if name not in product_template_names():
        raise UnknownTemplate(name, product_template_names())
    files = dict(_files(name, folder))
    existing = tuple(str(path) for path in files if path.exists() or path.is_symlink())
    if existing:
        raise FilesExist(existing)
    written: list[Path] = []
    try:
        for path, source in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                written.append(path)
                file.write(source.read_bytes())
    except BaseException:
        # Half a product would stand in the way of the next try.
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return [path.relative_to(folder).as_posix() for path in files]


def _files(name: str, folder: Path) -> Iterator[tuple[Path, Traversable]]:
    source = product_template_folder(name)
    for file in sorted(source.iterdir(), key=lambda each: each.name):
        if file.is_file():
            yield folder / file.name, file
    for part in load_product_template(name).parts:
        yield from _files(part, folder / PARTS / part)
