"""The databases of earlier releases, and what is asked of an upgrade from each of them (docs/adr/0067)."""
