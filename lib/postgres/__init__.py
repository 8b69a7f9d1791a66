"""PostgreSQL as Django speaks it, with the municipality said in every statement (docs/adr/0052)."""

# Read by every policy: the id of the municipality, 0 for nobody, empty for the operator.
SETTING = "skill.municipality"
# The plain role: no superuser, owner of nothing.
APP_ROLE = "rirekisho_app"
