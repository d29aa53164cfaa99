"""Telling another server something, briefly: the home of outgoing HTTP that is no download."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from publisher import __version__


@dataclass(frozen=True, slots=True)
class Said:
    """What came of it.

    Attributes:
        status: of the answer; None when there was none.
        reason: in a few words, without the address.
    """

    status: int | None
    reason: str = ""


def post_form(url: str, fields: Mapping[str, str], *, seconds: float, reader: str) -> Said:
    """Send a form; whatever goes wrong is a value. A redirect is not followed: the form would go with it.

    Args:
        url: absolute, http or https.
        fields: of the form.
        seconds: how long connecting and each wait for bytes may take.
        reader: the site's address, so that a server's owner can see who calls.
    """
    headers = {"User-Agent": f"newsroom-publisher/{__version__} (+{reader})"}
    try:
        with (
            httpx.Client(timeout=seconds) as client,
            client.stream("POST", url, data=dict(fields), headers=headers) as answer,
        ):
            return Said(answer.status_code, f"{answer.status_code} {answer.reason_phrase}".strip())
    except httpx.TimeoutException:
        return Said(None, "no answer in time")
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError, ValueError) as error:
        return Said(None, " ".join(str(error).split())[:160] or type(error).__name__)
