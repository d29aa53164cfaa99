"""What the states of things are called on these pages: messages of the catalogues."""

from collections.abc import Mapping

BARRED: Mapping[str, str] = {
    "erased": "erased at their own wish",
    "bounced": "bounced for good",
    "complained": "complained",
    "operator": "barred by hand",
}
SIGN_UPS: Mapping[str, str] = {
    "waiting": "the mail is to be sent",
    "sending": "the mail is being sent",
    "sent": "the mail is sent, and nobody has answered yet",
    "failed": "the mail could not be sent",
    "uncertain": "the mail was perhaps sent",
}
REPORTS: Mapping[str, str] = {
    "hard": "the mailbox does not exist",
    "soft": "not this time",
    "complaint": "a complaint",
    "delayed": "still being tried",
    "auto": "an automatic reply",
    "unsubscribe": "left by a mail",
    "unknown": "not understood",
}
STANDINGS: Mapping[str, str] = {
    "ran": "ran",
    "failed": "failed",
    "skipped": "skipped",
    "running": "running",
    "waiting": "waiting",
    "not yet": "still to come",
    "excepted": "excepted day",
    "disabled": "switched off",
    "never planned": "not planned",
    "not seen": "not looked at yet",
}
HOW: Mapping[str, str] = {
    "start": "found at the start",
    "file": "an edited file",
    "console": "the console",
    "rollback": "a rollback",
}
TASKS: Mapping[str, str] = {
    "pull": "Looks for new articles",
    "publish": "Brings the feeds up to date",
    "bounces": "Reads what came back",
    "send": "Sends {title}",
}
DEEDS = (
    "cancelled edition",
    "changed a subscription",
    "config edited",
    "config rolled back",
    "erased somebody",
    "imported a file",
    "left by mail",
    "paused edition",
    "restored",
    "resumed edition",
    "retried failed deliveries",
    "sent edition at once",
    "settled deliveries",
    "signed in",
    "started job",
    "subscribed somebody",
)
"""What the log says was done; anything else stands there as it was written."""
EVERY = (
    *(text for some in (BARRED, SIGN_UPS, REPORTS, STANDINGS, HOW, TASKS) for text in some.values()),
    *DEEDS,
)
"""Every message of this module."""
