"""Thousands of rows by one value: a parameter for each takes longer than finding or writing them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Table, Text, any_, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from publisher.store.columns import to_moment
from publisher.store.engine import Transaction


def among(tx: Transaction, column: Column[Any], wanted: Iterable[str] | Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values."""
    values = list(wanted)
    if tx.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(values)).table_valued("value")
        return column.in_(select(listed.c.value))
    kind = BigInteger() if column.type.python_type is int else Text()
    return column == any_(literal(values, ARRAY(kind)))


def add_all(tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of the same columns, numbered in their order."""
    if tx.dialect.name == "sqlite":
        tx.execute(insert(table), rows)
        return
    # As one statement: the driver sends as many as there are rows otherwise.
    written = [
        {name: to_moment(value) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in rows
    ]
    names = ", ".join(rows[0])
    read = f"json_populate_recordset(NULL::{table.name}, %s)"
    said = f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {read}"  # noqa: S608 - names of ours
    tx.exec_driver_sql(said, (json.dumps(written),))
