"""How a letter looks: its colours, fonts and words."""

from typing import Self

from pydantic import Field, model_validator

from publisher.model.contrast import AIM, ENOUGH, contrast
from publisher.settings.base import Setting, Words
from publisher.settings.values import ColorHex, FontStack, wrong


class Look(Setting):
    """Colours, fonts and words of a letter."""

    accent: ColorHex = "#8a1c1c"
    """Colour of the masthead's rule and of section headings, on the light ground."""
    accent_dark: ColorHex = "#f0a79b"
    """The same on the dark ground."""
    text: ColorHex = "#1c1b19"
    """Colour of the words."""
    text_dark: ColorHex = "#ece9e3"
    """The same on the dark ground."""
    muted: ColorHex = "#4f4b45"
    """Colour of captions, bylines and the foot, on the light ground."""
    muted_dark: ColorHex = "#bdb7ad"
    """The same on the dark ground."""
    background: ColorHex = "#ffffff"
    """The light ground."""
    background_dark: ColorHex = "#1a1918"
    """The dark ground."""
    headline_font: FontStack = "'Noto Serif', 'Times New Roman', Times, serif"
    """Font stack of headlines; name only faces with Vietnamese letters."""
    body_font: FontStack = "'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
    """Font stack of everything else."""
    logo: str | None = None
    """A picture for the masthead: a path below the site's folder or an address; the title when left out."""
    tagline: Words = Field(default={})
    """A line under the masthead."""
    footer: Words = Field(default={})
    """A sentence of your own at the foot."""

    @property
    def contrasts(self) -> dict[str, float]:
        """How each colour of words stands out from its ground, by the name of its key."""
        grounds = {"": self.background, "_dark": self.background_dark}
        return {
            name + mode: contrast(getattr(self, name + mode), ground)
            for mode, ground in grounds.items()
            for name in ("text", "muted", "accent")
        }

    @model_validator(mode="after")
    def _readable(self) -> Self:
        faint = [f"{name} ({ratio:.1f})" for name, ratio in self.contrasts.items() if ratio < ENOUGH]
        if faint:
            raise wrong(
                "contrast",
                f"too little contrast with the ground: {', '.join(faint)}; "
                f"at least {ENOUGH} is needed, {AIM:.0f} is good",
                key=faint[0].partition(" ")[0],
            )
        return self
