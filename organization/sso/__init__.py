"""Signing in by other systems: what they say, checked, and whose account it opens (docs/adr/0051)."""
