"""Changes of several models of the app, one module a noun."""

from gaps.workflow.needs import ENDED, STALE, CellNeed, Needs, Stale, load_needs, load_years, save_needs

__all__ = ["ENDED", "STALE", "CellNeed", "Needs", "Stale", "load_needs", "load_years", "save_needs"]
