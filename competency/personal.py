"""What this app holds about people (lib/personal.py): who does which duty; the rest is the matrix and its reference."""

from lib.personal import Keep, table

_PART = "id uuid code name rank lock version source"

TABLES = (
    table(
        "competency.DutyAssignment", "事務分掌の担当", Keep.STAFF, people="staff",
        plain="id municipality department_duty staff role",
    ),
    # What the desk said about the matrix is the municipality's work; its author becomes a stub.
    table(
        "competency.VersionComment", "体系の下書きのコメント",
        plain="id uuid municipality version cell_code text at settled_at", other="author settled_by",
    ),
    table("competency.Category", "分類", plain=f"{_PART} alias"),
    table("competency.Area", "区分", plain=f"{_PART} category"),
    table("competency.Stage", "段階", plain="id uuid code name rank lock version"),
    table(
        "competency.Cell", "項目",
        plain="id uuid version area stage code task label example source rank lock in_use placement_confirmed"
        " placement_confirmed_at",
        other="placement_confirmed_by",
    ),
    table("competency.StepWording", "到達度の説明", plain="id cell step text"),
    table("competency.CellOrigin", "項目のもと", plain="id cell code rule"),
    table(
        "competency.Qualification", "資格の登録表",
        plain="id uuid municipality code name group level valid_from valid_to is_planned registration_title"
        " renewal_years note source rank retired",
    ),
    table("competency.Provider", "研修の実施機関", plain="id municipality code name rank retired"),
    table(
        "competency.Course", "講座",
        plain="id uuid municipality provider name form hours fee starts_on ends_on apply_by place text retired"
        " updated_at version",
    ),
    table("competency.CourseCell", "講座の項目", plain="id course cell_code to_step"),
    table(
        "competency.Crosswalk", "対応表",
        plain="id uuid municipality code kind name year source note is_proposal retired version",
    ),
    table("competency.CrosswalkItem", "対応表の行", plain="id crosswalk rank code name note"),
    table("competency.CrosswalkLink", "対応表の相手", plain="id item target code note"),
    table(
        "competency.Duty", "業務",
        plain="id uuid municipality department based_on code name group suited examples source rank is_proposal"
        " retired version",
    ),
    table("competency.DutyDemand", "業務に要る項目", plain="id duty cell_code holders"),
    table("competency.DutyPlan", "所属の業務の計画", plain="id municipality department fiscal_year updated_at version"),
    table("competency.DepartmentDuty", "所属の業務", plain="id municipality plan duty done_by"),
    table("competency.Framework", "体系", plain="id uuid municipality code name"),
    table(
        "competency.FrameworkVersion", "体系の版",
        plain="id uuid framework name state source based_on base_code base_version note updated_at published_at"
        " retired_at digest version",
    ),
    table("competency.Profile", "期待像", plain="id municipality position updated_at version"),
    table("competency.ProfileTarget", "期待像の目標", plain="id profile cell_code step"),
    table(
        "competency.ReferenceSurvey", "調査と統計",
        plain="id uuid municipality code kind name year source asked answered content state updated_at version",
    ),
)  # fmt: skip
