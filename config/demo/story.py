"""What the sample municipality is: accounts, positions, where each sheet of the current year stands, needs, evidence.

Everybody and everything is invented; 団体コード 999016 has a valid check digit and belongs to nobody.
"""

from access.actor import Role

CODE = "999016"
NAME = "みほん市"
CONTACT = "総務部 人事課　内線 2315"
PASSWORD = "mihon-shi-2026-demo"  # noqa: S105 - printed on the sign-in page of the demo
YEARS = (2023, 2024, 2025, 2026)
CURRENT = YEARS[-1]

# sign-in name, 職員番号, name, reading, granted roles: made before the roster, which then finds them by number.
ACCOUNTS = [
    ("jinji", "0111702", "大橋 香織", "オオハシ カオリ", [Role.HR]),
    ("honnin", "0115310", "山﨑 美咲", "ヤマザキ ミサキ", []),
    ("kakari", "0108821", "𠮷田 由紀子", "ヨシダ ユキコ", []),
    ("kacho", "0104512", "髙橋 誠一", "タカハシ セイイチ", []),
    ("shinjin", "0126001", "中村 颯太", "ナカムラ ソウタ", []),
    ("henshu", "0109560", "石井 大輔", "イシイ ダイスケ", [Role.EDITOR]),
    ("kansa", "0102846", "清水 綾", "シミズ アヤ", [Role.AUDITOR]),
    ("sysadmin", "0112045", "佐藤 亮太", "サトウ リョウタ", [Role.SYSADMIN]),
]

# Who decides for デジタル推進課, since 2025.
HEAD = "0104512"
EDITOR = "0109560"

# 職位 → 確認者区分, in order of rank.
POSITIONS = [
    ("部長", "head"), ("課長", "head"), ("課長補佐", "none"), ("主幹", "none"), ("係長", "first"), ("主査", "none"),
    ("主任", "none"), ("主事", "none"), ("事務員", "none"),
]  # fmt: skip

# The person's own step where the line saw it differently: (職員番号, year) → {cell code: step}.
OWN_STEPS = {
    ("0108821", 2026): {"internal-it.planning": 4, "ict-strategy.planning": 3, "team-building.leadership": 3},
    ("0110233", 2025): {"project-delivery.1": 4},
    ("0112045", 2025): {"internal-it.analysis": 4},
    ("0120055", 2026): {"it-basics.1": 2},
}

# Where sheets of the current year stand that are not 確定: own steps and what happened.
SUBMITTED = {"0114027": "22211100032332332", "0107719": "13101100033321333", "0094418": "22233222222113444"}
FIRST_CONFIRMED = {"0112045": "23212221143222332"}
SENT_BACK = {
    "0123008": (
        "01000000022110331",
        "「コミュニケーション」を3にした根拠が、前の所属でのことだけでした。税務課に来てからの仕事を1つ書き足してください。",
    )
}
# Nine of seventeen; evidence of one raised cell is still missing, which the page for submitting then points out.
DRAFTING = {
    "0115310": (
        "132302........331",
        {"internal-it.analysis": "窓口予約システムの導入で、市民課の手続8件の流れを図にした"},
    )
}
UNANSWERED = "."

# Comments of confirmers in the current year: (職員番号, cell code) → (text, visible to the person).
COMMENTS = {
    ("0108821", "internal-it.planning"): (
        "企画は任せられます。来年は予算要求まで1人で通してみてください。",
        True,
    ),
    ("0108821", "team-building.leadership"): ("係のまとめ方は、もう教えられる段階だと思います。", True),
    ("0110233", "project-delivery.1"): ("次の更改では、調達の仕様書も担当してもらう予定。", False),
}

# What somebody says to their 確定, one of it with the wish to have it looked at again: 職員番号, {cell code: (text, again)}.
REPLIES = (
    "0108821",
    {
        "internal-it.planning": (
            "ありがとうございます。来年度の予算要求は、1人で通すつもりで準備します。",
            False,
        ),
        "ict-strategy.planning": (
            "情報化計画の改定では、課題の整理から指標の案まで1人で作りました。もう一度見ていただけますか。",
            True,
        ),
    },
)

EVIDENCE = {
    "security-policy.management": "ポリシー改定の主担当として、庁内説明会を開いた",
    "internal-it.analysis": "担当課の聞き取りをして、業務の流れ図を作った",
    "internal-it.planning": "電子申請の拡大を企画し、予算要求の資料を作った",
    "it-people.development": "表計算研修の講師を2回務めた",
    "it-people.planning": "情報部門の育成計画の案を作り、人事課と調整した",
    "ict-strategy.modelling": "住民異動の手続について、データの流れを整理した",
    "ict-strategy.planning": "情報化計画の改定で、進み具合の指標を作った",
    "regional-it.survey": "光回線の整備状況を事業者から聞き取り、地図にまとめた",
    "regional-it.planning": "公民館の無線LANの整備を、地域の団体と企画した",
    "it-basics.1": "新任職員に、庁内ネットワークの仕組みを説明している",
    "vendor-roles.1": "保守の見積りを比べ、仕様の抜けを指摘した",
    "system-operations.1": "利用者の登録と、故障の一次対応を毎日している",
    "system-operations.2": "サーバーの更新計画を立て、夜間作業に立ち会った",
    "project-delivery.1": "窓口システムの更改を、期限と予算の内に終えた",
    "communication.1": "担当課の要望を聞き、ベンダーとの打合せをまとめた",
    "team-building.membership": "係の繁忙期に、問い合わせ対応を手伝った",
    "team-building.leadership": "係の仕事の割り振りを見直し、残業を減らした",
}

# 必要人数 by 所属コード, in the order of the framework; "." is not set.
NEEDS = {
    "010100": {2023: "23211222." "54533" "773", 2024: "23211222." "54533" "773",
               2025: "232122220" "64534" "773", 2026: "232122220" "64534" "773"},
    "010200": {2026: "1111111" "11" "2100" "1" "221"},
    "020100": {2026: "010110000" "1100" "0" "221"},
    "020200": {2026: "020000000" "2121" "1" "321"},
}  # fmt: skip
NEED_NOTES = {("010100", "ict-strategy.modelling"): "標準化の後の業務の見直しで使う"}
# 委託常駐: a helpdesk of the contractor in デジタル推進課.
EXTERNAL = {("010100", 2026): {"system-operations.1": 1}}
# デジタル推進課 counts its 会計年度任用職員: the sample follows the department's choice of the year.
COUNT_FISCAL_YEAR_STAFF = {("010100", 2025), ("010100", 2026)}

# What 人事 does in the current year: more days for one department, a sheet filled in for somebody on 育休, a token, and
# what it takes out every year.
LONGER = {"department": "020200", "days": 14, "reason": "確定申告の準備と重なるため"}
ON_BEHALF = "0116498"
TOKEN = {
    "name": "研修管理システム",
    "reason": "研修の案内を、受けていない人に送るため",
    "scopes": ["trainings", "certifications"],
}
SAVED_EXPORT = {
    "name": "資格の届出（毎年）",
    "kind": "certifications",
    "params": {"department": "", "state": "", "format": "xlsx", "split": True},
}
