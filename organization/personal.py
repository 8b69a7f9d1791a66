"""What this app holds about people (lib/personal.py)."""

from lib.personal import Gone, Keep, table

TABLES = (
    # Others' records point at the row: it stays as a stub without a name.
    table(
        "organization.Staff", "職員", Keep.STAFF, people="pk", gone=Gone.BLANK,
        plain="id uuid municipality employment left_on is_active must_change_password last_login version",
        words="username staff_number name kana former_name email search", hidden="password",
    ),
    table(
        "organization.Posting", "発令", Keep.STAFF, people="staff",
        plain="id uuid municipality staff department kind line_role start end version", words="position",
    ),
    table(
        "organization.Leave", "休職・育休", Keep.STAFF, people="staff",
        plain="id uuid municipality staff kind start end version",
    ),
    table(
        "organization.ComingChange", "先の日付の変更", Keep.STAFF, people="staff",
        plain="id municipality staff starts batch created_at applied_at cancelled_at", words="values",
    ),
    table(
        "organization.Grant", "権限", Keep.STAFF, people="staff",
        plain="id uuid municipality staff role granted_at withdrawn_at", other="granted_by withdrawn_by",
    ),
    table(
        "organization.SignInCode", "初回ログインの番号", Keep.SIGNIN, people="staff", since="issued_at",
        plain="id uuid municipality staff issued_at valid_until used_at revoked_at", other="issued_by",
        hidden="code_hash",
    ),
    table(
        "organization.StaffSession", "ログインした端末", Keep.SIGNIN, people="staff", since="began_at",
        plain="id uuid municipality staff how device address began_at seen_at ended_at ended_how", hidden="session_key",
    ),
    table(
        "organization.AuthenticatorApp", "認証アプリ", Keep.STAFF, people="staff",
        plain="id uuid municipality staff last_step added_at last_used_at", hidden="sealed",
    ),
    table(
        "organization.Passkey", "パスキー", Keep.STAFF, people="staff",
        plain="id uuid municipality staff rp_id sign_count transports added_at last_used_at", words="name",
        hidden="credential_id public_key",
    ),
    table(
        "organization.RecoveryCode", "予備コード", Keep.STAFF, people="staff",
        plain="id uuid municipality staff made_at used_at", hidden="code_hash",
    ),
    table(
        "organization.Job", "作成の依頼", Keep.WORK, people="owner", since="created_at",
        file="organization.jobs.path_of",
        plain="id uuid municipality owner kind params state done total message file_name content_type size created_at"
        " started_at beat_at finished_at expires_at",
        words="title",
    ),
    # One file names many people and cannot be cut: its bytes go whole, its counts stay.
    table(
        "organization.ImportBatch", "取り込んだファイル", Keep.FILE, gone=Gone.BLANK, since="uploaded_at",
        plain="id uuid municipality kind state sha256 mapping options counts uploaded_at applied_at undone_at job version",
        words="file_name content undo preview", other="uploaded_by",
    ),
    table(
        "organization.HeaderMapping", "列の対応のひな形",
        plain="id municipality kind name columns options version",
    ),
    table("organization.Municipality", "団体", plain="id uuid code name kind population_band contact"),
    table(
        "organization.Department", "所属",
        plain="id uuid municipality code name parent path rank valid_from valid_to successor version",
    ),
    table(
        "organization.Position", "職位の表", plain="id uuid municipality name line_role rank retired version"
    ),
    table(
        "organization.ApiToken", "連携トークン",
        plain="id uuid municipality name reason scopes department hint issued_at expires_at revoked_at last_used_at",
        other="issued_by revoked_by", hidden="token_hash",
    ),
    # Hashes and counts under SECRET_KEY, for a day.
    table(
        "organization.Attempt", "ログインの試し", plain="id failures held_until last_at", hidden="key_hash name_hash"
    ),
    # A hash of what another system issued; goes when that would have run out.
    table("organization.SpentAssertion", "使われたSAMLの認証", plain="id keep_until", hidden="key_hash"),
)  # fmt: skip
