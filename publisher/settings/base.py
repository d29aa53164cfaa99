"""What the parts of the schema are made of."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from publisher.settings.values import Language

Words = dict[Language, Annotated[str, StringConstraints(min_length=1)]]
"""A wording per language."""
Title = Annotated[Words, Field(min_length=1)]
"""A wording in at least one language."""


class Setting(BaseModel):
    """Base: frozen, unknown keys refused, a key without a value is as good as left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, said: Any) -> Any:
        if said is None:
            return {}
        return (
            {key: value for key, value in said.items() if value is not None}
            if isinstance(said, dict)
            else said
        )


def wording(words: dict[str, str], language: str, default: str = "") -> str:
    """Return the wording in that language, else the first there is, else the default."""
    return words.get(language) or next(iter(words.values()), default)
