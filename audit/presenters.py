"""Events in plain Japanese: one sentence per dotted action."""

from audit.models import Event

# What is a reading of somebody's record, by how the action ends.
READING = r"\.(view|print|pdf|xlsx|search)$"
# Whose values 監査 sees: who is who and where. What people wrote about themselves is not in their columns (P04, P32).
_OPEN_VALUES = ("staff.", "department.", "position.", "grant.", "account.", "cycle.")

FIELD_LABELS = {
    "staff_number": "職員番号", "name": "氏名", "kana": "フリガナ", "former_name": "旧姓", "employment": "職員区分",
    "email": "メール", "start": "はじめ", "end": "終わり", "kind": "種別", "department": "所属", "position": "職位",
    "line_role": "確認者区分", "text": "内容", "reason": "理由", "owner_id": "担当", "due": "期限", "cost": "費用",
    "state": "状態", "result": "結果", "title": "名前", "role": "権限", "code": "コード", "parent": "上位の所属",
    "valid_from": "開始日", "valid_to": "終了日", "goals": "育成する職員", "cells": "項目", "note": "メモ",
    "rank": "並び順", "successor": "引き継ぐ所属", "retired": "使わない", "examples": "例", "suited": "向いている人",
    "demands": "項目ごとの必要人数", "steps": "段階", "form": "形式", "hours": "時間", "fee": "費用",
    "starts_on": "はじめの日",
    "ends_on": "終わりの日", "apply_by": "申込みの締切", "place": "場所", "provider_id": "実施機関の番号",
    "reference_date": "基準日", "submit_by": "提出の締切", "confirm_by": "確認の締切", "confirmer_date": "確認者の基準日",
    "final_without_confirmer": "確認者がいないときは提出で確定", "holders": "人数", "strengths": "得意なこと",
    "interests": "学びたいこと", "wish": "希望",
}  # fmt: skip

# What an event tells beside who and whom. A number of the database is named as such: it says nothing to a reader.
DETAIL_LABELS = {
    "again": "再確認を頼んだ数",
    "answer": "答え", "changed": "変わった数", "confirm_by": "確認の締切", "counts": "内訳", "decision": "決めたこと",
    "duties": "業務の数", "evidence": "根拠の数", "failures": "失敗の回数", "fields": "変わった欄", "fingerprint": "中身の照合値",
    "fiscal_year": "年度",
    "format": "形式", "ground": "わけ", "job": "作業の番号", "joining": "入る人数", "key": "鍵", "kinds": "変更の内訳",
    "last_day": "使える最後の日", "leaving": "出る人数", "level": "確認の段階", "lines": "行数", "made": "作った数",
    "measures": "対策の数",
    "method": "操作の種類", "new": "加えた数", "new_positions": "新しい職位の数", "number": "何回目",
    "on_behalf": "本人に代わって",
    "people": "人数", "positions": "職位の数", "postings": "発令の数", "problems": "直すところの数", "removed": "外した数",
    "retired": "使わなくなった数", "revision_id": "提出の内部の番号", "role": "立場か権限", "rows": "行数",
    "scopes": "読める範囲",
    "digest": "内容の照合値",
    "sha256": "ファイルの照合値", "shared": "ほかの人にも見せる", "sheets": "年度票の数", "since": "いつから",
    "size": "大きさ（バイト）",
    "skill": "4区分の答え", "status": "答えの番号", "step": "段階", "submit_by": "提出の締切",
    "suspicions": "確かめるところの数",
    "to": "どこへ", "together": "いっしょに登録した人数", "unfinished": "確定していない数", "version": "版", "view": "画面",
    "wanted": "選んだもの", "warnings": "注意の数", "year": "年度", "years": "年数", "how": "調べ方",
    "file": "ファイルで出した",
    "cell": "項目", "coming": "取り消した先の日付の変更", "entries": "記録の数", "events": "操作の記録の番号",
}  # fmt: skip
_WORDS = {
    "role": {
        "H": "人事", "M": "上司", "F": "体系編集", "A": "監査", "Y": "システム管理", "S": "本人",
    },
    "level": {"first": "一次確認", "final": "確定"},
    "kind": {
        "experience": "業務経験", "certification": "資格", "training": "研修", "career": "所属の履歴", "handover": "引継ぎメモ",
    },
    "how": {"account": "アカウント", "token": "連携トークン", "address": "接続元", "file": "ファイル"},
}  # fmt: skip

SENTENCES = {
    "access.refused": "見られないもの、してはいけない操作を断られた",
    "audit.erase": "操作の前後の値を消去した",
    "audit.trim": "保存の年数を過ぎた操作の記録を消した",
    "audit.settle": "知らせを確かめた",
    "system.restore": "控えからデータベースを復元した",
    "system.generate": "架空の団体と職員を大量に作った",
    "export.audit": "操作の記録を出力した",
    "account.signed_in": "ログインした",
    "account.held": "違うパスワードが続いたので、しばらく待たせた",
    "account.many_failures": "1つの接続元から、違うパスワードが多く入力された",
    "account.session_ended": "ログイン中の端末を終了した",
    "account.code_issued": "初回ログインの番号を発行した",
    "account.code_used": "初回ログインの番号を使った",
    "account.password_changed": "パスワードを変更した",
    "account.created": "アカウントを作った",
    "account.opened": "アカウントを使えるようにした",
    "account.closed": "アカウントを止めた",
    "factor.add": "2段階認証に、認証アプリかパスキーを加えた",
    "factor.remove": "2段階認証から、認証アプリかパスキーを削除した",
    "factor.rename": "パスキーの名前を変えた",
    "factor.codes": "予備コードを作り直した",
    "factor.code_used": "予備コードを使った",
    "factor.reset": "2段階認証を解除した",
    "factor.refused": "2段階認証の番号を続けて間違えた",
    "grant.given": "権限を付けた",
    "grant.withdrawn": "権限を取り消した",
    "rights.add": "開示などの請求を受け付けた",
    "rights.change": "開示などの請求の処理を書いた",
    "disclosure.export": "開示のための資料を作った",
    "retention.years": "保存期間を変えた",
    "retention.propose": "消去の予定を作った",
    "retention.agree": "消去の予定に同意した",
    "retention.cancel": "消去の予定を取りやめた",
    "retention.hold": "職員の記録の保存を延長した",
    "retention.release": "職員の記録の保存の延長を終えた",
    "retention.purge": "保存期間を過ぎた記録の消去を始めた",
    "retention.done": "保存期間を過ぎた記録を消去した",
    "purpose.change": "利用目的を変えた",
    "purpose.seen": "利用目的を読んだ",
    "leak.report": "漏えい等の範囲を出力した",
    "sheet.start": "年度票の記入を始めた",
    "import.upload": "取り込むファイルを確かめた",
    "import.check": "取り込むファイルの確認が終わった",
    "import.apply": "ファイルを取り込んだ",
    "import.discard": "取込みをやめた",
    "import.undo": "取り込んだファイルを取り込む前に戻した",
    "import_template.rename": "列の対応のひな形の名前を変えた",
    "import_template.delete": "列の対応のひな形を消した",
    "staff.edit": "職員の登録を変えた",
    "staff.coming": "先の日付の変更を、その日が来たので反映した",
    "staff.post": "発令を登録した",
    "staff.post_many": "発令をまとめて登録した",
    "department.create": "所属を作った",
    "department.edit": "所属を変えた",
    "position.edit": "職位の表を変えた",
    "sheet.submit": "年度票を提出した",
    "sheet.proxy_open": "代理入力を始めた",
    "sheet.proxy_end": "代理入力を提出しないで終えた",
    "sheet.proxy_submit": "本人に代わって年度票を提出した",
    "sheet.proxy_agree": "代理入力の内容を本人が確かめた",
    "sheet.proxy_disagree": "代理入力の内容を直すよう本人が求めた",
    "sheet.proxy_paper": "代理入力への本人の書面の確認を記録した",
    "sheet.withdraw": "提出を取り下げた",
    "sheet.view": "年度票を見た",
    "sheet.confirmations_saved": "確認を一時保存した",
    "sheet.confirm_first": "年度票を一次確認した",
    "sheet.confirm": "年度票を確定した",
    "sheet.confirm_without_confirmer": "確認者なしで年度票を確定した",
    "sheet.send_back": "年度票を差し戻した",
    "sheet.correct": "確定した年度票を訂正した",
    "sheet.reply": "確認に返事をした",
    "sheet.reconfirm": "再確認に答えた",
    "resume.view": "スキル履歴書を見た",
    "interview.view": "面談シートを見た",
    "entry.view": "スキル履歴書の記録を開いた",
    "entry.add": "スキル履歴書に記録を足した",
    "entry.change": "スキル履歴書の記録を変えた",
    "entry.remove": "スキル履歴書の記録を取り消した",
    "entry.restore": "取り消した記録を元に戻した",
    "entry.evidence": "根拠にする記録を選んだ",
    "file.view": "添付ファイルを開いた",
    "file.add": "ファイルを添えた",
    "file.remove": "添付ファイルを取り消した",
    "wish.view": "異動希望を見た",
    "wish.change": "異動希望を書いた",
    "statement.change": "得意・学びたいことを書いた",
    "export.records": "記録を出力した",
    "export.certifications": "資格一覧を出力した",
    "export.trainings": "研修履歴を出力した",
    "export.table": "表を出力した",
    "export.progress": "提出と確認の進みを出力した",
    "export.unsubmitted": "未提出一覧を出力した",
    "exports.ask": "行の多い出力を頼んだ",
    "job.fetch": "頼んだファイルを受け取った",
    "saved_export.save": "出力の条件を保存した",
    "saved_export.rename": "保存した出力の条件の名前を変えた",
    "saved_export.delete": "保存した出力の条件を消した",
    "export.api": "ほかのシステムがJSONで記録を読んだ",
    "token.issue": "連携トークンを作った",
    "token.revoke": "連携トークンを取り消した",
    "resume.pdf": "スキル履歴書をPDFにした",
    "resume.xlsx": "スキル履歴書をExcelで出した",
    "handover.view": "引継ぎシートを開いた",
    "resumes.ask": "所属のスキル履歴書をまとめて出すよう頼んだ",
    "export.resumes": "所属のスキル履歴書をまとめて出した",
    "export.coverage": "充足状況を出力した",
    "profile.change": "期待像を変えた",
    "experienced.view": "経験者をさがした（所属にいた人を含む）",
    "needs.change": "必要人数を変えた",
    "four_way.override": "職員数とスキルの確保に、計算と違う判断を付けた",
    "four_way.withdraw": "職員数とスキルの確保の判断を取り消した",
    "export.four_way": "職員数とスキルの確保を出力した",
    "assignments.change": "事務分掌を変えた",
    "assignments.import": "事務分掌をファイルから取り込んだ",
    "assignments.export": "事務分掌を出力した",
    "measure.decide": "対応方針を決めた",
    "measure.change": "対応方針を変えた",
    "export.measures": "対応方針を出力した",
    "scenario.save": "異動シミュレーションの案を保存した",
    "scenario.change": "異動シミュレーションの案を変えた",
    "scenario.delete": "異動シミュレーションの案を消した",
    "cycle.prepare": "年度を用意した",
    "cycle.past": "過去の記録の取込みで、終わった年度を作った",
    "cycle.change": "年度の日付を変えた",
    "cycle.change_version": "年度を別の版に移した",
    "cycle.undo_version_change": "年度を前の版に戻した",
    "cycle.open": "年度を開いた",
    "cycle.add_sheets": "年度票を追加した",
    "cycle.close": "年度を終えた",
    "cycle.participants": "年度の対象の職員区分を変えた",
    "cycle.leave_out": "所属か職員を、年度の対象から外した",
    "cycle.take_in": "対象外を取り消した",
    "cycle.extend": "所属の締切を延長した",
    "cycle.end_extension": "締切の延長を取り消した",
    "cycle.decide": "確定していない年度票をどうするか決めた",
    "reminder.ask": "お願いのメールを頼んだ",
    "reminder.mail": "お願いのメールを送った",
    "reminder.paper": "お願いを紙で渡したことを記録した",
    "duty.load": "共通の業務を読み込んだ",
    "duty.add": "業務を加えた",
    "duty.change": "業務の内容を変えた",
    "duty.retire": "業務を使わないことにした",
    "duty.restore": "業務をもう一度使うことにした",
    "duties.change": "所属の業務を変えた",
    "duties.import": "業務の一覧をファイルから取り込んだ",
    "duties.export": "業務の一覧を出力した",
    "profiles.import": "期待像をファイルから取り込んだ",
    "profiles.export": "期待像を出力した",
    "crosswalk.load": "共通の対応表とタグを読み込んだ",
    "crosswalk.add": "対応表かタグを、団体のものとして加えた",
    "crosswalk.change": "対応表かタグを変えた",
    "crosswalk.import": "対応表かタグをファイルから取り込んだ",
    "crosswalk.retire": "対応表かタグを使わないことにした",
    "crosswalk.restore": "対応表かタグをもう一度使うことにした",
    "survey.load": "共通の調査と統計を読み込んだ",
    "survey.add": "調査か統計を、団体のものとして加えた",
    "survey.change": "調査か統計の数字を直した",
    "survey.use": "調査か統計を使うことにした",
    "survey.retire": "調査か統計を使い終えた",
    "survey.discard": "調査か統計の下書きを捨てた",
    "qualifications.load": "共通の資格の登録表を読み込んだ",
    "providers.load": "共通の研修の実施機関を読み込んだ",
    "qualifications.import": "資格の登録表をファイルで置き換えた",
    "qualifications.export": "資格の登録表を出力した",
    "travel.key": "署名の鍵を作った",
    "travel.issue": "自分の記録を、署名を付けて書き出した",
    "travel.badge": "到達度をバッジとして書き出した",
    "travel.import": "ほかの団体の記録を取り込んだ",
    "travel.remove": "取り込んだ記録を取り消した",
    "travel.trust": "信頼する発行元を登録した",
    "travel.distrust": "発行元の信頼を取り消した",
    "course.add": "講座を加えた",
    "course.change": "講座の内容を変えた",
    "course.retire": "講座を案内しないことにした",
    "course.restore": "講座をもう一度案内することにした",
    "training.apply": "研修に申し込んだ",
    "training.withdraw": "研修の申込みを取り下げた",
    "training.decide": "研修の申込みを決めた",
    "export.training_plan": "研修計画を出力した",
    "framework.load": "体系を読み込んだ",
    "framework.publish": "体系を公開した",
    "framework.retire": "体系の版の使用を終えた",
    "draft.start": "体系の版から下書きを作った",
    "draft.file": "ファイルから体系の下書きを作った",
    "draft.change": "下書きの版の名前や出典を変えた",
    "draft.delete": "体系の下書きを消した",
    "draft.part_add": "下書きに分類か区分を加えた",
    "draft.part_change": "下書きの分類か区分を変えた",
    "draft.part_move": "下書きの分類か区分の順を変えた",
    "draft.part_remove": "下書きの分類か区分を消した",
    "draft.cell_add": "下書きに項目を加えた",
    "draft.cell_change": "下書きの項目を変えた",
    "draft.cell_move": "下書きの項目を動かした",
    "draft.cells_confirm": "下書きの項目の位置を確認済みにした",
    "draft.cell_split": "下書きの項目を分けた",
    "draft.cells_join": "下書きの項目を1つにまとめた",
    "draft.cell_drop": "下書きから項目を外した",
    "draft.cell_restore": "外した項目を下書きに戻した",
    "draft.cell_origins": "下書きの項目のもとと記入の扱いを変えた",
    "draft.comment": "下書きにコメントを書いた",
    "draft.comment_settle": "下書きのコメントを済みにした",
}


def describe(event: Event) -> str:
    """Return what was done, in words; the code itself for an action without a sentence."""
    return SENTENCES.get(event.action, event.action)


def is_output(action: str) -> bool:
    """Say whether an action made a file or a print that can be lost."""
    return action.startswith("export.") or action.endswith((".pdf", ".xlsx", ".print", ".export"))


def may_see_values(event: Event, *, hr: bool, auditor: bool, sysadmin: bool) -> bool:
    """Say whether a reader with these roles may see what stood there before and after."""
    if event.kind == Event.Kind.TECHNICAL:
        return auditor or sysadmin
    return hr or (auditor and event.action.startswith(_OPEN_VALUES))


def changes_of(before: dict | None, after: dict | None) -> list[tuple[str, str, str]]:
    """Return (name of the field, before, after) of each field that one of the two has; a list in their order."""
    before, after = before or {}, after or {}
    names = list(dict.fromkeys([*before, *after]))
    return [(FIELD_LABELS.get(name, name), shown(before.get(name)), shown(after.get(name))) for name in names]


def details_of(data: dict) -> list[tuple[str, str]]:
    """Return (name, value) of what an event tells beside who and whom, in words where there are some."""
    return [
        (
            DETAIL_LABELS.get(name) or FIELD_LABELS.get(name, name),
            _WORDS.get(name, {}).get(value if isinstance(value, str) else "") or shown(value),
        )
        for name, value in data.items()
    ]


def shown(value) -> str:
    """Return a value as people read it; "" for none."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "、".join(shown(one) for one in value)
    if isinstance(value, dict):
        return "、".join(f"{FIELD_LABELS.get(key, key)}：{shown(one) or '―'}" for key, one in value.items())
    return str(value)
