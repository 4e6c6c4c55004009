"""Statements: what the parser makes of one SQL command, one frozen dataclass per kind.

Queries and DML carry sqlglot's tree; utility commands are spelled out, since sqlglot has no trees for most.
Names keep the client's spelling after PostgreSQL's case folding. Positions are 1-based characters into the
client's whole text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sqlglot import exp

from sqlvec.core.schema import Action


@dataclass(frozen=True, slots=True)
class Name:
    """A possibly qualified object name, case already folded."""

    schema: str | None
    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written: vector(3), numeric(10,2)[], "my Type"."""

    name: str
    modifiers: tuple[int, ...] = ()
    is_array: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """SELECT, VALUES, TABLE, WITH ... SELECT."""

    tree: exp.Expression


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT, perhaps with WITH in front; `tree` is sqlglot's exp.Insert."""

    tree: exp.Expression
    overriding: Literal["SYSTEM", "USER"] | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE; `tree` is sqlglot's exp.Update."""

    tree: exp.Expression


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE; `tree` is sqlglot's exp.Delete."""

    tree: exp.Expression


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN [(options)] statement."""

    statement: Statement
    analyze: bool = False
    verbose: bool = False
    costs: bool = True
    timing: bool = True
    summary: bool | None = None  # None: as ANALYZE
    recall: bool = False
    format: Literal["text", "json", "yaml", "xml"] = "text"


# Transactions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TransactionModes:
    """Modes after BEGIN, START TRANSACTION, SET TRANSACTION; None where not said."""

    isolation: Literal["read uncommitted", "read committed", "repeatable read", "serializable"] | None = None
    read_only: bool | None = None
    deferrable: bool | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """BEGIN or START TRANSACTION (`tag` tells which: the command tags differ)."""

    modes: TransactionModes = TransactionModes()
    tag: Literal["BEGIN", "START TRANSACTION"] = "BEGIN"


@dataclass(frozen=True, slots=True)
class Commit:
    """COMMIT or END."""

    chain: bool = False


@dataclass(frozen=True, slots=True)
class Rollback:
    """ROLLBACK or ABORT."""

    chain: bool = False


@dataclass(frozen=True, slots=True)
class Savepoint:
    """SAVEPOINT name."""

    name: str


@dataclass(frozen=True, slots=True)
class ReleaseSavepoint:
    """RELEASE [SAVEPOINT] name."""

    name: str


@dataclass(frozen=True, slots=True)
class RollbackTo:
    """ROLLBACK TO [SAVEPOINT] name."""

    name: str


@dataclass(frozen=True, slots=True)
class SetTransaction:
    """SET TRANSACTION modes, or SET SESSION CHARACTERISTICS AS TRANSACTION modes."""

    modes: TransactionModes
    for_session: bool = False


@dataclass(frozen=True, slots=True)
class SetConstraints:
    """SET CONSTRAINTS names DEFERRED | IMMEDIATE; no names are ALL."""

    names: tuple[Name, ...]
    deferred: bool


# Settings -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetSetting:
    """SET [LOCAL|SESSION] name = value; `value` None means DEFAULT. A list is joined by ', '."""

    name: str
    value: str | None
    is_local: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True)
class ShowSetting:
    """SHOW name; 'all' shows every setting."""

    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class ResetSetting:
    """RESET name; None is RESET ALL."""

    name: str | None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Discard:
    """DISCARD ALL | PLANS | SEQUENCES | TEMP."""

    what: Literal["ALL", "PLANS", "SEQUENCES", "TEMP"]


# Definitions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """Options of CREATE SEQUENCE or of an identity column; None where not said."""

    type_name: str | None = None
    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cache: int | None = None
    cycle: bool | None = None
    no_minimum: bool = False  # NO MINVALUE: ALTER SEQUENCE goes back to the type's
    no_maximum: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """A scalar expression kept for later: its tree and the client's text of it."""

    tree: exp.Expression
    text: str


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """PRIMARY KEY as a column or table constraint; `index` instead of columns is USING INDEX."""

    columns: tuple[str, ...]
    name: str | None = None
    position: int = 0
    deferrable: bool = False
    initially_deferred: bool = False
    index: str | None = None


@dataclass(frozen=True, slots=True)
class Unique:
    """UNIQUE as a column or table constraint; `index` instead of columns is USING INDEX."""

    columns: tuple[str, ...]
    name: str | None = None
    nulls_not_distinct: bool = False
    position: int = 0
    deferrable: bool = False
    initially_deferred: bool = False
    index: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """CHECK (expression); `column` is set when it was written as a column constraint."""

    expression: Expression
    name: str | None = None
    column: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """REFERENCES or FOREIGN KEY."""

    columns: tuple[str, ...]
    table: Name
    referenced: tuple[str, ...] = ()
    name: str | None = None
    on_delete: Action = "NO ACTION"
    on_update: Action = "NO ACTION"
    delete_columns: tuple[str, ...] = ()  # of ON DELETE SET NULL (...) and SET DEFAULT (...)
    is_full: bool = False  # MATCH FULL
    deferrable: bool = False
    initially_deferred: bool = False
    position: int = 0


TableConstraint: TypeAlias = PrimaryKey | Unique | Check | ForeignKey


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column of CREATE TABLE or ADD COLUMN; its own constraints are among the table's."""

    name: str
    type: TypeName
    not_null: bool = False
    default: Expression | None = None
    generated: Expression | None = None  # GENERATED ALWAYS AS (...) STORED
    identity: Literal["ALWAYS", "BY DEFAULT"] | None = None
    identity_options: SequenceOptions = SequenceOptions()
    collation: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class LikeTable:
    """LIKE table [INCLUDING ...] among the columns; `index` counts the columns written before it."""

    table: Name
    index: int
    including: frozenset[str] = frozenset()  # DEFAULTS, IDENTITY, CONSTRAINTS, INDEXES, GENERATED, ...


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE, also with LIKE; constraints of columns and table in the order written."""

    name: Name
    columns: tuple[ColumnDefinition, ...]
    constraints: tuple[TableConstraint, ...] = ()
    if_not_exists: bool = False
    temporary: bool = False
    likes: tuple[LikeTable, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    """CREATE TABLE ... AS query, and SELECT INTO."""

    name: Name
    query: Query
    columns: tuple[str, ...] = ()
    if_not_exists: bool = False
    with_data: bool = True
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW; `text` is the query as the client wrote it."""

    name: Name
    query: Query
    text: str
    columns: tuple[str, ...] = ()
    or_replace: bool = False
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CreateSchema:
    """CREATE SCHEMA."""

    name: str
    if_not_exists: bool = False
    position: int = 0
    authorization: RoleSpec | None = None


@dataclass(frozen=True, slots=True)
class CreateSequence:
    """CREATE SEQUENCE."""

    name: Name
    options: SequenceOptions = SequenceOptions()
    if_not_exists: bool = False
    owned_by: tuple[Name, str] | None = None


@dataclass(frozen=True, slots=True)
class CreateExtension:
    """CREATE EXTENSION."""

    name: str
    if_not_exists: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True)
class IndexColumn:
    """One key of an index: a column (`column`) or an expression."""

    column: str | None
    expression: Expression | None = None
    opclass: str | None = None
    descending: bool = False
    nulls_first: bool | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE [UNIQUE] INDEX [CONCURRENTLY] [IF NOT EXISTS] [name] ON table [USING method] (...)."""

    table: Name
    columns: tuple[IndexColumn, ...]
    name: str | None = None
    method: str = "btree"
    unique: bool = False
    concurrently: bool = False
    if_not_exists: bool = False
    include: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    where: Expression | None = None
    method_position: int = 0
    nulls_not_distinct: bool = False


ObjectKind: TypeAlias = Literal[
    "TABLE", "VIEW", "INDEX", "SEQUENCE", "SCHEMA", "EXTENSION", "MATERIALIZED VIEW", "TYPE"
]


@dataclass(frozen=True, slots=True)
class Drop:
    """DROP kind [IF EXISTS] names [CASCADE]."""

    kind: ObjectKind
    names: tuple[Name, ...]
    if_exists: bool = False
    cascade: bool = False
    concurrently: bool = False


# ALTER TABLE actions


@dataclass(frozen=True, slots=True)
class AddColumn:
    """ADD [COLUMN] [IF NOT EXISTS]."""

    column: ColumnDefinition
    constraints: tuple[TableConstraint, ...] = ()
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropColumn:
    """DROP [COLUMN] [IF EXISTS]."""

    name: str
    if_exists: bool = False
    cascade: bool = False
    position: int = 0


@dataclass(frozen=True, slots=True)
class AlterColumnType:
    """ALTER COLUMN TYPE [USING]."""

    name: str
    type: TypeName
    using: Expression | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class SetDefault:
    """ALTER COLUMN SET DEFAULT, or DROP DEFAULT where `default` is None."""

    name: str
    default: Expression | None
    position: int = 0


@dataclass(frozen=True, slots=True)
class SetNotNull:
    """ALTER COLUMN SET NOT NULL, or DROP NOT NULL."""

    name: str
    not_null: bool
    position: int = 0


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """ADD CONSTRAINT."""

    constraint: TableConstraint
    not_valid: bool = False


@dataclass(frozen=True, slots=True)
class AlterConstraint:
    """ALTER CONSTRAINT name [NOT] DEFERRABLE [INITIALLY ...], of a foreign key."""

    name: str
    deferrable: bool
    initially_deferred: bool


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """DROP CONSTRAINT."""

    name: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """RENAME [COLUMN] old TO new."""

    old: str
    new: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class RenameRelation:
    """RENAME TO."""

    new: str


@dataclass(frozen=True, slots=True)
class RenameConstraint:
    """RENAME CONSTRAINT old TO new."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SetRelationSchema:
    """SET SCHEMA."""

    schema: str


@dataclass(frozen=True, slots=True)
class SetOwner:
    """OWNER TO."""

    role: RoleSpec


@dataclass(frozen=True, slots=True)
class SetRowSecurity:
    """ENABLE, DISABLE, FORCE and NO FORCE ROW LEVEL SECURITY; None where not said."""

    enabled: bool | None = None
    forced: bool | None = None


@dataclass(frozen=True, slots=True)
class SetViewOptions:
    """ALTER VIEW SET (...) and RESET (...): names with their values, None to reset."""

    options: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class ValidateConstraint:
    """VALIDATE CONSTRAINT."""

    name: str


@dataclass(frozen=True, slots=True)
class AddIdentity:
    """ALTER COLUMN ADD GENERATED ... AS IDENTITY."""

    name: str
    identity: Literal["ALWAYS", "BY DEFAULT"]
    options: SequenceOptions = SequenceOptions()


@dataclass(frozen=True, slots=True)
class DropIdentity:
    """ALTER COLUMN DROP IDENTITY."""

    name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Restart:
    """RESTART [WITH value] of a sequence; None is its start value."""

    value: int | None = None


@dataclass(frozen=True, slots=True)
class AlterSequence:
    """ALTER SEQUENCE's options; `owner` is set by OWNED BY, whose NONE is a column of no table."""

    options: SequenceOptions = SequenceOptions()
    restart: Restart | None = None
    owner: tuple[Name, str] | Literal["NONE"] | None = None


@dataclass(frozen=True, slots=True)
class AlterIdentity:
    """ALTER COLUMN SET GENERATED, SET sequence option, RESTART, in any number."""

    name: str
    identity: Literal["ALWAYS", "BY DEFAULT"] | None = None
    sequence: AlterSequence = AlterSequence()


AlterAction: TypeAlias = (
    AddColumn
    | DropColumn
    | AlterColumnType
    | SetDefault
    | SetNotNull
    | AddConstraint
    | AlterConstraint
    | DropConstraint
    | RenameColumn
    | RenameRelation
    | RenameConstraint
    | SetRelationSchema
    | SetOwner
    | SetRowSecurity
    | SetViewOptions
    | ValidateConstraint
    | AddIdentity
    | DropIdentity
    | AlterIdentity
    | AlterSequence
)


@dataclass(frozen=True, slots=True)
class Alter:
    """ALTER TABLE | INDEX | VIEW | SEQUENCE | SCHEMA with its actions."""

    kind: Literal["TABLE", "INDEX", "VIEW", "SEQUENCE", "SCHEMA"]
    name: Name
    actions: tuple[AlterAction, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE."""

    names: tuple[Name, ...]
    restart_identity: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class LockTable:
    """LOCK TABLE; `mode` as in ROW EXCLUSIVE."""

    names: tuple[Name, ...]
    mode: str
    nowait: bool = False


# Bulk and maintenance -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """Options of COPY; None where not said."""

    format: Literal["text", "csv", "binary"] = "text"
    delimiter: str | None = None
    null: str | None = None
    header: Literal["match"] | bool = False
    quote: str | None = None
    escape: str | None = None
    force_quote: tuple[str, ...] | Literal["*"] = ()
    force_not_null: tuple[str, ...] = ()
    force_null: tuple[str, ...] = ()
    encoding: str | None = None
    freeze: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """COPY table [(columns)] FROM STDIN | TO STDOUT, COPY (query) TO STDOUT.

    `file` is set where the client named a server-side file or PROGRAM instead.
    """

    direction: Literal["from", "to"]
    table: Name | None
    query: Query | Insert | Update | Delete | None = None
    columns: tuple[str, ...] = ()
    options: CopyOptions = field(default_factory=CopyOptions)
    where: Expression | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Analyze:
    """ANALYZE [table [(columns)], ...]; none means all."""

    names: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Vacuum:
    """VACUUM [(options)] [table, ...]."""

    names: tuple[Name, ...] = ()
    analyze: bool = False


@dataclass(frozen=True, slots=True)
class Reindex:
    """REINDEX INDEX | TABLE [CONCURRENTLY] name."""

    kind: Literal["INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"]
    name: Name | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """CHECKPOINT."""


# Prepared statements by SQL -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prepare:
    """PREPARE name (types) AS statement; `text` is the inner statement's own text."""

    name: str
    types: tuple[TypeName, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Execute:
    """EXECUTE name (arguments)."""

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Deallocate:
    """DEALLOCATE name; None is ALL."""

    name: str | None


@dataclass(frozen=True, slots=True)
class DeclareCursor:
    """DECLARE name CURSOR FOR query."""

    name: str
    tree: exp.Expression
    is_scrollable: bool = False
    is_held: bool = False
    is_binary: bool = False


@dataclass(frozen=True, slots=True)
class Fetch:
    """FETCH or MOVE through a cursor; `direction` is forward, backward, absolute or relative, `count` None
    is ALL, a negative one turns round.
    """

    name: str
    direction: str
    count: int | None
    is_move: bool = False


@dataclass(frozen=True, slots=True)
class CloseCursor:
    """CLOSE name; None is ALL."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Unlisten:
    """UNLISTEN channel; None is *."""

    channel: str | None


# Roles and privileges --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """A role as written: a name, or CURRENT_USER, SESSION_USER, PUBLIC (`word`)."""

    name: str
    word: Literal["current_user", "session_user", "public"] | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class RoleOptions:
    """Options of CREATE and ALTER ROLE; None where not said. PASSWORD NULL is ''."""

    flags: tuple[tuple[str, bool], ...] = ()  # fields of core's Role
    connection_limit: int | None = None
    password: str | None = field(default=None, repr=False)
    is_password_null: bool = False
    valid_until: str | None = None
    in_roles: tuple[RoleSpec, ...] = ()
    members: tuple[RoleSpec, ...] = ()
    admins: tuple[RoleSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateRole:
    """CREATE ROLE | USER | GROUP; USER is a role that may log in."""

    name: RoleSpec
    options: RoleOptions = RoleOptions()


@dataclass(frozen=True, slots=True)
class AlterRole:
    """ALTER ROLE name options."""

    role: RoleSpec
    options: RoleOptions


@dataclass(frozen=True, slots=True)
class RenameRole:
    """ALTER ROLE name RENAME TO new."""

    name: str
    new: str


@dataclass(frozen=True, slots=True)
class AlterRoleSettings:
    """ALTER ROLE name | ALL [IN DATABASE name] SET | RESET, and ALTER DATABASE name SET | RESET.

    `role` None is all. `setting` None is RESET ALL; its value None is RESET.
    """

    role: RoleSpec | None
    database: str | None
    setting: SetSetting | None
    is_of_database: bool = False


@dataclass(frozen=True, slots=True)
class AlterDatabaseOwner:
    """ALTER DATABASE name OWNER TO."""

    database: str
    owner: RoleSpec


@dataclass(frozen=True, slots=True)
class DropRole:
    """DROP ROLE | USER | GROUP."""

    names: tuple[RoleSpec, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class GrantRole:
    """GRANT or REVOKE of membership; options are admin, inherit, set. A revoked option leaves the rest."""

    roles: tuple[str, ...]
    members: tuple[RoleSpec, ...]
    is_grant: bool = True
    options: tuple[tuple[str, bool], ...] = ()
    grantor: RoleSpec | None = None
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class Privilege:
    """A word of GRANT, 'all' among them, perhaps for some columns."""

    word: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT or REVOKE on objects. `kind` is TABLE (any relation), SEQUENCE, SCHEMA, DATABASE, FUNCTION, ...

    `in_schemas` is ALL ... IN SCHEMA. `with_option` is WITH GRANT OPTION, or GRANT OPTION FOR.
    """

    privileges: tuple[Privilege, ...]
    kind: str
    names: tuple[Name, ...]
    roles: tuple[RoleSpec, ...]
    is_grant: bool = True
    in_schemas: bool = False
    with_option: bool = False
    grantor: RoleSpec | None = None
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class AlterDefaultPrivileges:
    """ALTER DEFAULT PRIVILEGES; `grant.kind` is TABLE, SEQUENCE, SCHEMA, FUNCTION or TYPE."""

    grant: Grant
    for_roles: tuple[RoleSpec, ...] = ()
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReassignOwned:
    """REASSIGN OWNED BY roles TO role."""

    roles: tuple[RoleSpec, ...]
    to: RoleSpec


@dataclass(frozen=True, slots=True)
class DropOwned:
    """DROP OWNED BY roles."""

    roles: tuple[RoleSpec, ...]
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class CreatePolicy:
    """CREATE POLICY."""

    name: str
    table: Name
    is_permissive: bool = True
    command: Literal["ALL", "SELECT", "INSERT", "UPDATE", "DELETE"] = "ALL"
    roles: tuple[RoleSpec, ...] = ()
    using: Expression | None = None
    check: Expression | None = None


@dataclass(frozen=True, slots=True)
class AlterPolicy:
    """ALTER POLICY; None where not said."""

    name: str
    table: Name
    roles: tuple[RoleSpec, ...] | None = None
    using: Expression | None = None
    check: Expression | None = None
    new_name: str | None = None


@dataclass(frozen=True, slots=True)
class DropPolicy:
    """DROP POLICY."""

    name: str
    table: Name
    if_exists: bool = False


Statement: TypeAlias = (
    Query | Insert | Update | Delete | Explain
    | Begin | Commit | Rollback | Savepoint | ReleaseSavepoint | RollbackTo | SetTransaction
    | SetConstraints
    | SetSetting | ShowSetting | ResetSetting | Discard
    | CreateTable | CreateTableAs | CreateView | CreateSchema | CreateSequence | CreateExtension | CreateIndex
    | Drop | Alter | Truncate | LockTable
    | Copy | Analyze | Vacuum | Reindex | Checkpoint
    | Prepare | Execute | Deallocate
    | DeclareCursor | Fetch | CloseCursor | Unlisten
    | CreateRole | AlterRole | RenameRole | AlterRoleSettings | AlterDatabaseOwner | DropRole | GrantRole
    | Grant | AlterDefaultPrivileges | ReassignOwned | DropOwned | CreatePolicy | AlterPolicy | DropPolicy
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedStatement:
    """One statement of the client's text.

    `parameter_count` is the highest $n. `text` is the statement's own text, without the semicolon;
    `start` is its 0-based offset in the client's text.
    """

    statement: Statement
    text: str
    start: int
    parameter_count: int = 0
