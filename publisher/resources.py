"""Where the files that ship with the program are: templates, default config, the sample newsroom."""

from functools import cache
from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


@cache
def builtin(name: Literal["templates", "config", "sample"]) -> Path:
    """Return the folder of that name: inside the installed wheel, or beside the package in a checkout."""
    carried = _PACKAGE / "_data" / name
    return carried if carried.is_dir() else _PACKAGE.parent / name
