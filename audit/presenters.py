"""Events in plain Japanese: one sentence per dotted action."""

from audit.models import Event

SENTENCES = {
    "account.signed_in": "ログインした",
    "account.code_issued": "初回ログインの番号を発行した",
    "account.code_used": "初回ログインの番号を使った",
    "account.password_changed": "パスワードを変更した",
    "account.created": "アカウントを作った",
    "account.opened": "アカウントを使えるようにした",
    "account.closed": "アカウントを止めた",
    "grant.given": "権限を付けた",
    "grant.withdrawn": "権限を取り消した",
    "sheet.submit": "年度票を提出した",
    "sheet.withdraw": "提出を取り下げた",
    "sheet.view": "年度票を見た",
    "sheet.send_back": "年度票を差し戻した",
    "sheet.first_confirm": "年度票を一次確認した",
    "sheet.confirm": "年度票を確定した",
    "sheet.correct": "確定した年度票を訂正した",
    "resume.view": "スキル履歴書を見た",
    "export.records": "記録を出力した",
    "export.coverage": "充足状況を出力した",
}


def describe(event: Event) -> str:
    """Return what was done, in words; the code itself for an action without a sentence."""
    return SENTENCES.get(event.action, event.action)
