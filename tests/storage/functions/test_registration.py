import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from sqlvec.core.errors import DataException
from sqlvec.planner.bind import distance, function_table
from sqlvec.storage.duck import Duck
from sqlvec.storage.functions import all_functions, install


def test_every_name_in_the_planners_tables_is_registered(host):
    templates = [function.duckdb for function in function_table.FUNCTIONS.values()]
    templates += [name for _metric, name in distance.FUNCTIONS.values()]
    written = set(re.findall(r"\bsqlvec_\w+", " ".join(templates)))
    written.discard("sqlvec_session")  # a variable
    assert written <= {function.name for function in all_functions(host)}


def test_no_name_is_registered_twice(host):
    names = [function.name for function in all_functions(host)]
    assert len(names) == len(set(names))


def test_a_failed_function_leaves_duckdb_usable(cursor):
    cursor.run("CREATE TABLE t AS SELECT [i, i]::FLOAT[] v FROM range(100000) r(i)")
    for _ in range(3):
        with pytest.raises(DataException, match="different vector dimensions 2 and 3"):
            cursor.rows("SELECT max(sqlvec_l2_distance(v, [1, 2, 3]::FLOAT[])) FROM t")
    assert cursor.rows("SELECT count(sqlvec_l2_distance(v, [1, 2]::FLOAT[])) FROM t") == [(100000,)]


def test_cursors_call_functions_at_the_same_time(host):
    duck = Duck(None, threads=2)
    install(duck, host)

    def count(seed: int) -> int:
        cursor = duck.cursor()
        total = 0
        for _ in range(5):
            condition = "sqlvec_jsonb_contains('{\"a\":' || i % 10 || '}', ?)"
            sql = f"SELECT count(*) FROM range(20000) r(i) WHERE {condition}"
            total += cursor.rows(sql, [f'{{"a": {seed}}}'])[0][0]
        cursor.close()
        return total

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(count, range(4))) == [10000] * 4
    duck.close()
