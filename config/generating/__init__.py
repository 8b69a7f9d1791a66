"""Synthetic municipalities of any size, by bulk load (docs/adr/0072): `generate`, for the command, bench and tests."""

from config.generating.running import Generated, Refused, generate

__all__ = ["Generated", "Refused", "generate"]
