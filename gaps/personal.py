"""What this app holds about people (lib/personal.py): whom a measure raises, who moves in a scenario."""

from lib.personal import Keep, table

TABLES = (
    table(
        "gaps.MeasurePerson", "育成する職員", Keep.STAFF, people="staff",
        plain="id municipality measure staff to_step", opinion="training",
    ),
    table(
        "gaps.Scenario", "異動シミュレーション", Keep.WORK, people="author", since="created_at",
        plain="id uuid municipality department on author shared created_at updated_at version", words="name note",
    ),
    table(
        "gaps.ScenarioMove", "シミュレーションで抜ける人・入る人", Keep.WORK, people="staff scenario__author",
        since="scenario__created_at", plain="id municipality scenario kind rank", words="label",
        opinion="reason", other="staff",
    ),
    table(
        "gaps.ScenarioStep", "シミュレーションで入る人の到達度", Keep.WORK,
        people="move__staff move__scenario__author", since="move__scenario__created_at", plain="id move cell_code step",
    ),
    # The department's own decisions: whoever answers for them becomes a stub.
    table(
        "gaps.Measure", "対応方針",
        plain="id uuid municipality department cycle cell kind text reason due cost state result decided_status"
        " decided_holders created_at updated_at closed_at version",
        other="owner",
    ),
    table(
        "gaps.FourWayOverride", "4区分の判定",
        plain="id municipality department cycle skill answer reason updated_at version", other="author",
    ),
    table("gaps.Need", "必要人数", plain="id municipality department cycle cell count note updated_at version"),
    table(
        "gaps.ExternalCover", "委託常駐", plain="id municipality department cycle cell count updated_at version"
    ),
    table(
        "gaps.CountingRule", "数え方",
        plain="id municipality department cycle count_fiscal_year_staff count_external updated_at version",
    ),
    # Numbers of people: they follow the records, and are counted again when those go.
    table(
        "gaps.Tally", "集計の控え",
        plain="id municipality department cycle framework_version counted_on valid_until people rated apart apart_rated",
    ),
    table(
        "gaps.CellTally", "集計の控え（項目）",
        plain="id municipality tally cell step0 step1 step2 step3 step4 apart0 apart1 apart2 apart3 apart4",
    ),
    table("gaps.TallyChange", "数え直し待ち", plain="id municipality department"),
)  # fmt: skip
