"""A value of the wrong shape: text where a list belongs, a list where keys belong."""

from typing import Any

from pydantic import BaseModel

from publisher.settings import keys
from publisher.settings.document import Document, Path


def wrong_shape(document: Document, root: type[BaseModel], path: Path, error: Any) -> tuple[str, str]:
    """Return what is wrong with the shape of a value, and how to write it.

    Args:
        document: the file.
        root: the model that it has to fit.
        path: of the value.
        error: one of pydantic's, as a dictionary.
    """
    kind, given = str(error["type"]), error["input"]
    if given is None:
        return "has no value", "write one after the colon, or delete the key"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return f"keys with values belong here, not {shape(given)}", _as_map(document, root, path, given)
    if kind in {"tuple_type", "list_type"}:
        return f"a list belongs here, not {shape(given)}", _as_list(root, path, given)
    if kind.startswith("int"):
        return f"{shape(given)} is no whole number", "write digits only"
    if kind.startswith("bool"):
        return f"{shape(given)} is neither true nor false", "write true or false"
    if kind == "string_type":
        return f"one value belongs here, not {shape(given)}", "write it on the same line, after the colon"
    return str(error["msg"]), ""


def shape(given: Any) -> str:
    """Return what a value is, in words."""
    if isinstance(given, dict):
        return "keys with values"
    return "a list" if isinstance(given, list | tuple) else repr(given)


def _as_map(document: Document, root: type[BaseModel], path: Path, given: Any) -> str:
    """Return how to write with keys what stands there as text or as a list."""
    model = keys.model_at(root, path)
    if model and path and path[-1] in keys.fields(model):
        return f"{path[-1]} belongs below a name: indent it by two more spaces"
    first = next(iter(keys.fields(model)), "") if model else ""
    if isinstance(given, str) and keys.is_wording(root, path):
        return f"write {{{_first_language(document)}: {given}}}"
    if isinstance(given, str) and path and isinstance(path[-1], int):
        return f"write {first}: {given}"
    dash = ", without a dash" if isinstance(given, list) else ""
    return f"write {first or 'a name'}: … below it{dash}"


def _first_language(document: Document) -> str:
    site = document.data.get("site")
    languages = site.get("languages") if isinstance(site, dict) else None
    return str(languages[0]) if isinstance(languages, list) and languages else "en"


def _as_list(root: type[BaseModel], path: Path, given: Any) -> str:
    """Return how to write as a list what stands there as text or with keys."""
    if isinstance(given, str):
        return f"write [{given}]"
    model = keys.model_at(root, (*path, 0))
    first = next(iter(keys.fields(model)), "") if model else ""
    return f"begin each entry with a dash: - {first}: …" if first else "write [one, two]"
