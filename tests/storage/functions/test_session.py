import threading


def test_settings_are_set_for_the_session(value, host):
    assert value("sqlvec_set_config(7, 'search_path', 'a', false)") == "a"
    assert host.settings == {(7, "search_path"): "a"}


def test_sleep_gives_nothing_and_asks_for_cancels(value, host):
    assert value("sqlvec_pg_sleep(0.01)") is None
    assert value("sqlvec_pg_sleep(0.01, 7)") is None
    assert value("sqlvec_pg_sleep(NULL)") is None
    assert set(host.asked) == {None, 7}


def test_sleep_is_cancelled_and_lets_others_run(failure, host):
    cancel = threading.Timer(0.05, lambda: setattr(host, "is_cancelled", True))
    cancel.start()  # runs only because the sleep gives up the GIL
    assert failure("sqlvec_pg_sleep(3600, 7)") == ("57014", "canceling statement due to user request")
    cancel.join()
