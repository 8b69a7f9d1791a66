"""Where the second wall stands, what stands outside it, and the doors in it (lib/walls.py, docs/adr/0052)."""

from lib.walls import Door, Wall

ROW_WALL = (
    Wall("organization_municipality", column="id"),
    Wall("organization_comingchange"),
    Wall("organization_department"),
    Wall("organization_importbatch"),
    Wall("organization_headermapping"),
    Wall("organization_job"),
    Wall("organization_position"),
    Wall("organization_posting"),
    Wall("organization_leave"),
    Wall("organization_staff"),
    Wall("organization_grant"),
    Wall("organization_signincode"),
    Wall("organization_staffsession"),
    Wall("organization_authenticatorapp"),
    Wall("organization_passkey"),
    Wall("organization_recoverycode"),
    Wall("organization_apitoken"),
)

# Tables of nobody, with the reason; True where the web process writes them.
OPEN = {
    "django_session": (True, "read to learn who asks; holds keys, no words of a person"),
    "organization_attempt": (
        True,
        "counted before it is known who asks; holds hashes, counts and times, no words of a person",
    ),
    "organization_spentassertion": (
        True,
        "written before it is known who asks; holds a hash and a time, no words of a person",
    ),
    "django_tasks_database_dbtaskresult": (
        True,
        "the queue holds the uuid of a job and its municipality alone",
    ),
    "django_content_type": (False, "names of models"),
    "auth_permission": (False, "Django's own rights, unused"),
    "auth_group": (False, "Django's own groups, unused"),
    "auth_group_permissions": (False, "Django's own groups, unused"),
}

# What has to be known before it is known whose request it is, or across municipalities: each gives away a number,
# a yes or no, or names that the caller sent. Whoever needs another one adds it here, with the reason.
DOORS = (
    # Sign-in by a name that is unique in the installation.
    Door(
        "skill_municipality_of_username",
        "wanted text",
        "bigint",
        "SELECT municipality_id FROM organization_staff WHERE username = wanted",
    ),
    # A session from before the municipality was kept in it.
    Door(
        "skill_municipality_of_staff",
        "wanted bigint",
        "bigint",
        "SELECT municipality_id FROM organization_staff WHERE id = wanted",
    ),
    # The JSON interface: the hash of 256 random bits.
    Door(
        "skill_municipality_of_token",
        "wanted text",
        "bigint",
        "SELECT municipality_id FROM organization_apitoken WHERE token_hash = wanted",
    ),
    # Sign-in by a passkey alone: the id of a key, which only the device and we know.
    Door(
        "skill_municipality_of_passkey",
        "wanted text",
        "bigint",
        "SELECT municipality_id FROM organization_passkey WHERE credential_id = wanted",
    ),
    # Sign-in by another system: in which municipalities somebody has the name that it vouches for.
    Door(
        "skill_municipalities_of_person",
        "wanted text, by_number boolean",
        "SETOF bigint",
        "SELECT DISTINCT municipality_id FROM organization_staff WHERE CASE WHEN by_number "
        "THEN upper(staff_number) = upper(wanted) ELSE upper(username) = upper(wanted) END LIMIT 10",
    ),
    # New accounts: which sign-in names are given away already.
    Door(
        "skill_taken_usernames",
        "wanted text[]",
        "SETOF text",
        "SELECT username::text FROM organization_staff WHERE username = ANY (wanted)",
    ),
    # New accounts: whether sign-in names need the 団体コード before the number.
    Door(
        "skill_several_municipalities",
        "",
        "boolean",
        "SELECT count(*) > 1 FROM organization_municipality",
    ),
)
