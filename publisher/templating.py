"""Pages and letters from templates: the only home of Jinja2.

A site's own ``templates/`` overrides ours file by file. HTML is escaped, and a name that does not exist is an
error with file and line, never an empty place.
"""

from pathlib import Path
from typing import Any

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.bccache import Bucket
from markupsafe import Markup

from publisher.errors import ConfigError
from publisher.resources import builtin

Templates = Environment

_PLAIN = (".txt", ".txt.j2", ".xml", ".css")


class _Compiled(BytecodeCache):
    """Templates that this process has compiled: each run has an environment of its own, and needs the same.

    Jinja2 looks at the hash of a template's source, so one that was edited is compiled anew.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled before, if the source is still the same."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


def markup(text: str) -> str:
    """Return text that is HTML already, so that templates do not escape it."""
    return Markup(text)  # noqa: S704 - for callers that made the HTML themselves


def templates(site_templates: Path | None = None) -> Templates:
    """Return the environment that finds the site's templates first, then ours."""
    folders = [
        *([site_templates] if site_templates and site_templates.is_dir() else []),
        builtin("templates"),
    ]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=lambda name: name is None or not name.endswith(_PLAIN),  # noqa: S701 - only HTML is escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        bytecode_cache=_compiled,
    )


def render(environment: Templates, name: str, **values: Any) -> str:
    """Render a template file.

    Raises:
        ConfigError: the template is missing or wrong, with its file and line.
    """
    try:
        return environment.get_template(name).render(values)
    except TemplateNotFound as error:
        raise ConfigError(f"templates/{error.name}: there is no such template") from error
    except TemplateError as error:
        raise ConfigError(f"{_place(error, name)}: {_message(error)}") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise ConfigError(f"{_place(error, name)}: {_message(error)}") from error


def render_line(environment: Templates, source: str, where: str, **values: Any) -> str:
    """Render a one-line template from the config as plain text.

    Args:
        environment: for its settings; nothing is escaped, the result is no HTML.
        source: the template.
        where: its place in the config, for the error.
        values: names it may use.

    Raises:
        ConfigError: it is wrong, with its place.
    """
    try:
        plain = environment.overlay(autoescape=False)
        return " ".join(plain.from_string(source).render(values).split())
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise ConfigError(f"{where}: {_message(error)}") from error


def mistakes(site_templates: Path) -> list[str]:
    """Return one line, with file and line, for each template of a site that cannot be parsed."""
    environment = templates(site_templates)
    found = []
    for name in FileSystemLoader(site_templates).list_templates():
        if not name.startswith("locale/"):
            try:
                environment.get_template(name)
            except TemplateSyntaxError as error:
                found.append(f"templates/{name}:{error.lineno}: {_message(error)}")
            except (TemplateError, UnicodeDecodeError) as error:
                found.append(f"templates/{name}: {_message(error)}")
    return found


def mistake_in_line(source: str) -> str:
    """Return what keeps a one-line template from being parsed; empty when nothing does."""
    try:
        templates().parse(source)
    except TemplateError as error:
        return _message(error)
    return ""


def _message(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _place(error: Exception, name: str) -> str:
    """Return ``file:line`` of the template frame in which it went wrong."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or name}:{error.lineno}"
    place = f"templates/{name}"
    frame = error.__traceback__
    while frame:
        file = frame.tb_frame.f_code.co_filename
        if file.endswith((".html", ".txt", ".xml", ".j2")):
            place = f"{file}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place
