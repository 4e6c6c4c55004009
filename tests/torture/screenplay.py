"""Screenplay: statements of several connections in a fixed order, with the answer to each.

A file has a remark, and then a scene for each isolation level:

    == read committed
    T1: begin
      BEGIN
    T2: update test set value = 12 where id = 1
      waits
    T1: commit
      COMMIT
    T2: goes on
      UPDATE 1

A line that is set in is the answer of PostgreSQL. `sqlvec: ` before it marks ours where it is another one, for a
reason that stands in docs/compatibility.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from tests.torture.pending import Pending

Connect = Callable[[], psycopg.Connection[Any]]

WAITS = "waits"
GOES_ON = "goes on"
OURS = "sqlvec: "
BLOCKED = 0.2  # seconds; who has no answer by then is taken to wait
UPDATE_PATIENCE = 1.0  # the same for an answer that is not known yet


@dataclass(frozen=True, slots=True)
class Line:
    """What an actor says, and what the server answers: PostgreSQL and, if it differs, sqlvec."""

    actor: str
    sql: str
    answer: str = ""
    ours: str = ""

    def expected(self, *, is_ours: bool) -> str:
        return self.ours if is_ours and self.ours else self.answer

    def __str__(self) -> str:
        answers = [self.answer, *([OURS + self.ours] if self.ours else [])]
        return "\n".join([f"{self.actor}: {self.sql}", *(f"  {answer}" for answer in answers)])


Scene = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Screenplay:
    """A remark, and scenes by isolation level."""

    remark: str
    scenes: Mapping[str, Scene]

    def __str__(self) -> str:
        scenes = (f"== {level}\n" + "\n".join(map(str, scene)) for level, scene in self.scenes.items())
        return "\n\n".join([self.remark, *scenes]) + "\n"


def read(path: Path) -> Screenplay:
    remark, *parts = path.read_text(encoding="utf-8").split("\n== ")
    scenes = {}
    for part in parts:
        level, *lines = part.strip().splitlines()
        scenes[level] = tuple(_scene(lines))
    return Screenplay(remark.strip(), scenes)


def _scene(lines: list[str]) -> Iterator[Line]:
    said: Line | None = None
    for text in filter(str.strip, lines):
        if not text.startswith(" "):
            if said:
                yield said
            actor, _, sql = text.partition(": ")
            said = Line(actor, sql)
        else:
            assert said is not None, f"an answer to nothing: {text}"
            answer = text.strip()
            is_ours = answer.startswith(OURS)
            said = replace(said, ours=answer.removeprefix(OURS)) if is_ours else replace(said, answer=answer)
    if said:
        yield said


def play(scene: Scene, level: str, connect: Connect, *, is_ours: bool) -> Scene:
    """The scene as the server answered it, up to the first answer that is not the expected one."""
    played: list[Line] = []
    with ExitStack() as stack:
        actors = {name: stack.enter_context(connect()) for name in sorted({line.actor for line in scene})}
        pending: dict[str, Pending] = {}
        for line in scene:
            expected = line.expected(is_ours=is_ours)
            if line.sql == GOES_ON:
                statement = pending.pop(line.actor)
            else:
                assert line.actor not in pending, f"{line.actor} has to wait before it says {line.sql!r}"
                statement = Pending(actors[line.actor], _with_level(line.sql, level))
            answer = _answer(statement, expected)
            if answer == WAITS:
                pending[line.actor] = statement
            played.append(replace(line, answer=answer, ours=""))
            if expected and answer != expected:
                for connection in actors.values():
                    connection.close()
                break
    return tuple(played)


def _answer(statement: Pending, expected: str) -> str:
    """A slow answer does not pass for a wait, nor a wait for a slow answer."""
    match expected:
        case "waits":
            is_over = statement.is_over(BLOCKED)
        case "":
            is_over = statement.is_over(UPDATE_PATIENCE)
        case _:
            is_over = statement.is_over(10.0)
    return statement.answer() if is_over else WAITS


def _with_level(sql: str, level: str) -> str:
    return f"begin isolation level {level}" if sql == "begin" else sql
