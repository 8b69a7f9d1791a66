"""Where the second wall stands (lib/walls.py, docs/adr/0052)."""

from lib.walls import Wall

_MOVE = Wall("gaps_scenariomove")

ROW_WALL = (
    Wall("gaps_fourwayoverride"),
    Wall("gaps_measure"),
    Wall("gaps_measureperson"),
    Wall("gaps_need"),
    Wall("gaps_externalcover"),
    Wall("gaps_countingrule"),
    Wall("gaps_scenario"),
    _MOVE,
    Wall("gaps_scenariostep", column="move_id", under=_MOVE),
    Wall("gaps_tally"),
    Wall("gaps_celltally"),
    Wall("gaps_tallychange"),
)
