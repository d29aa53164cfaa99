"""An application that can be replaced while it serves."""

from starlette.types import Receive, Scope, Send

from publisher.web.app import application
from publisher.work.desk import Desk


class Front:
    """Answers by the config in force; an edit changes it between two requests."""

    def __init__(self, desk: Desk) -> None:
        self._now = application(desk)

    def change(self, desk: Desk) -> None:
        """Answer by the config of this desk from now on."""
        self._now = application(desk)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._now(scope, receive, send)
