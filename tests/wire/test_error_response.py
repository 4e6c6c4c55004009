from __future__ import annotations

from sqlvec.core.errors import Notice, Severity, SqlError, UniqueViolation
from sqlvec.wire.error_response import error_response, fatal_error_response, notice_response


def test_fields_come_in_postgresqls_order_and_absent_ones_not_at_all() -> None:
    error = UniqueViolation(
        "m",
        detail="d",
        hint="h",
        position=3,
        where="w",
        schema="s",
        table="t",
        column="c",
        constraint="n",
    )
    letters = "".join(letter for letter, _ in error_response(error).fields)
    assert letters == "SVCMDHPWstcn"
    assert [letter for letter, _ in error_response(SqlError("m")).fields] == ["S", "V", "C", "M"]


def test_a_fatal_report_says_so_whatever_the_error_says() -> None:
    assert fatal_error_response(SqlError("m")).fields[:2] == (("S", "FATAL"), ("V", "FATAL"))


def test_a_notice_keeps_its_severity_and_code() -> None:
    fields = dict(notice_response(Notice("m", severity=Severity.WARNING, sqlstate="01000")).fields)
    assert (fields["S"], fields["C"], fields["M"]) == ("WARNING", "01000", "m")
