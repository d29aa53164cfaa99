"""Sources on the web that want to know who asks: their passwords and tokens come from the environment."""

import base64
import re
from collections.abc import Mapping

from publisher.errors import ConfigError
from publisher.ingest.document import ArticleSource
from publisher.ingest.pull import Fetch
from publisher.ingest.sources.fetch import Address, Closed
from publisher.settings.schema import Settings, Source
from publisher.settings.secrets import not_set, secret, source_secret_name

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750 §2.1; anything else would be no header, and be shown in what complains of it."""


def fetching(settings: Settings, env: Mapping[str, str]) -> Fetch:
    """Return what makes the source for an address, with what its server wants where the config says so.

    Args:
        settings: with the sources.
        env: the environment, with the secrets.
    """
    closed = {one.url: (name, one) for name, one in settings.sources.items() if one.url and one.is_closed}

    def fetch(url: str, reader: str) -> ArticleSource:
        name, source = closed.get(url.rstrip("/"), ("", None))
        if source is None:
            return Address(url, reader)
        try:
            return Address(url, reader, authorization=authorization(name, source, env))
        except ConfigError as error:
            return Closed(Address(url, reader).where, str(error))

    return fetch


def authorization(name: str, source: Source, env: Mapping[str, str]) -> str:
    """Return the header that a source's server wants.

    Raises:
        ConfigError: its secret is not set, cannot be read, or is none. Never says what it is.
    """
    variable = source_secret_name(name, bearer=source.bearer)
    found = secret(env, variable)
    if not found:
        needs = "bearer" if source.bearer else "username"
        raise ConfigError(f"{variable} {not_set(variable, f'sources.{name}.{needs}')}")
    if source.bearer:
        if not _TOKEN.fullmatch(found):
            raise ConfigError(f"{variable} is no token: it holds what no token may (RFC 6750)")
        return f"Bearer {found}"
    return f"Basic {base64.b64encode(f'{source.username}:{found}'.encode()).decode()}"
