"""The errors that a person may see: one line that says what is wrong, where, and what to do.

    PublisherError
    ├── UsageError         exit 2: the command or its arguments
    ├── ConfigError        exit 2: a file of the site's configuration
    ├── UnreachableError   exit 3: something that is needed cannot be reached
    └── StoreError         exit 3: the store is away, full, locked, or newer than this program

Each edge turns its library's exceptions into one of these. What is expected of single items (an article
that cannot be taken, a delivery that is refused) is no exception but a value in the step's report.
"""


class PublisherError(Exception):
    """Base of all errors shown to a person; ``str()`` of it is the one line."""

    exit_code = 1


class UsageError(PublisherError):
    """The command line asks for something that does not exist or cannot be."""

    exit_code = 2


class ConfigError(PublisherError):
    """The site's configuration cannot be used."""

    exit_code = 2


class UnreachableError(PublisherError):
    """A file, server or service that the step needs cannot be reached."""

    exit_code = 3


class StoreError(UnreachableError):
    """The store cannot be opened, read or written."""
