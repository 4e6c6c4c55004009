"""Blanks: what stands for `${...}` in the templates of the statement mix, drawn by one seeded generator."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.torture.search import Search

ROWS = 1500
DIMENSIONS = 6
_BLANK = re.compile(r"\$\{(\w+)(?::(\w+))?\}")

_NAMES = ("null", "'a'", "'Ab'", "'abc'", "'b%'", "'_x'", "'ünï'", "''", "'a\\b'")
_PATTERNS = ("'a%'", "'%b'", "'_'", r"'%\\%'", "'ü%'", "''", r"'b\%'")
_TAGS = ("null", "'{}'", "'{x}'", "'{x,y}'", "'{y,null}'", "'{z}'")
_DOCUMENTS = ("null", "'{}'", """'{"k": 1}'""", """'{"k": "a", "l": [1, 2]}'""", """'{"k": null}'""", "'[1]'")
_TIMES = ("null", "'2020-01-01'", "'2024-02-29 12:00'")
_SIMPLE_FILTERS = (
    "${c}cat = ${digit}",
    "${c}cat <> ${digit}",
    "${c}cat in (1, ${digit}, 50)",
    "${c}cat not in (1, 2, 3)",
    "${c}cat not in (1, 2, null)",
    "${c}cat is null",
    "${c}cat between ${digit} and 7",
    "${c}name like ${pattern}",
    "${c}name ilike 'a%'",
    "${c}name = ${name}",
    "length(${c}name) > 2",
    "${c}tags @> array['x']",
    "'y' = any (${c}tags)",
    "${c}tags && array['z', 'y']",
    "cardinality(${c}tags) = 2",
    "${c}j ->> 'k' = 'a'",
    "${c}j ? 'k'",
    """${c}j @> '{"k": 1}'""",
    "${c}ts > '2021-01-01'",
    "${c}live",
    "${c}score < 0.${digit}",
    "${c}price >= ${digit}.5",
    "${c}id between ${id} and ${id}",
    "${c}id % ${modulus} = 1",
    "coalesce(${c}cat, -1) < ${digit}",
    "exists (select 1 from labels l where l.cat = ${table}cat)",
    "${c}cat in (select cat from labels where label <> 'one')",
    "${c}cat not in (select cat from labels where cat is not null)",
    "${c}v is not null",
    "${c}v ${operator} '${vector}' < ${radius}",
    "vector_dims(${c}v) = 6",
    "true",
)
_FILTERS = (
    *_SIMPLE_FILTERS,
    *_SIMPLE_FILTERS,
    *3 * ("not (${nested})", "(${nested} or ${nested})", "(${nested} and ${nested})"),
)
# Answered otherwise today: a filter over a search fails with 0A000 when this stands in an OR.
KNOWN_FILTERS = ("${c}cat is distinct from ${digit}",)
SEARCHED_COLUMNS = "id, cat, name, tags, j, live, score, price, v"


class Blanks:
    """Values for blanks; `${vector:a}` is the same vector wherever it stands in one template.

    With `is_exact` all vectors lie on a grid whose distances float32 holds without rounding: ties are frequent,
    and both sides must break them alike. Otherwise they are any.
    """

    def __init__(self, chance: random.Random, *, is_exact: bool) -> None:
        self.chance = chance
        self._is_exact = is_exact
        self._fresh_id = ROWS
        self._values: dict[str, Callable[[], str]] = {
            **{name: self._one_of(*values) for name, values in self._lists().items()},
            "id": lambda: str(chance.randrange(1700)),
            "digit": lambda: str(chance.randrange(10)),
            "modulus": lambda: str(chance.randrange(7, 40)),
            "vector": lambda: self.vector(DIMENSIONS),
            "short_vector": lambda: self.vector(3),
            "where": lambda: self.where(""),
            "m_where": lambda: self.where("m."),
            "b_where": lambda: self.where("b."),
            "fresh": self._fresh,
            "rows": self._rows,
            "search": lambda: self.search((1, 3, 10, 50)).sql(SEARCHED_COLUMNS),
            "search_on_grid": lambda: self.search((1, 3, 10), "<->").sql(SEARCHED_COLUMNS),
        }

    @staticmethod
    def _lists() -> dict[str, tuple[str, ...]]:
        return {
            "name": _NAMES[1:],
            "pattern": _PATTERNS,
            "label": ("'one'", "'two'", "'zwei'", "'fifty'"),
            "operator": ("<->", "<->", "<=>", "<#>", "<+>"),
            "radius": ("0.317", "1", "2.5", "-0.5"),
            "method": ("hnsw", "hnsw", "ivfflat"),
            "opclass": ("vector_l2_ops", "vector_ip_ops", "vector_cosine_ops"),
            "few": ("1", "2", "5"),
        }

    def _one_of(self, *values: str) -> Callable[[], str]:
        return lambda: self.chance.choice(values)

    def fill(self, template: str, remembered: dict[str, str] | None = None) -> str:
        """The template with its blanks filled; `remembered` keeps what has a label for further templates."""
        known = {} if remembered is None else remembered

        def value(match: re.Match[str]) -> str:
            name, label = match.groups()
            if label is None:
                return self._values[name]()
            if match[0] not in known:
                known[match[0]] = self._values[name]()
            return known[match[0]]

        return _BLANK.sub(value, template)

    def vector(self, dimensions: int) -> str:
        if self._is_exact:
            numbers = [self.chance.randint(-8, 8) / 4 for _ in range(dimensions)]
            if self.chance.random() < 0.02:
                numbers = [0.0] * dimensions
            return "[" + ",".join(f"{number:g}" for number in numbers) + "]"
        return "[" + ",".join(f"{self.chance.gauss(0, 1):.7f}" for _ in range(dimensions)) + "]"

    def row(self, number: object) -> str:
        """A row of the table, as VALUES takes it."""
        pick, share = self.chance.choice, self.chance.random
        v = "null" if share() < 0.05 else f"'{self.vector(DIMENSIONS)}'"
        w = "null" if share() < 0.3 else f"'{self.vector(3)}'"
        cells = (
            number,
            pick(("null", *range(10), 50)),
            pick(_NAMES),
            pick(_TAGS),
            pick(_DOCUMENTS),
            pick(_TIMES),
            pick(("true", "false", "null")),
            f"{share():.3f}",
            f"{share() * 10:.2f}",
            v,
            w,
        )
        return "(" + ", ".join(map(str, cells)) + ")"

    def search(self, limits: tuple[int, ...], operator: str | None = None) -> Search:
        operator = operator or self._values["operator"]()
        offset = self.chance.choice((0, 0, 0, 1, 5, 40))
        where = self.where("") if self.chance.random() < 0.85 else "true"
        return Search(operator, self.vector(DIMENSIONS), where, self.chance.choice(limits), offset)

    def where(self, prefix: str, depth: int = 0) -> str:
        """A filter over the table, its columns written behind the prefix."""
        template = self.chance.choice(_FILTERS if depth < 3 else _SIMPLE_FILTERS)
        while "${nested}" in template:
            template = template.replace("${nested}", self.where(prefix, depth + 1), 1)
        return self.fill(template.replace("${c}", prefix).replace("${table}", prefix or "mixed."))

    def _fresh(self) -> str:
        self._fresh_id += 1
        return str(self._fresh_id)

    def _rows(self) -> str:
        return ", ".join(self.row(self._fresh()) for _ in range(self.chance.randrange(1, 30)))
