"""Counters: never the same number twice, not after a crash either."""

from __future__ import annotations

import threading

import pytest

from sqlvec.storage import catalog
from sqlvec.storage.counters import Counters
from sqlvec.storage.duck import Duck


@pytest.fixture
def duck():
    duck = Duck(None)
    catalog.load(duck.cursor())
    yield duck
    duck.close()


def test_numbers_follow_each_other(duck):
    counters = Counters(duck.cursor())
    assert [counters.take("a") for _ in range(3)] == [1, 2, 3]
    assert counters.take("a", 10) == 4
    assert counters.take("a") == 14
    assert counters.take("b", first=100) == 100


def test_after_a_crash_it_goes_on_behind_all_numbers_given(duck):
    before = Counters(duck.cursor())
    given = before.take("a", 5000) + 4999
    assert Counters(duck.cursor()).take("a") > given


def test_after_a_clean_shutdown_there_is_no_gap(duck):
    before = Counters(duck.cursor())
    before.take("a", 3)
    before.save()
    assert Counters(duck.cursor()).take("a") == 4


def test_descending_counters_do_not_repeat_either(duck):
    before = Counters(duck.cursor())
    assert [before.take("a", first=-1, step=-1) for _ in range(3)] == [-1, -2, -3]
    assert Counters(duck.cursor()).take("a", first=-1, step=-1) < -3


def test_a_counter_is_set_and_dropped(duck):
    counters = Counters(duck.cursor())
    counters.take("a")
    counters.set("a", 50)
    assert counters.peek("a") == 50
    assert Counters(duck.cursor()).take("a") == 50
    counters.drop("a")
    assert counters.take("a") == 1


def test_threads_never_get_the_same_number(duck):
    counters, taken = Counters(duck.cursor()), []

    def take():
        taken.extend(counters.take("a") for _ in range(500))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 2001))
