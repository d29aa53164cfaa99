"""Which source an input belongs to: the name under which its articles are known."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from publisher.ingest.normalise import web
from publisher.ingest.normalise.text import one_line
from publisher.ingest.sources import syndication
from publisher.ingest.sources.recognise import Format
from publisher.settings.schema import Settings, Source

_LONGEST = 120


def owner(said: str, settings: Settings, site: Path, inside: Path) -> tuple[str, Source] | None:
    """Return the configured source that an input belongs to, so that both know its articles by one name.

    Args:
        said: a path, pattern or address, as given.
        settings: with the sources.
        site: where their paths begin.
        inside: where the input's path begins.
    """
    on_web = web.absolute(said, None) is not None
    for name, source in settings.sources.items():
        if source.url is not None:
            if on_web and said.rstrip("/") == source.url:
                return name, source
        elif (
            said != "-"
            and not on_web
            and (inside / said).resolve().is_relative_to((site / str(source.path)).resolve())
        ):
            return name, source
    return None


def source_name(format_: Format, stream: BinaryIO) -> str:
    """Return the name for articles of a document that belongs to no configured source.

    Two feeds may use the same guids, so each goes by its own address.
    """
    if format_ == "page text":
        return "pages"
    if format_ == "JSON Lines":
        return "articles"
    stream.seek(0)
    return one_line(f"feed {syndication.name_of(stream.read())}")[:_LONGEST]


def fitting(language: str | None, languages: Sequence[str]) -> str | None:
    """Return the site's own tag for a language, such as ``en`` for ``en-us``.

    Returns:
        Else the tag as BCP 47 writes it, language and region; None for what is no language tag.
    """
    parts = (language or "").strip().replace("_", "-").split("-")
    primary = parts[0].lower()
    whole = "-".join(parts).lower()
    same = [known for known in languages if known.lower() == whole]
    near = [known for known in languages if known.lower().partition("-")[0] == primary]
    if same or near:
        return (same or near)[0]
    if not (primary.isascii() and primary.isalpha() and len(primary) in {2, 3}):
        return None
    region = parts[1].upper() if len(parts) > 1 and len(parts[1]) == 2 and parts[1].isalpha() else ""
    return f"{primary}-{region}" if region else primary
