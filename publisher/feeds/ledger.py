"""Which documents are new, and what is recorded about them, before anything is written; pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.feeds.drafts import Output
from publisher.feeds.press import Sheet
from publisher.store.feedfiles import FileRow

_STEP = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Settled:
    """What follows from comparing documents with the record.

    Attributes:
        rows: to be recorded, because their bytes are new.
        outputs: to be written, because their bytes are new or the file is not there as it was written.
    """

    rows: tuple[FileRow, ...] = ()
    outputs: tuple[Output, ...] = ()

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(self.rows + other.rows, self.outputs + other.outputs)


def settle(
    sheets: Iterable[Sheet],
    known: Mapping[str, FileRow],
    *,
    change: int,
    sound: Callable[[FileRow], bool],
) -> Settled:
    """Compare documents with the record.

    Last-Modified grows by at least a second whenever the bytes change, also when what changed is that the
    newest article is gone: readers drop what seems to be older than what they have. A document that another
    host published from later changes stays as it is.

    Args:
        sheets: as they were built now.
        known: path -> record.
        change: up to which change of articles they were built.
        sound: tells whether a document is there as it was written.
    """
    rows: list[FileRow] = []
    outputs: list[Output] = []
    for sheet in sheets:
        row = known.get(sheet.path)
        if row is None or (row.fingerprint != sheet.fingerprint and row.change <= change):
            modified = max(sheet.stamp, row.modified + _STEP) if row else sheet.stamp
            rows.append(FileRow(sheet.path, sheet.fingerprint, change, modified, len(sheet.body)))
            outputs.append(_output(sheet, modified))
        elif row.fingerprint == sheet.fingerprint and not sound(row):
            outputs.append(_output(sheet, row.modified))
    return Settled(tuple(rows), tuple(outputs))


def _output(sheet: Sheet, modified: datetime) -> Output:
    return Output(sheet.path, sheet.body, modified, sheet.pieces, lasts=sheet.lasts)
