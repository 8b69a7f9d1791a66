"""Where the second wall stands in the trail (lib/walls.py, docs/adr/0052)."""

from lib.walls import Wall

ROW_WALL = (
    # Of somebody who is not known yet there are events too, as a sign-in that was refused: they are nobody's.
    Wall("audit_event", nobody=True, append_only=True),
    Wall("audit_eventpayload", nobody=True, append_only=True),
    # Written by `seal_audit`, as the owner; the web process reads.
    Wall("audit_seal", append_only=True),
    Wall("audit_chainstart", append_only=True),
    Wall("audit_alarm"),
    Wall("audit_receipt", append_only=True),
)
