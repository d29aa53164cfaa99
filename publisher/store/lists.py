"""Asking for thousands of rows at once by one value: a parameter for each takes longer than finding them."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from publisher.store.engine import Transaction


def among(tx: Transaction, column: Column[Any], wanted: Iterable[str] | Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values."""
    values = list(wanted)
    if tx.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(values)).table_valued("value")
        return column.in_(select(listed.c.value))
    kind = BigInteger() if column.type.python_type is int else Text()
    return column == any_(literal(values, ARRAY(kind)))
