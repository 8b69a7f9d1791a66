"""What this app holds about people (lib/personal.py): who asked for what, who read which purpose, what is to go."""

from lib.personal import Keep, table

TABLES = (
    table(
        "privacy.RightsRequest", "開示などの請求の処理簿", Keep.STAFF, people="staff",
        plain="id uuid municipality staff kind received_on due_on decision decided_on done_on version",
        words="number note",
    ),
    table("privacy.PurposeSeen", "利用目的を読んだ記録", Keep.STAFF, people="staff", plain="id staff number at"),
    table(
        "privacy.Hold", "保存の延長", Keep.STAFF, people="staff",
        plain="id uuid municipality staff at ended_at", words="reason", other="by",
    ),
    # Shows afterwards that somebody was erased, and when: it points at the stub alone.
    table("privacy.RetentionItem", "消去の予定の行", plain="id run staff keep limit rows"),
    table(
        "privacy.RetentionRun", "消去の予定",
        plain="id uuid municipality day state proposed_at due_at agreed_at done_at counts version",
        other="proposed_by agreed_by",
    ),
    table("privacy.RetentionYears", "保存期間", plain="id municipality keep years"),
    table("privacy.Permit", "消去の許可", plain="id run never"),
    table("privacy.Purpose", "利用目的", plain="id municipality number text line at", other="by"),
)  # fmt: skip
