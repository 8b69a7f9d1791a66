"""SQLite as Django speaks it, which reads on where the disk has become read-only (docs/adr/0066)."""
