"""sqlvec: a vector database that speaks PostgreSQL.

>>> import sqlvec
>>> sqlvec.connect(":memory:").execute("select 1 + 1").fetchall()
[(2,)]
"""

from .core.errors import SqlError
from .database import Connection, Database, connect
from .result import Result
from .serve import serve

__version__ = "0.1.0"

__all__ = ["Connection", "Database", "Result", "SqlError", "__version__", "connect", "serve"]
