"""Forty questions at the same time over four asyncpg connections, each statement prepared once."""

import asyncio
import random
import sys

import asyncpg  # type: ignore[import-untyped]
from pgvector.asyncpg import register_vector

SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
DIMENSIONS = 8
POINTS = 500


async def prepare(connection: asyncpg.Connection) -> None:
    await register_vector(connection)


async def ask(pool: asyncpg.Pool, point: list[float]) -> int:
    async with pool.acquire() as connection:
        nearest = await connection.fetchval("SELECT id FROM points ORDER BY place <-> $1 LIMIT 1", point)
        return int(nearest)


async def main(server: str) -> None:
    numbers = random.Random(1)
    points = [[numbers.random() for _ in range(DIMENSIONS)] for _ in range(POINTS)]
    first = await asyncpg.connect(server)
    await first.execute("CREATE EXTENSION IF NOT EXISTS vector")
    await first.execute("DROP TABLE IF EXISTS points")
    await first.execute(f"CREATE TABLE points (id int PRIMARY KEY, place vector({DIMENSIONS}))")
    await register_vector(first)
    await first.copy_records_to_table("points", records=list(enumerate(points)))
    await first.execute("CREATE INDEX ON points USING hnsw (place vector_l2_ops)")
    await first.close()

    async with asyncpg.create_pool(server, min_size=4, max_size=4, init=prepare) as pool:
        found = await asyncio.gather(*(ask(pool, points[i]) for i in range(40)))
    print(f"{sum(i == nearest for i, nearest in enumerate(found))} of 40 points found themselves")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else SERVER))
