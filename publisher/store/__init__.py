"""Where everything is kept: the only home of SQLAlchemy.

One module an aggregate; each function takes the transaction it works in and returns model values.
"""

from publisher.store.engine import Store, Transaction, open_store

__all__ = ["Store", "Transaction", "open_store"]
