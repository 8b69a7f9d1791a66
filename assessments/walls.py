"""Where the second wall stands (lib/walls.py, docs/adr/0052)."""

from lib.walls import Wall

_ENTRY = Wall("assessments_entry")
_RECORD = Wall("assessments_foreignrecord")
_OWN = (
    "attachment",
    "confirmation",
    "cycle",
    "draft",
    "exclusion",
    "extension",
    "leftover",
    "proxy",
    "rating",
    "ratingevidence",
    "reconfirmation",
    "remark",
    "reminder",
    "reply",
    "revision",
    "savedexport",
    "sheet",
    "signingkey",
    "statement",
    "target",
    "transferwish",
    "trustedissuer",
    "versionchange",
)
_KINDS = ("experience", "certification", "training", "career", "handover")

ROW_WALL = (
    _ENTRY,
    _RECORD,
    *(Wall(f"assessments_{name}") for name in _OWN),
    *(Wall(f"assessments_{name}", column="entry_ptr_id", under=_ENTRY) for name in _KINDS),
    Wall("assessments_entrycell", column="entry_id", under=_ENTRY),
    Wall("assessments_foreignlevel", column="record_id", under=_RECORD),
)
