"""What this app holds about people (lib/personal.py): the 年度票 of each year and the スキル履歴書."""

from lib.personal import Keep, Table, table

_YEAR = {"people": "sheet__staff", "since": "sheet__fiscal_year"}
_REVISION = {"people": "revision__sheet__staff", "since": "revision__sheet__fiscal_year"}

_SHEETS = (
    table(
        "assessments.Sheet", "年度票", Keep.SHEET, people="staff", since="fiscal_year",
        plain="id uuid municipality staff cycle fiscal_year framework_version department department_path employment"
        " state current_revision submitted_at confirmed_at without_confirmer updated_at version",
        words="position",
    ),
    table(
        "assessments.Draft", "年度票の下書き", Keep.SHEET, **_YEAR,
        plain="id municipality sheet cell step carried_from review updated_at version", words="evidence",
    ),
    table(
        "assessments.Revision", "年度票の提出版", Keep.SHEET, **_YEAR,
        plain="id uuid municipality sheet number kind submitted_at", words="reason", other="submitted_by",
    ),
    table(
        "assessments.Rating", "自己の到達度と根拠", Keep.SHEET, **_REVISION,
        plain="id municipality revision cell step carried_from review", words="evidence",
    ),
    table(
        "assessments.RatingEvidence", "根拠にした記録", Keep.SHEET, **_REVISION,
        plain="id municipality revision cell entry", words="title",
    ),
    table(
        "assessments.Confirmation", "確認の到達度とコメント", Keep.SHEET, **_REVISION,
        plain="id municipality revision cell level visibility updated_at version", opinion="step comment",
        other="confirmer",
    ),
    table(
        "assessments.Remark", "差戻しの理由と確認のコメント", Keep.SHEET, **_REVISION,
        plain="id municipality revision kind visibility at", opinion="text", other="author",
    ),
    table(
        "assessments.Reply", "確認への返事", Keep.SHEET, **_REVISION,
        plain="id municipality revision cell again at", words="text",
    ),
    table(
        "assessments.Reconfirmation", "再確認", Keep.SHEET, **_YEAR,
        plain="id municipality sheet revision state asked_at referred_at decided_at", opinion="referral reason",
        other="referred_by decided_by",
    ),
    table(
        "assessments.Target", "目標", Keep.SHEET, **_YEAR, plain="id municipality sheet cell step", words="reason"
    ),
    table(
        "assessments.Proxy", "代理入力", Keep.SHEET, **_YEAR,
        plain="id uuid municipality sheet ground opened_at revision closed_at consent consent_at version",
        words="answer", other="opened_by consent_by",
    ),
    table(
        "assessments.Leftover", "確定しないまま終えた年度票", Keep.SHEET, **_YEAR,
        plain="id municipality cycle sheet decision decided_at", other="decided_by",
    ),
    table(
        "assessments.Exclusion", "年度の対象外", Keep.SHEET, people="staff", since="cycle__fiscal_year",
        plain="id municipality cycle department staff created_at", words="reason",
    ),
)  # fmt: skip

_ENTRIES = (
    table(
        "assessments.Entry", "スキル履歴書の記録", Keep.ENTRY, people="staff",
        plain="id uuid municipality staff kind start end foreign_record created_at updated_at removed_at version",
        words="title text", other="created_by updated_by",
    ),
    table("assessments.EntryCell", "記録が示す項目", Keep.ENTRY, people="entry__staff", plain="id entry cell_code"),
    table(
        "assessments.Experience", "業務経験", Keep.ENTRY, people="staff", plain="entry_ptr category",
        words="role size result",
    ),
    table(
        "assessments.Certification", "資格", Keep.ENTRY, people="staff",
        plain="entry_ptr qualification registered_on renew_by", words="registration_number",
    ),
    table(
        "assessments.Training", "研修", Keep.ENTRY, people="staff",
        plain="entry_ptr course form hours fee state", words="provider result",
    ),
    table("assessments.Career", "所属の履歴", Keep.ENTRY, people="staff", plain="entry_ptr", words="role"),
    table(
        "assessments.Handover", "引継ぎメモ", Keep.ENTRY, people="staff", plain="entry_ptr is_done",
        other="successor",
    ),
    table(
        "assessments.Attachment", "添付ファイル", Keep.ENTRY, people="entry__staff",
        file="assessments.files.path_of",
        plain="id uuid municipality entry content_type size sha256 added_at removed_at", words="label",
        other="added_by",
    ),
    table(
        "assessments.Statement", "得意・学びたいこと", Keep.ENTRY, people="staff",
        plain="id municipality staff updated_at version", words="strengths interests",
    ),
    table(
        "assessments.ForeignRecord", "持ち込んだ記録", Keep.ENTRY, people="staff",
        plain="id uuid municipality staff public_key record_id issued_at imported_at sha256 removed_at",
        words="issuer_name",
    ),
    table(
        "assessments.ForeignLevel", "ほかの団体で確定した到達度", Keep.ENTRY, people="record__staff",
        plain="id record fiscal_year cell_code step confirmed_on", words="framework cell_name",
    ),
)  # fmt: skip

TABLES: tuple[Table, ...] = (
    *_SHEETS,
    *_ENTRIES,
    table(
        "assessments.TransferWish", "異動希望", Keep.WISH, people="staff", since="fiscal_year",
        plain="id municipality staff fiscal_year wish updated_at version", words="place reason",
    ),
    table(
        "assessments.Reminder", "お願い", Keep.WORK, people="staff", since="asked_at",
        plain="id municipality cycle staff kind channel state day asked_at sent_at", other="asked_by",
    ),
    table(
        "assessments.SavedExport", "保存した出力の条件", Keep.WORK, people="owner", since="created_at",
        plain="id uuid municipality owner kind created_at last_run_at version", words="name params",
    ),
    table(
        "assessments.Cycle", "年度",
        plain="id uuid municipality fiscal_year framework_version state reference_date steps employments copied_from"
        " confirmer_date starts_on submit_by confirm_by final_without_confirmer opened_at closed_at version",
    ),
    table(
        "assessments.Extension", "締切の延長",
        plain="id uuid municipality cycle department submit_by confirm_by reason created_at version",
    ),
    table(
        "assessments.VersionChange", "年度の版の移行",
        plain="id uuid municipality cycle earlier later counts at undone_at", other="by undone_by",
    ),
    table(
        "assessments.SigningKey", "署名の鍵", plain="id municipality public_key created_at retired_at",
        hidden="private_key",
    ),
    table(
        "assessments.TrustedIssuer", "信頼する発行元",
        plain="id uuid municipality name public_key added_at withdrawn_at", other="added_by",
    ),
)  # fmt: skip
