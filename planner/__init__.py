"""SQL text to a cost-based plan; touches no data, asks a Catalog Protocol."""
