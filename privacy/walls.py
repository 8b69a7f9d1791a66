"""Where the second wall stands (lib/walls.py, docs/adr/0052)."""

from lib.walls import Wall

_RUN = Wall("privacy_retentionrun")

ROW_WALL = (
    _RUN,
    Wall("privacy_purpose"),
    Wall("privacy_purposeseen", column="staff_id", under=Wall("organization_staff")),
    Wall("privacy_retentionyears"),
    Wall("privacy_retentionitem", column="run_id", under=_RUN),
    Wall("privacy_hold"),
    # Written by `purge`, as the owner, and never committed.
    Wall("privacy_permit", column="run_id", under=_RUN),
    Wall("privacy_rightsrequest"),
)
