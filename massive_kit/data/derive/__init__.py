"""Store to store: each transform records its lineage."""
