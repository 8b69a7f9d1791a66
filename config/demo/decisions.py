"""What デジタル推進課 and its neighbours do, expect and decide: duties, 期待像, measures, one scenario. All invented."""

# 業務 by 所属コード: (code in the catalogue, 担い手, 主担当, 副担当), people by 職員番号.
DUTIES = {
    "010100": [
        ("plan", "staff", ("0104512",), ("0108821",)),
        ("mynumber", "staff", ("0114027",), ("0115310",)),
        ("security", "staff", ("0108821",), ("0112045",)),
        ("systems", "staff", ("0110233", "0112045"), ("9000123", "0114027")),
        ("network", "partly", ("0110233",), ("9000123",)),
        ("helpdesk", "partly", ("9000123",), ("0126001", "0115310")),
        ("network-operations", "outsourced", (), ()),
    ],
    "010200": [
        ("role-lead", "staff", ("0101277",), ("0109560",)),
        ("role-apps", "staff", ("0109560",), ("0120055",)),
    ],
}
DUTY_YEARS = (2025, 2026)

# 期待像 by 職位, one digit a cell in the order of the framework; 0 is no target.
PROFILES = {
    "課長": "33323333" "3" "22003" "334",
    "課長補佐": "23322222" "2" "22113" "334",
    "係長": "23222222" "1" "33233" "333",
    "主査": "12111111" "0" "33223" "332",
    "主任": "11011000" "0" "22212" "232",
    "主事": "01000000" "0" "22101" "230",
}  # fmt: skip

# 対応方針 by year: cell, kind, すること, 理由, 担当, 期限 (of the story), 費用, 進み, 結果, [(職員番号, to, how)].
MEASURES = {
    2025: [
        ("internal-it.analysis", "train", "佐藤さんが市民課と税務課の聞き取りを1人で進める。", "", "0108821",
         (2026, 2, 27), None, "done", "2つの課の流れ図がそろい、独力でできるようになった。",
         [("0112045", 3, "庁内の業務改善の取組で実践")]),
        ("security-policy.management", "transfer", "セキュリティの実務を経験した人を1人、異動の要望に入れる。",
         "𠮷田さんだけでは、改定と監査への対応が重なる。", "0104512", (2026, 3, 31), None, "planned", "", []),
    ],
    2026: [
        ("ict-strategy.modelling", "expert", "県のデジタル人材の派遣を受け、月2日、業務モデルの作り方を一緒に学ぶ。",
         "教えられる人が庁内にいない。", "0112045", (2027, 9, 30), 1_200_000, "ongoing", "", []),
        ("security-policy.management", "train", "来年の改定作業を𠮷田さんと佐藤さんの2人で進める。", "", "0108821",
         (2027, 3, 19), 88_000, "ongoing", "", [("0112045", 3, "J-LISの情報セキュリティの研修、改定作業の副担当")]),
        ("it-people.development", "alliance", "近隣3市と合同で研修を開き、講師を持ち回りにする。", "", "0110233",
         (2027, 2, 26), 60_000, "ongoing", "", []),
        ("ict-strategy.planning", "transfer", "計画づくりを経験した人を1人、来年度の異動の要望に入れる。",
         "改定の時期に、1人では資料づくりが間に合わない。", "0104512", (2026, 12, 25), None, "planned", "", []),
        ("project-delivery.1", "train", "佐藤さんが市町村アカデミーの調達の研修に出て、次の更改で副担当になる。", "",
         "0110233", (2027, 3, 31), 45_000, "planned", "", [("0112045", 3, "市町村アカデミーの調達の研修")]),
        ("system-operations.1", "outsource", "問い合わせの一次受付を、運用の委託に加える。", "", "0110233",
         (2027, 4, 1), 840_000, "planned", "", []),
        ("it-basics.1", "train", "山﨑さんと中村さんが、ITパスポート試験の範囲を学ぶ。受験料は課で負担する。", "",
         "0112045", (2027, 2, 28), 15_000, "ongoing", "",
         [("0115310", 3, "ITパスポート試験"), ("0126001", 3, "ITパスポート試験、先輩との実習")]),
    ],
}  # fmt: skip

# The 所属長's own word on one of the 13 skills: (所属コード, number, answer, reason).
OVERRIDES = [("010100", 3, "skill_short", "検収の経験は渡邉さんの係に偏っていて、ほかの係では任せられない。")]

# 異動シミュレーション: name, day after the current year, leavers (職員番号, reason), nameless joiners (label, steps by cell).
SCENARIO = {
    "department": "010100",
    "name": "𠮷田係長が異動したら",
    "note": "人事課との打合せに使う。",
    "leave": [("0108821", "transfer"), ("0114027", "childcare")],
    "join": [
        (
            "税務課から主査1人",
            {
                "internal-it.analysis": 3,
                "vendor-roles.1": 3,
                "it-basics.1": 2,
                "communication.1": 3,
                "team-building.membership": 3,
            },
        )
    ],
}
