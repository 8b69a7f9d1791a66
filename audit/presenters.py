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
    "sheet.start": "年度票の記入を始めた",
    "import.upload": "取り込むファイルを確かめた",
    "import.apply": "ファイルを取り込んだ",
    "import.discard": "取込みをやめた",
    "staff.edit": "職員の登録を変えた",
    "staff.post": "発令を登録した",
    "department.create": "所属を作った",
    "department.edit": "所属を変えた",
    "position.edit": "職位の表を変えた",
    "sheet.submit": "年度票を提出した",
    "sheet.withdraw": "提出を取り下げた",
    "sheet.view": "年度票を見た",
    "sheet.confirmations_saved": "確認を一時保存した",
    "sheet.confirm_first": "年度票を一次確認した",
    "sheet.confirm": "年度票を確定した",
    "sheet.confirm_without_confirmer": "確認者なしで年度票を確定した",
    "sheet.send_back": "年度票を差し戻した",
    "sheet.correct": "確定した年度票を訂正した",
    "resume.view": "スキル履歴書を見た",
    "export.records": "記録を出力した",
    "export.coverage": "充足状況を出力した",
    "profile.change": "期待像を変えた",
    "experienced.view": "所属にいた経験者を見た",
    "needs.change": "必要人数を変えた",
    "four_way.override": "職員数とスキルの確保に、計算と違う判断を付けた",
    "four_way.withdraw": "職員数とスキルの確保の判断を取り消した",
    "export.four_way": "職員数とスキルの確保を出力した",
    "measure.decide": "対応方針を決めた",
    "measure.change": "対応方針を変えた",
    "export.measures": "対応方針を出力した",
    "cycle.prepare": "年度を用意した",
    "cycle.change": "年度の日付を変えた",
    "cycle.open": "年度を開いた",
    "cycle.add_sheets": "年度票を追加した",
    "cycle.close": "年度を終えた",
    "framework.load": "体系を読み込んだ",
    "framework.publish": "体系を公開した",
}


def describe(event: Event) -> str:
    """Return what was done, in words; the code itself for an action without a sentence."""
    return SENTENCES.get(event.action, event.action)
