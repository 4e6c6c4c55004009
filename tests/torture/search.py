"""Search: one nearest-neighbour query over the table of the mix, in the forms that a comparison needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Search:
    """`select ... where ... order by v <op> vector, id limit ... offset ...`, and queries about its answer."""

    operator: str
    vector: str
    where: str
    limit: int
    offset: int

    @property
    def distance(self) -> str:
        return f"v {self.operator} '{self.vector}'"

    def sql(self, columns: str = "id") -> str:
        """The distance is the last column; rows at the same distance come by id."""
        return (
            f"select {columns}, {self.distance} as d {self._source} order by {self.distance}, id{self._range}"
        )

    def sql_without_ties(self) -> str:
        """As clients write it, and as an index can answer it: rows at the same distance come in any order."""
        return f"select id, {self.distance} as d {self._source} order by {self.distance}{self._range}"

    def truth(self) -> str:
        """Every row that the filter keeps, with its distance."""
        return f"select id, {self.distance} as d {self._source}"

    @property
    def _source(self) -> str:
        return f"from mixed where {self.where}"

    @property
    def _range(self) -> str:
        return f" limit {self.limit}" + (f" offset {self.offset}" if self.offset else "")
