"""DataDirectory: one owner, a known format, and no directory of somebody else."""

from __future__ import annotations

import pytest

from sqlvec.core.errors import InvalidCatalogName, IoError, ObjectInUse
from sqlvec.storage.directory import FORMAT_VERSION, DataDirectory


def test_a_new_directory_is_made_with_its_version(tmp_path):
    directory = DataDirectory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "SQLVEC_VERSION").read_text() == f"{FORMAT_VERSION}\n"
    assert directory.database_file("postgres") == tmp_path / "a/b/databases/postgres/data.duckdb"
    assert directory.index_folder("postgres").is_dir()
    directory.close()


def test_a_second_owner_is_refused_until_the_first_lets_go(tmp_path):
    first = DataDirectory(tmp_path / "d")
    with pytest.raises(ObjectInUse, match=str(tmp_path / "d")) as caught:
        DataDirectory(tmp_path / "d")
    assert "PID" in caught.value.message
    first.close()
    DataDirectory(tmp_path / "d").close()


def test_another_format_is_refused_and_the_lock_released(tmp_path):
    DataDirectory(tmp_path / "d").close()
    (tmp_path / "d" / "SQLVEC_VERSION").write_text("99\n")
    for _ in range(2):
        with pytest.raises(IoError, match="has format 99, this sqlvec reads format"):
            DataDirectory(tmp_path / "d")


def test_a_directory_with_other_things_is_refused(tmp_path):
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(IoError, match="is not empty and is not a sqlvec data directory"):
        DataDirectory(tmp_path)


def test_a_file_instead_of_a_directory_is_refused(tmp_path):
    (tmp_path / "d").touch()
    with pytest.raises(IoError, match="could not create directory"):
        DataDirectory(tmp_path / "d")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden"])
def test_names_that_leave_the_directory_are_no_databases(tmp_path, name):
    directory = DataDirectory(tmp_path / "d")
    with pytest.raises(InvalidCatalogName):
        directory.database_file(name)
    directory.close()
