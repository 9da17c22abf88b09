"""Companies whose tables stay in an engine of their own: Spark or PostgreSQL.

`[engine]` in workbook.toml or an address says which; what comes back are lazy
tables, and nothing but counts leaves the engine.
"""

from retention.company.engines.address import from_address, is_address
from retention.company.engines.doors import engine_readers, engine_title

__all__ = ["engine_readers", "engine_title", "from_address", "is_address"]
