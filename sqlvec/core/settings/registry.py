"""SETTINGS: the one list of settings; SHOW, SET, pg_settings and docs read it.

Order: those reported at start-up come first, in PostgreSQL 15's order, since clients print them so.
"""

from __future__ import annotations

from .setting import (
    MEMORY_KB,
    TIME_MS,
    TIME_S,
    Parse,
    Scope,
    Setting,
    boolean,
    date_style,
    encoding,
    enum,
    integer,
    real,
    string,
    timezone,
)

SERVER_VERSION = "15.20"  # the PostgreSQL whose behaviour we claim; clients ask by it
ISOLATION = ("read uncommitted", "read committed", "repeatable read", "serializable")
_MAX_INT = 2**31 - 1


def _bool(name: str, default: str, doc: str, category: str = "Query Tuning") -> Setting:
    return Setting(name, default, boolean, doc, vartype="bool", category=category)


def _int(
    name: str,
    default: str,
    low: int,
    high: int,
    doc: str,
    *,
    units: dict[str, float] | None = None,
    scope: Scope = Scope.SESSION,
) -> Setting:
    unit = None if units is None else next(suffix for suffix, factor in units.items() if factor == 1)
    return Setting(
        name,
        default,
        integer(low, high, units),
        doc,
        scope=scope,
        vartype="integer",
        unit=unit,
        minimum=str(low),
        maximum=str(high),
    )


def _server(name: str, default: str, doc: str, parse: Parse = string, vartype: str = "string") -> Setting:
    """An option of the server, seen from a session; the value is what serve.py told the engine."""
    return Setting(
        name,
        default,
        parse,
        doc,
        scope=Scope.STARTUP,
        vartype=vartype,
        category="Connections and Authentication",
    )


def _enum(name: str, default: str, choices: tuple[str, ...], doc: str) -> Setting:
    return Setting(name, default, enum(*choices), doc, vartype="enum", choices=choices)


SETTINGS: tuple[Setting, ...] = (
    Setting("application_name", "", string, "The client's name for itself.", reported=True),
    Setting("client_encoding", "UTF8", encoding, "Encoding of text to and from the client.", reported=True),
    Setting("DateStyle", "ISO, MDY", date_style, "How dates print, and the order of their parts.", reported=True),
    Setting("default_transaction_read_only", "off", boolean, "Whether transactions start read-only.", reported=True),
    Setting("in_hot_standby", "off", boolean, "Always off.", scope=Scope.INTERNAL, reported=True),
    Setting("integer_datetimes", "on", boolean, "Always on.", scope=Scope.INTERNAL, reported=True),
    Setting(
        "IntervalStyle", "postgres", enum("postgres", "postgres_verbose", "sql_standard", "iso_8601"),
        "How intervals print.", reported=True, vartype="enum",
    ),
    Setting("is_superuser", "on", boolean, "Whether the user is a superuser.", scope=Scope.INTERNAL, reported=True),
    Setting("server_encoding", "UTF8", string, "Always UTF8.", scope=Scope.INTERNAL, reported=True),
    Setting("server_version", SERVER_VERSION, string, "The PostgreSQL we are compatible with.", scope=Scope.INTERNAL, reported=True),
    Setting("session_authorization", "postgres", string, "The session's user.", reported=True),
    Setting("standard_conforming_strings", "on", boolean, "Backslashes in '...' are literal; always on.", reported=True, vartype="bool"),
    Setting("TimeZone", "UTC", timezone, "Time zone of timestamptz, printed and read.", reported=True),
    # What clients set at start-up or between statements.
    Setting("search_path", '"$user", public', string, "Schemas that unqualified names are looked up in."),
    Setting("role", "none", string, "The current role."),
    Setting("server_version_num", "150020", string, "server_version as a number.", scope=Scope.INTERNAL),
    Setting("max_identifier_length", "63", string, "Longest name, in bytes.", scope=Scope.INTERNAL),
    Setting("max_index_keys", "32", string, "Most columns of an index.", scope=Scope.INTERNAL),
    Setting("block_size", "8192", string, "Nominal page size.", scope=Scope.INTERNAL),
    Setting("lc_collate", "C", string, "Collation of databases.", scope=Scope.INTERNAL),
    Setting("lc_ctype", "C", string, "Character classes of databases.", scope=Scope.INTERNAL),
    # How the server was started.
    _int("max_connections", "100", 1, 262143, "Most concurrent connections.", scope=Scope.STARTUP),
    _int("superuser_reserved_connections", "0", 0, 262143, "Connections of these that only superusers get.", scope=Scope.STARTUP),
    _int("authentication_timeout", "1min", 1, 600, "Longest time a client may take to log in.", units=TIME_S, scope=Scope.STARTUP),
    _server("listen_addresses", "", "Address it listens on; empty without a server."),
    _int("port", "0", 0, 65535, "Port it listens on; 0 without a server.", scope=Scope.STARTUP),
    _server("ssl", "off", "Whether TLS is possible.", boolean, "bool"),
    _server("ssl_cert_file", "", "The server's certificate."),
    _server("ssl_key_file", "", "Its private key."),
    _server("ssl_ca_file", "", "Authorities that sign clients' certificates."),
    _server("ssl_min_protocol_version", "TLSv1.2", "Oldest TLS that is spoken."),
    _enum("password_encryption", "scram-sha-256", ("scram-sha-256",), "How new passwords are stored."),
    _int("tcp_keepalives_idle", "0", 0, _MAX_INT, "Silence before a keepalive is sent, in seconds.", scope=Scope.STARTUP),
    _int("tcp_keepalives_interval", "0", 0, _MAX_INT, "Time between keepalives, in seconds.", scope=Scope.STARTUP),
    _int("tcp_keepalives_count", "0", 0, _MAX_INT, "Keepalives that may get lost.", scope=Scope.STARTUP),
    _int("tcp_user_timeout", "0", 0, _MAX_INT, "Longest time that sent bytes may stay unacknowledged, in milliseconds; 0 is the system's.", scope=Scope.STARTUP),
    _enum("client_min_messages", "notice", ("debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"), "Least severity of messages sent."),
    _enum("bytea_output", "hex", ("escape", "hex"), "How bytea prints."),
    _int("extra_float_digits", "1", -15, 3, "Digits of floating point output; above 0 prints exactly."),
    _enum("xmloption", "content", ("content", "document"), "Accepted for clients; there is no xml type."),
    _bool("row_security", "on", "Off: fail where row-level security would hide rows.", "Client Connection Defaults"),
    _bool("check_function_bodies", "on", "Accepted for clients.", "Client Connection Defaults"),
    _bool("synchronize_seqscans", "on", "Accepted for clients.", "Client Connection Defaults"),
    _bool("jit", "off", "Accepted for clients; there is no JIT."),
    _bool("escape_string_warning", "on", "Accepted for clients.", "Client Connection Defaults"),
    _bool("synchronous_commit", "on", "A commit is always on disk before it is acknowledged."),
    Setting("default_tablespace", "", string, "Accepted for clients; there are no tablespaces."),
    Setting("default_table_access_method", "heap", string, "Accepted for clients."),
    Setting("temp_tablespaces", "", string, "Accepted for clients; there are no tablespaces."),
    Setting("lc_messages", "C", string, "Language of messages; always C."),
    Setting("lc_monetary", "C", string, "Accepted for clients."),
    Setting("lc_numeric", "C", string, "Accepted for clients."),
    Setting("lc_time", "C", string, "Accepted for clients."),
    _enum("default_transaction_isolation", "read committed", ISOLATION, "Isolation of new transactions."),
    _enum("transaction_isolation", "read committed", ISOLATION, "Isolation of this transaction."),
    _bool("transaction_read_only", "off", "Whether this transaction is read-only.", "Client Connection Defaults"),
    _bool("transaction_deferrable", "off", "Accepted for clients.", "Client Connection Defaults"),
    _bool("default_transaction_deferrable", "off", "Accepted for clients.", "Client Connection Defaults"),
    _int("statement_timeout", "0", 0, _MAX_INT, "Longest time of a statement; 0 is none.", units=TIME_MS),
    _int("lock_timeout", "0", 0, _MAX_INT, "Longest wait for a lock; 0 is none.", units=TIME_MS),
    _int("idle_session_timeout", "0", 0, _MAX_INT, "Longest idle time outside a transaction; 0 is none.", units=TIME_MS),
    _int("idle_in_transaction_session_timeout", "0", 0, _MAX_INT, "Longest idle time in a transaction; 0 is none.", units=TIME_MS),
    _int("work_mem", "4MB", 64, _MAX_INT, "Accepted for clients; DuckDB manages memory.", units=MEMORY_KB),
    _int("maintenance_work_mem", "64MB", 1024, _MAX_INT, "Accepted for clients.", units=MEMORY_KB),
    _int("max_parallel_maintenance_workers", "2", 0, 1024, "Accepted for clients."),
    _int("max_parallel_workers_per_gather", "2", 0, 1024, "Accepted for clients."),
    _bool("enable_seqscan", "on", "Whether exact scans may be chosen where an index can answer."),
    _bool("enable_indexscan", "on", "Whether vector indexes may be used."),
    _bool("enable_bitmapscan", "on", "Accepted for clients."),
    _bool("enable_indexonlyscan", "on", "Accepted for clients."),
    _bool("enable_sort", "on", "Accepted for clients."),
    _bool("enable_hashjoin", "on", "Accepted for clients."),
    _bool("enable_mergejoin", "on", "Accepted for clients."),
    _bool("enable_nestloop", "on", "Accepted for clients."),
    # pgvector's.
    _int("hnsw.ef_search", "40", 1, 1000, "Search effort of hnsw; when set, it overrides the calibrated effort."),
    _enum("hnsw.iterative_scan", "off", ("off", "relaxed_order", "strict_order"), "Accepted; results are always complete."),
    _int("hnsw.max_scan_tuples", "20000", 1, _MAX_INT, "Accepted; results are always complete."),
    Setting("hnsw.scan_mem_multiplier", "1", real(1, 1000), "Accepted; results are always complete.", vartype="real"),
    _int("ivfflat.probes", "1", 1, 32768, "Lists probed by ivfflat; when set, it overrides the calibrated effort."),
    _enum("ivfflat.iterative_scan", "off", ("off", "relaxed_order"), "Accepted; results are always complete."),
    _int("ivfflat.max_probes", "32768", 1, 32768, "Accepted; results are always complete."),
    # Ours.
    Setting("sqlvec.recall_target", "0.95", real(0, 1), "Least average recall of vector searches; 1 is exact.", vartype="real", category="sqlvec"),
    Setting(
        "sqlvec.force_strategy", "auto", enum("auto", "exact_scan", "prefilter", "filtered_index", "postfilter"),
        "Force a vector search strategy, for tests and comparisons.", vartype="enum",
        choices=("auto", "exact_scan", "prefilter", "filtered_index", "postfilter"), category="sqlvec",
    ),
)  # fmt: skip

RESERVED_PREFIXES = ("hnsw", "ivfflat", "sqlvec")
_BY_NAME = {setting.name.lower(): setting for setting in SETTINGS}


def find_setting(name: str) -> Setting | None:
    """The setting of that name, any case; a dotted name outside our prefixes is a client's own."""
    setting = _BY_NAME.get(name.lower())
    if setting is None and "." in name and prefix_of(name) not in RESERVED_PREFIXES:
        return Setting(
            name.lower(), "", string, "A client's own setting.", category="Customized Options", is_custom=True
        )
    return setting


def prefix_of(name: str) -> str:
    return name.split(".")[0].lower()
