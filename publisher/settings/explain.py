"""What pydantic refuses, said in the words of the config file."""

from typing import Any

from pydantic import BaseModel, ValidationError

from publisher.settings import cronhelp, keys, shapes, suggest
from publisher.settings.document import Document, Path, dotted
from publisher.settings.problems import Problem
from publisher.settings.secrets import is_secret_key, variable_for

_MISSING = "is missing"
_MEANT = "did you mean "
_ELSEWHERE = {
    "jobs": "jobs stand in config/schedule.yaml",
    "calendar": "the calendar stands in config/calendar.yaml",
    "sections": "sections stand at the top of config/site.yaml",
    "digests": "digests stand at the top of config/site.yaml",
    "feeds": "feeds stand at the top of config/site.yaml",
    "mail": "mail stands at the top of config/site.yaml",
    "sources": "sources stand at the top of config/site.yaml",
    "site": "site stands at the top of config/site.yaml",
}


def explained(document: Document, root: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Return one problem for each of pydantic's complaints, at the place of its key or value.

    Args:
        document: the file that was validated.
        root: the model that it had to fit.
        error: pydantic's.
    """
    found = [
        _problem(document, root, each) for each in error.errors(include_url=False) if not _is_echo(root, each)
    ]
    misspelt = [one for one in found if _MEANT in one.hint]
    meant = {f"{one.path.rpartition('.')[0]}.{one.hint.removeprefix(_MEANT)}".lstrip(".") for one in misspelt}
    return [one for one in found if not (one.message == _MISSING and one.path in meant)]


def _is_echo(root: type[BaseModel], error: Any) -> bool:
    """Return whether a complaint only follows from another.

    A list is too short because its items were refused; a wrong name is really a key at the wrong depth.
    """
    if error["type"] == "too_short":
        return bool(error["input"])
    *path, last = error["loc"] or ("",)
    model = keys.model_at(root, tuple(path)) if last == "[key]" else None
    return bool(model and path[-1] in keys.fields(model))


def _problem(document: Document, root: type[BaseModel], error: Any) -> Problem:
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    kind, given = str(error["type"]), error["input"]
    if key := error.get("ctx", {}).get("key"):
        path = (*path, key)
    if error["loc"] and error["loc"][-1] == "[key]":
        return _wrong_name(document, path, kind, str(error["msg"]))
    if kind == "extra_forbidden":
        return _unknown_key(document, root, path)
    if kind == "missing":
        return document.problem(path, *_missing(root, path))
    message, hint = _wrong_value(document, root, path, error)
    # A whole map is pointed at by its key; its value would begin on the next line.
    return document.problem(path, message, hint, at_value=not isinstance(given, dict) and given is not None)


def _wrong_name(document: Document, path: Path, kind: str, said: str) -> Problem:
    name = str(path[-1])
    if kind == "language":
        said, _, advice = said.partition("; ")
        return document.problem(path, said, _meant(suggest.language(name)) or advice)
    message = f"{name!r} is no name: names are small letters, digits and hyphens"
    return document.problem(path, message, _meant(suggest.slug(name)))


def _unknown_key(document: Document, root: type[BaseModel], path: Path) -> Problem:
    name = str(path[-1])
    if is_secret_key(name):
        variable = variable_for(dotted(path))
        hint = f"delete it here and set {variable} in the environment" if variable else "delete it"
        return document.problem(path, "a secret does not belong in a file", hint)
    model = keys.model_at(root, path[:-1])
    known = list(keys.fields(model)) if model else []
    meant = suggest.key_for(name, known)
    if meant:
        return document.problem(path, "there is no such key", _meant(meant))
    hint = _ELSEWHERE.get(name) or _other_place(root, name) or f"known here: {', '.join(known)}"
    return document.problem(path, "there is no such key", hint)


def _other_place(root: type[BaseModel], name: str) -> str:
    """Return where in the file a key of that name does stand."""
    places = [path for path, _ in keys.walk(root) if path.rpartition(".")[2] == name]
    return (
        f"{name} is a key of {places[0].rpartition('.')[0].replace('.*', '.NAME')}"
        if len(places) == 1
        else ""
    )


def _missing(root: type[BaseModel], path: Path) -> tuple[str, str]:
    model = keys.model_at(root, path[:-1])
    info = keys.fields(model).get(str(path[-1])) if model else None
    meaning = (info.description or "").rstrip(".") if info else ""
    return _MISSING, f"add it: {meaning}"


def _wrong_value(document: Document, root: type[BaseModel], path: Path, error: Any) -> tuple[str, str]:
    said, _, advice = str(error["msg"]).partition("; ")
    kind, given, context = str(error["type"]), error["input"], error.get("ctx", {})
    if kind == "cron":
        return said, cronhelp.advice(given) or advice
    if kind in suggest.BY_KIND:
        return said, _meant(suggest.BY_KIND[kind](given)) or advice
    if "said" in context and isinstance(given, str | dict):
        return said, advice
    if kind == "literal_error":
        choices = keys.choices_at(root, path)
        word = given if isinstance(given, str) else shapes.shape(given)
        return f"{word!r} is none of {', '.join(choices)}", _meant(suggest.closest(word, choices))
    if kind in _NUMBERS:
        return f"{given} is {_NUMBERS[kind].format(**context)}", ""
    if kind in {"too_short", "string_too_short"}:
        return ("is an empty list" if isinstance(given, list) else "is empty"), "write at least one"
    return shapes.wrong_shape(document, root, path, error)


_NUMBERS = {
    "greater_than_equal": "too small; {ge} is the least",
    "less_than_equal": "too large; {le} is the most",
}


def _meant(word: str | None) -> str:
    return f"{_MEANT}{word}" if word else ""
