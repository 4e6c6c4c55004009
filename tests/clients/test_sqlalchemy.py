"""SQLAlchemy 2 with pgvector's types, over psycopg."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from pgvector.sqlalchemy import Vector
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from tests.support.server import Server

JOIN = "Author.id == foreign(Book.author_id)"  # sqlvec has no foreign keys yet


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), unique=True)
    books: Mapped[list[Book]] = relationship(primaryjoin=JOIN, back_populates="author")


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    extra: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    written: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    embedding: Mapped[Any] = mapped_column(Vector(3))
    author_id: Mapped[int | None] = mapped_column(sa.Integer)
    author: Mapped[Author | None] = relationship(primaryjoin=JOIN, back_populates="books")


@pytest.fixture
def engine(server: Server) -> Iterator[sa.Engine]:
    made = sa.create_engine(f"postgresql+psycopg://postgres@{server.host}:{server.port}/postgres")
    yield made
    made.dispose()


@pytest.fixture
def tables(engine: sa.Engine) -> Iterator[sa.Engine]:
    Base.metadata.create_all(engine)
    yield engine
    Base.metadata.drop_all(engine)


def some_books() -> list[Book]:
    return [Book(title=f"b{i}", embedding=[i, 0, 0], tags=["even"] if i % 2 == 0 else []) for i in range(10)]


def test_it_connects_and_knows_the_server(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.literal(1) + 1)) == 2
        assert connection.dialect.server_version_info is not None
        assert connection.dialect.server_version_info >= (15,)


def test_objects_are_stored_and_loaded(tables: sa.Engine) -> None:
    with Session(tables) as session:
        when = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
        book = Book(title="t", embedding=[1, 2, 3], tags=["a", "b"], extra={"k": [1, None]}, written=when)
        session.add(Author(name="n", books=[book]))
        session.commit()
    with Session(tables) as session:
        loaded = session.scalars(sa.select(Book)).one()
        assert (loaded.title, loaded.tags, loaded.extra, loaded.written) == (
            "t",
            ["a", "b"],
            {"k": [1, None]},
            when,
        )
        assert np.array_equal(np.asarray(loaded.embedding), [1, 2, 3])
        assert loaded.author is not None
        assert loaded.author.name == "n"


@pytest.mark.parametrize("function", ["l2_distance", "max_inner_product", "cosine_distance", "l1_distance"])
def test_rows_are_ordered_by_distance(tables: sa.Engine, function: str) -> None:
    with Session(tables) as session:
        session.add_all(some_books())
        session.commit()
        distance = getattr(Book.embedding, function)([7.2, 0.1, 0])
        found = session.execute(sa.select(Book.title, distance.label("d")).order_by(distance).limit(3)).all()
    assert len(found) == 3
    assert [row.d for row in found] == sorted(row.d for row in found)
    if function in ("l2_distance", "l1_distance"):
        assert [row.title for row in found] == ["b7", "b8", "b6"]


def test_filters_and_joins_go_with_the_distance(tables: sa.Engine) -> None:
    with Session(tables) as session:
        author = Author(name="a", books=some_books())
        session.add(author)
        session.commit()
        query = (
            sa.select(Book.title, Author.name)
            .join(Book.author)
            .where(Book.tags.contains(["even"]), Book.id > 0)
            .order_by(Book.embedding.l2_distance([7.2, 0, 0]))
            .limit(2)
        )
        assert session.execute(query).all() == [("b8", "a"), ("b6", "a")]


def test_an_index_of_pgvector_is_created(tables: sa.Engine) -> None:
    index = sa.Index(
        "books_embedding", Book.embedding, postgresql_using="hnsw", postgresql_with={"m": 16, "ef_construction": 64},
        postgresql_ops={"embedding": "vector_l2_ops"},
    )  # fmt: skip
    try:
        index.create(tables)
        assert "books_embedding" in {found["name"] for found in sa.inspect(tables).get_indexes("books")}
    finally:
        Book.__table__.indexes.discard(index)  # type: ignore[attr-defined]


def test_a_rolled_back_session_leaves_nothing(tables: sa.Engine) -> None:
    with Session(tables) as session:
        session.add(Author(name="x"))
        session.flush()
        session.rollback()
        assert session.scalar(sa.select(sa.func.count()).select_from(Author)) == 0
        session.add_all([Author(name="twice"), Author(name="twice")])
        with pytest.raises(sa.exc.IntegrityError):
            session.commit()
        session.rollback()
        with session.begin_nested():
            session.add(Author(name="nested"))
        session.commit()
        assert session.scalars(sa.select(Author.name)).all() == ["nested"]


def test_inspection_reflects_the_tables(tables: sa.Engine) -> None:
    inspector = sa.inspect(tables)
    assert {"authors", "books"} <= set(inspector.get_table_names())


def test_a_table_is_loaded_from_the_database(tables: sa.Engine) -> None:
    reflected = sa.Table("books", sa.MetaData(), autoload_with=tables)
    assert list(reflected.columns.keys()) == [column.name for column in Book.__table__.columns]


def test_columns_are_reflected(tables: sa.Engine) -> None:
    columns = {column["name"]: column for column in sa.inspect(tables).get_columns("books")}
    assert isinstance(columns["id"]["type"], sa.Integer)
    assert isinstance(columns["title"]["type"], sa.String)
    assert isinstance(columns["embedding"]["type"], Vector)
    assert columns["title"]["nullable"] is False


def test_keys_are_reflected(tables: sa.Engine) -> None:
    inspector = sa.inspect(tables)
    assert inspector.get_pk_constraint("books")["constrained_columns"] == ["id"]
    unique = inspector.get_unique_constraints("authors")
    assert [found["column_names"] for found in unique] == [["name"]]
