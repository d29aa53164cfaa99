"""What every task works with; built by ``app``, handed down, never global."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.clock import Clock
from publisher.settings.schema import Settings
from publisher.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """An open site.

    Attributes:
        site: the site's folder.
        settings: the config as it stands.
        store: open.
        clock: read once by a verb.
        env: environment, for secrets; never shown.
        revision: number of the config revision that the settings are; None while they are none.
    """

    site: Path
    settings: Settings
    store: Store
    clock: Clock
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    revision: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The newsroom's time zone."""
        return ZoneInfo(self.settings.site.timezone)

    @property
    def public(self) -> Path:
        """What readers may fetch."""
        return self.site / "public"

    @property
    def var(self) -> Path:
        """Store, outbox, locks."""
        return self.site / "var"
