"""SqlMutation: statements that nobody would write, made of those that the golden files have.

It works on tokens, with a scanner of its own: what the product's scanner gets wrong must still reach it.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.sqllogictest import parse

TOKEN = re.compile(
    r"""\s+ | --[^\n]* | /\*.*?\*/ | \$(\w*)\$.*?\$\1\$ | [eExXbB]?'(?:[^']|'')*' | "(?:[^"]|"")*"
    | \d+(?:\.\d+)?(?:[eE][+-]?\d+)? | \$\d+ | \w+ | ::|[-+*/<>=~!@\#%^&|?]+ | .""",
    re.VERBOSE | re.DOTALL,
)
# What the golden files lack, and what is dear to get wrong: edges of types, and syntax that nests.
EXTRA = (
    "null", "''", "0", "-1", "9223372036854775807", "1e308", "'NaN'", "'infinity'", "'0001-01-01'", "'9999-12-31'",
    "'[1,2,3]'", "'{}'", "'{{1,2},{3,4}}'", "'{\"a\": [1, null]}'", "array[]::int[]", "::vector(3)", "::text", "::jsonb",
    "::numeric(38,10)", "::int[]", "::interval", "(select 1)", "(values (1), (2))", "lateral", "over ()", "filter (where true)",
    "collate \"C\"", "is not null", "between 1 and 2", "case when true then 1 end", "row(1, 2)", "$1", "*", "distinct",
    "limit 0", "offset 1", "for update", "returning *", "on conflict do nothing", "with recursive", "as materialized",
    "group by ()", "grouping sets ((), (1))", "union all select 1", "'\\x00'", "U&'\\0041'", "'a' 'b'", ";", "explain",
    "explain analyze", "explain (format json)", "\u00e9", "'\U0001f600'", "\"\"", "\"select\"",
)  # fmt: skip
WRAPPINGS = (
    "select ({})", "select * from ({}) as q", "select exists ({})", "with q as ({}) select * from q", "explain {}",
    "explain (analyze, verbose, format json) {}", "create view fuzz_view as {}", "create table fuzz_table as {}",
    "declare fuzz_cursor cursor for {}", "prepare fuzz_statement as {}", "insert into t {}", "copy ({}) to stdout",
    "select array({})", "({}) union ({})", "select 1 in ({})", "create temp table x as {}", "{}; {}",
    "with q as materialized ({}) select * from q, q as r", "select (select q from ({}) as q limit 1)",
)  # fmt: skip


def tokens_of(sql: str) -> list[str]:
    return [match[0] for match in TOKEN.finditer(sql) if not match[0].isspace()]


def class_of(token: str) -> str:
    """What may stand in its place without being a syntax error."""
    if token[0] in "'eExXbB$" and token.endswith(("'", "$")):
        return "text"
    if token[0].isdigit():
        return "number"
    return "word" if token[0].isalpha() or token[0] in '_"' else "sign"


@dataclass(frozen=True, slots=True)
class Corpus:
    """The golden files' statements, by file and in order."""

    files: tuple[tuple[tuple[str, ...], ...], ...]  # statements as tokens
    pools: dict[str, tuple[str, ...]]  # every token by its class, as often as it occurs

    @classmethod
    def load(cls, folder: Path) -> Corpus:
        files = tuple(
            tuple(tuple(tokens_of(record.sql)) for record in parse(path.read_text(encoding="utf-8")))
            for path in sorted(folder.rglob("*.slt"))
        )
        pools: dict[str, list[str]] = {}
        for token in (token for statements in files for statement in statements for token in statement):
            pools.setdefault(class_of(token), []).append(token)
        return cls(files, {name: tuple(tokens) for name, tokens in pools.items()})


class SqlMutation:
    """The same seed gives the same statements."""

    def __init__(self, corpus: Corpus, seed: int) -> None:
        self._corpus = corpus
        self._random = random.Random(seed)

    def mutate(self, statement: tuple[str, ...]) -> str:
        tokens = list(statement)
        if self._random.random() < 0.6:  # wrong in its meaning more often than in its syntax
            for _ in range(self._random.choice((1, 1, 2, 3))):
                self._replace_alike(tokens)
        else:
            tokens = self._mangled(tokens)
        sql = " ".join(tokens)
        if self._random.random() < 0.15:
            sql = self._random.choice(WRAPPINGS).replace("{}", sql.rstrip("; "))
        return sql.replace("\0", "")[:100_000]

    def _mangled(self, tokens: list[str]) -> list[str]:
        for _ in range(self._random.choice((1, 1, 1, 2, 2, 3, 5))):
            tokens = self._step(tokens)
        return tokens

    def _replace_alike(self, tokens: list[str]) -> None:
        """By a token of its class: of the same statement, of any, or a literal by an edge of some type."""
        at = self._random.randrange(len(tokens))
        kind, chance = class_of(tokens[at]), self._random.random()
        if chance < 0.25 and kind in ("text", "number"):
            tokens[at] = self._random.choice(EXTRA)
        elif chance < 0.5:
            tokens[at] = self._random.choice([token for token in tokens if class_of(token) == kind])
        else:
            tokens[at] = self._random.choice(self._corpus.pools[kind])

    def any_statement(self) -> tuple[str, ...]:
        return self._random.choice(self._random.choice(self._corpus.files))

    def _step(self, tokens: list[str]) -> list[str]:
        start, end = sorted(self._random.randrange(len(tokens) + 1) for _ in range(2))
        end = min(end, start + self._random.choice((1, 1, 1, 2, 4, 12)))
        before, middle, after = tokens[:start], tokens[start:end], tokens[end:]
        match self._random.randrange(8):
            case 0:
                middle = []
            case 1:
                middle = middle * 2
            case 2:
                after, middle = middle, after
            case 3:
                middle = [self._token() for _ in middle] or [self._token()]
            case 4:
                middle = ["(", *middle, ")"]
            case 5:
                middle = self._span()
            case 6:
                middle = [*middle, self._random.choice(EXTRA)]
            case _:
                middle = ["(", "select", *middle, ")"]
        return [*before, *middle, *after]

    def _token(self) -> str:
        if self._random.random() < 0.2:
            return self._random.choice(EXTRA)
        return self._random.choice(self._corpus.pools[self._random.choice([*self._corpus.pools])])

    def _span(self) -> list[str]:
        other = self.any_statement()
        start = self._random.randrange(len(other) or 1)
        return list(other[start : start + self._random.randint(1, 8)])
