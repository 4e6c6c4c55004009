"""SqlError: everything that becomes an ErrorResponse, one class per SQLSTATE.

Codes and condition names follow PostgreSQL's Appendix A, "PostgreSQL Error Codes".
Messages are PostgreSQL's: lower case, no full stop, names in double quotes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

_BY_CODE: dict[str, type[SqlError]] = {}


class Severity(StrEnum):
    """How grave a report is; ERROR fails the statement, FATAL also ends the connection."""

    ERROR = "ERROR"
    FATAL = "FATAL"
    WARNING = "WARNING"
    NOTICE = "NOTICE"


class SqlError(Exception):
    """A failure told to the client.

    `position` is the 1-based character (not byte) offset into the client's text.
    """

    sqlstate: ClassVar[str] = "XX000"

    def __init_subclass__(cls, code: str | None = None) -> None:
        if code is not None:
            cls.sqlstate = code
            _BY_CODE.setdefault(code, cls)

    def __init__(
        self,
        message: str,
        *,
        detail: str | None = None,
        hint: str | None = None,
        position: int | None = None,
        where: str | None = None,
        schema: str | None = None,
        table: str | None = None,
        column: str | None = None,
        constraint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
        self.where = where
        self.schema = schema
        self.table = table
        self.column = column
        self.constraint = constraint
        self.severity = severity


def error_class(sqlstate: str) -> type[SqlError]:
    """The class registered for a SQLSTATE, or SqlError itself."""
    return _BY_CODE.get(sqlstate, SqlError)


# Class 08 - connection exception
class ConnectionFailure(SqlError, code="08006"): ...


class ProtocolViolation(SqlError, code="08P01"): ...


# Class 0A - feature not supported
class FeatureNotSupported(SqlError, code="0A000"): ...


# Class 21 - cardinality violation
class CardinalityViolation(SqlError, code="21000"): ...


# Class 22 - data exception
class DataException(SqlError, code="22000"): ...


class StringDataRightTruncation(SqlError, code="22001"): ...


class NumericValueOutOfRange(SqlError, code="22003"): ...


class InvalidDatetimeFormat(SqlError, code="22007"): ...


class DatetimeFieldOverflow(SqlError, code="22008"): ...


class DivisionByZero(SqlError, code="22012"): ...


class InvalidRowCountInLimitClause(SqlError, code="2201W"): ...


class InvalidRowCountInOffsetClause(SqlError, code="2201X"): ...


class InvalidParameterValue(SqlError, code="22023"): ...


class InvalidRegularExpression(SqlError, code="2201B"): ...


class CharacterNotInRepertoire(SqlError, code="22021"): ...


class InvalidTextRepresentation(SqlError, code="22P02"): ...


class InvalidBinaryRepresentation(SqlError, code="22P03"): ...


class BadCopyFileFormat(SqlError, code="22P04"): ...


class ArraySubscriptError(SqlError, code="2202E"): ...


class SequenceGeneratorLimitExceeded(SqlError, code="2200H"): ...


# Class 23 - integrity constraint violation
class IntegrityConstraintViolation(SqlError, code="23000"): ...


class NotNullViolation(SqlError, code="23502"): ...


class ForeignKeyViolation(SqlError, code="23503"): ...


class UniqueViolation(SqlError, code="23505"): ...


class CheckViolation(SqlError, code="23514"): ...


# Class 25 - invalid transaction state
class InvalidTransactionState(SqlError, code="25000"): ...


class ActiveSqlTransaction(SqlError, code="25001"): ...


class ReadOnlySqlTransaction(SqlError, code="25006"): ...


class NoActiveSqlTransaction(SqlError, code="25P01"): ...


class InFailedSqlTransaction(SqlError, code="25P02"): ...


class IdleInTransactionSessionTimeout(SqlError, code="25P03"): ...


# Class 26 / 28 / 2B / 34 / 3B / 3D / 3F
class InvalidSqlStatementName(SqlError, code="26000"): ...


class InvalidAuthorizationSpecification(SqlError, code="28000"): ...


class InvalidPassword(SqlError, code="28P01"): ...


class DependentObjectsStillExist(SqlError, code="2BP01"): ...


class InvalidGrantor(SqlError, code="0L000"): ...


class InvalidGrantOperation(SqlError, code="0LP01"): ...


class InvalidCursorName(SqlError, code="34000"): ...


class InvalidSavepointSpecification(SqlError, code="3B001"): ...


class InvalidCatalogName(SqlError, code="3D000"): ...


class InvalidSchemaName(SqlError, code="3F000"): ...


# Class 40 - transaction rollback
class SerializationFailure(SqlError, code="40001"): ...


class DeadlockDetected(SqlError, code="40P01"): ...


# Class 42 - syntax error or access rule violation
class SqlSyntaxError(SqlError, code="42601"): ...


class InsufficientPrivilege(SqlError, code="42501"): ...


class CannotCoerce(SqlError, code="42846"): ...


class GroupingError(SqlError, code="42803"): ...


class WindowingError(SqlError, code="42P20"): ...


class InvalidForeignKey(SqlError, code="42830"): ...


class InvalidName(SqlError, code="42602"): ...


class NameTooLong(SqlError, code="42622"): ...


class ReservedName(SqlError, code="42939"): ...


class DatatypeMismatch(SqlError, code="42804"): ...


class IndeterminateDatatype(SqlError, code="42P18"): ...


class WrongObjectType(SqlError, code="42809"): ...


class GeneratedAlways(SqlError, code="428C9"): ...


class UndefinedColumn(SqlError, code="42703"): ...


class UndefinedFunction(SqlError, code="42883"): ...


class UndefinedTable(SqlError, code="42P01"): ...


class UndefinedParameter(SqlError, code="42P02"): ...


class UndefinedObject(SqlError, code="42704"): ...


class DuplicateColumn(SqlError, code="42701"): ...


class DuplicateCursor(SqlError, code="42P03"): ...


class DuplicatePreparedStatement(SqlError, code="42P05"): ...


class DuplicateSchema(SqlError, code="42P06"): ...


class DuplicateTable(SqlError, code="42P07"): ...


class DuplicateAlias(SqlError, code="42712"): ...


class DuplicateObject(SqlError, code="42710"): ...


class AmbiguousColumn(SqlError, code="42702"): ...


class AmbiguousFunction(SqlError, code="42725"): ...


class InvalidColumnReference(SqlError, code="42P10"): ...


class InvalidColumnDefinition(SqlError, code="42611"): ...


class InvalidTableDefinition(SqlError, code="42P16"): ...


class InvalidObjectDefinition(SqlError, code="42P17"): ...


class InvalidRecursion(SqlError, code="42P19"): ...


# Class 53 / 54 / 55 / 57 / 58
class InsufficientResources(SqlError, code="53000"): ...


class DiskFull(SqlError, code="53100"): ...


class OutOfMemory(SqlError, code="53200"): ...


class TooManyConnections(SqlError, code="53300"): ...


class ProgramLimitExceeded(SqlError, code="54000"): ...


class ObjectNotInPrerequisiteState(SqlError, code="55000"): ...


class ObjectInUse(SqlError, code="55006"): ...


class CantChangeRuntimeParam(SqlError, code="55P02"): ...


class LockNotAvailable(SqlError, code="55P03"): ...


class QueryCanceled(SqlError, code="57014"): ...


class AdminShutdown(SqlError, code="57P01"): ...


class CannotConnectNow(SqlError, code="57P03"): ...


class IdleSessionTimeout(SqlError, code="57P05"): ...


class IoError(SqlError, code="58030"): ...


# Class F0 - configuration file error
class ConfigFileError(SqlError, code="F0000"): ...


# Class XX - internal error
class InternalError(SqlError, code="XX000"): ...


class DataCorrupted(SqlError, code="XX001"): ...


class Notice:
    """A message that does not fail the statement (NoticeResponse)."""

    __slots__ = ("detail", "hint", "message", "severity", "sqlstate")

    def __init__(
        self,
        message: str,
        *,
        severity: Severity = Severity.NOTICE,
        sqlstate: str = "00000",
        detail: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.message = message
        self.severity = severity
        self.sqlstate = sqlstate
        self.detail = detail
        self.hint = hint
