"""Which keys the schema knows, and where: for suggestions, the reference and its tests."""

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]


def fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return the fields of a model by the name that stands in the file."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def model_at(root: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the model that a map at that path has to fit; None where there is no map with fixed keys."""
    found = _kind_at(root, path)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def choices_at(root: type[BaseModel], path: Path) -> tuple[str, ...]:
    """Return the words of which one has to stand at that path; empty where any may."""
    found = _kind_at(root, path)
    return get_args(found) if get_origin(found) is Literal else ()


def is_wording(root: type[BaseModel], path: Path) -> bool:
    """Return whether a text per language belongs at that path."""
    found = _kind_at(root, path)
    return get_origin(found) is dict and _plain(get_args(found)[1]) is str


def walk(root: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield every key of the schema with its path, the keys of free maps as ``*`` and of lists as ``[]``."""
    for name, info in fields(root).items():
        here = f"{path}.{name}".lstrip(".")
        yield here, info
        kind, step = _plain(info.annotation), ""
        while get_origin(kind) in {dict, tuple}:
            step += ".*" if get_origin(kind) is dict else "[]"
            kind = _plain(get_args(kind)[1 if get_origin(kind) is dict else 0])
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from walk(kind, here + step)


def _kind_at(root: type[BaseModel], path: Path) -> Any:
    kind: Any = root
    for part in path:
        kind = _inside(_plain(kind), part)
    return _plain(kind)


def _inside(kind: Any, part: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        info = fields(kind).get(str(part))
        return info.annotation if info else None
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def _plain(kind: Any) -> Any:
    """Return the kind without Annotated and without ``| None``."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in {Union, types.UnionType}:
        return _plain(next(part for part in get_args(kind) if part is not type(None)))
    return kind
