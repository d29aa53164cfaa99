"""Where articles come from."""

from typing import Self

from pydantic import model_validator

from publisher.settings.base import Setting
from publisher.settings.values import Key, Language, WebAddress, is_private, wrong


class Source(Setting):
    """Where `pull` brings articles in from."""

    path: str | None = None
    """A file or a folder, relative to the site."""
    url: WebAddress | None = None
    """An RSS or Atom feed, or a JSON Lines file."""
    username: str | None = None
    """Whom its server knows us as; the password is PUBLISHER_SOURCE_PASSWORD_NAME in the environment."""
    bearer: bool = False
    """Whether its server wants a token, PUBLISHER_SOURCE_TOKEN_NAME (Authorization: Bearer)."""
    language: Language | None = None
    """Language of articles that do not say; the site's first when left out."""
    section: Key | None = None
    """Section of articles that do not say."""
    enabled: bool = True
    """Whether `pull` reads it."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.url is None):
            both = self.path is not None
            what = "both; take one out" if both else "neither; add one"
            raise wrong("pair", f"a source has either path or url, this has {what}")
        if ":" in (self.username or ""):
            raise wrong("pair", "a user name has no colon (RFC 7617)", key="username")
        if self.username is not None and self.bearer:
            raise wrong("pair", "a server is given a password or a token; take one out", key="bearer")
        key = "username" if self.username is not None else "bearer"
        if self.is_closed and self.url is None:
            raise wrong("pair", "only a source with url has a server that asks for it", key=key)
        if self.is_closed and self.url is not None and not is_private(self.url):
            raise wrong("pair", "anybody on the way could read it; write https in url", key=key)
        return self

    @property
    def is_closed(self) -> bool:
        """Whether its server wants to know who asks."""
        return self.username is not None or self.bearer
