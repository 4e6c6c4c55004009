import threading

from sqlvec.storage.index.rwlock import ReadWriteLock


def start(step):
    thread = threading.Thread(target=step, daemon=True)
    thread.start()
    return thread


def test_readers_hold_it_together():
    lock, together = ReadWriteLock(), threading.Barrier(3)

    def read():
        with lock.reading():
            together.wait(10)

    threads = [start(read) for _ in range(3)]
    for thread in threads:
        thread.join(10)
    assert not together.broken


def test_a_writer_is_alone_and_goes_before_later_readers():
    lock, order = ReadWriteLock(), []
    lock.acquire_read()

    def write():
        with lock.writing():
            order.append("writer")

    def read():
        with lock.reading():
            order.append("reader")

    writer = start(write)
    while not lock._writers_waiting:  # the writer waits for us
        pass
    reader = start(read)
    assert order == []
    lock.release_read()
    writer.join(10)
    reader.join(10)
    assert order == ["writer", "reader"]


def test_an_error_inside_frees_it():
    lock = ReadWriteLock()
    for hold in (lock.reading, lock.writing):
        try:
            with hold():
                raise ValueError
        except ValueError:
            pass
    with lock.writing():
        pass
