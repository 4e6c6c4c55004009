"""Automatic names, as PostgreSQL's ChooseRelationName makes them."""

from __future__ import annotations

from collections.abc import Collection

from sqlvec.storage.catalog import CatalogState

LONGEST = 63  # bytes, NAMEDATALEN - 1


def choose_name(
    state: CatalogState, schema: str, first: str, second: str, label: str, *, taken: Collection[str] = ()
) -> str:
    """first_second_label, cut to 63 bytes, with a number where it is taken."""
    number = 0
    while True:
        name = make_name(first, second, label + (str(number) if number else ""))
        if name not in taken and not state.name_taken(schema, name):
            return name
        number += 1


def make_name(first: str, second: str, label: str) -> str:
    """PostgreSQL's makeObjectName: the longer part is cut first."""
    overhead = len(label) + 1 + (1 if second else 0)
    left, right = first.encode(), second.encode()
    while len(left) + len(right) + overhead > LONGEST:
        if len(left) > len(right):
            left = left[:-1]
        else:
            right = right[:-1]
    parts = [left.decode(errors="ignore"), right.decode(errors="ignore"), label]
    return "_".join(part for part in parts if part)
