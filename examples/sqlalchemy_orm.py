"""SQLAlchemy's ORM with pgvector's column type: code written for pgvector, pointed at sqlvec."""

import sys

from pgvector.sqlalchemy import Vector
from sqlalchemy import Index, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


class Base(DeclarativeBase):
    """Base of the mapped classes."""


class Film(Base):
    """A silent film and its taste, as a vector."""

    __tablename__ = "films"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    year: Mapped[int]
    taste: Mapped[list[float]] = mapped_column(Vector(3))  # funny, exciting, sad


Index("films_taste", Film.taste, postgresql_using="hnsw", postgresql_ops={"taste": "vector_cosine_ops"})

FILMS = [
    ("Safety Last!", 1923, [0.9, 0.8, 0.1]),
    ("The General", 1926, [0.8, 0.9, 0.2]),
    ("Metropolis", 1927, [0.0, 0.8, 0.5]),
    ("The Passion of Joan of Arc", 1928, [0.0, 0.3, 1.0]),
    ("City Lights", 1931, [0.8, 0.3, 0.7]),
]


def main(server: str) -> None:
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS vector")
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Film(title=title, year=year, taste=taste) for title, year, taste in FILMS)
        session.commit()

        distance = Film.taste.cosine_distance([0.9, 0.2, 0.7])
        funny_and_sad = select(Film.title, distance.label("distance")).order_by(distance).limit(3)
        for title, far in session.execute(funny_and_sad):
            print(f"{title:28} {far:.3f}")

        silent = select(Film.title).where(Film.year < 1929).order_by(distance).limit(2)
        print("silent:", ", ".join(session.scalars(silent)))
        print("films:", session.scalar(select(func.count()).select_from(Film)))
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else SERVER)
