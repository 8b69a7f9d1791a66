"""Plain makers of rows with sensible defaults; every test says what matters to it and nothing else."""

import datetime
import itertools
import uuid

from django.conf import settings
from django.utils import timezone

from access.actor import Actor, Role
from assessments.models import (
    Certification,
    Cycle,
    EntryCell,
    Experience,
    Handover,
    SavedExport,
    Sheet,
    Training,
)
from assessments.workflow.tokens import issue_token
from competency.digest import digest_of
from competency.models import (
    Area,
    Category,
    Cell,
    Course,
    CourseCell,
    DepartmentDuty,
    Duty,
    DutyAssignment,
    DutyDemand,
    DutyPlan,
    Framework,
    FrameworkVersion,
    Profile,
    ProfileTarget,
    Provider,
    Qualification,
    Stage,
    Step,
    StepWording,
)
from lib.paths import child_path
from organization.models import (
    Department,
    Grant,
    Leave,
    Municipality,
    Passkey,
    Position,
    Posting,
    Staff,
)
from organization.models.position import LineRole
from organization.scope import actor_for

PASSWORD = "mihon-shi-2026-demo"
EPOCH = datetime.date(2020, 4, 1)
_serial = itertools.count(1)


def make_municipality(*, code: str = "011002", name: str = "みほん市", **kwargs) -> Municipality:
    """Return a saved municipality; the default code is valid."""
    kwargs.setdefault("population_band", Municipality.Band.B100)
    return Municipality.objects.create(code=code, name=name, **kwargs)


def make_department(
    municipality, name: str = "デジタル推進課", *, parent=None, code=None, **kwargs
) -> Department:
    """Return a saved department with its path."""
    kwargs.setdefault("valid_from", EPOCH)
    department = Department.objects.create(
        municipality=municipality,
        name=name,
        parent=parent,
        code=code or f"{next(_serial):05d}",
        path="",
        **kwargs,
    )
    department.path = child_path(parent.path if parent else "", department.pk)
    department.save(update_fields=["path"])
    return department


def make_staff(municipality, name: str = "見本 花子", *, username=None, password=None, **kwargs) -> Staff:
    """Return a saved person; without a password nobody can sign in as them (client.force_login can)."""
    number = next(_serial)
    kwargs.setdefault("staff_number", f"{number:07d}")
    staff = Staff(municipality=municipality, name=name, username=username or f"user{number}", **kwargs)
    staff.set_password(password) if password else staff.set_unusable_password()
    staff.save()
    return staff


def make_posting(staff, department, *, line_role=LineRole.NONE, **kwargs) -> Posting:
    """Return a saved 本務 posting from EPOCH with no end, unless told otherwise."""
    kwargs.setdefault("start", EPOCH)
    kwargs.setdefault("kind", Posting.Kind.MAIN)
    return Posting.objects.create(
        municipality=staff.municipality, staff=staff, department=department, line_role=line_role, **kwargs
    )


def make_leave(staff, *, start=EPOCH, end=None, kind=Leave.Kind.CHILDCARE) -> Leave:
    """Return a saved leave."""
    return Leave.objects.create(municipality=staff.municipality, staff=staff, start=start, end=end, kind=kind)


def make_grant(staff, role: Role) -> Grant:
    """Return a saved grant."""
    return Grant.objects.create(
        municipality=staff.municipality, staff=staff, role=role.value, granted_at=timezone.now()
    )


def make_token(staff, *, name: str = "", scopes=None, department=None, days: int = 30):
    """Return (ApiToken, text) issued by somebody of 人事; `scopes` None is every kind there is."""
    return issue_token(
        name=name or f"人事給与{next(_serial)}",
        reason="研修の画面に出すため",
        scopes=list(settings.EXPORT_KINDS) if scopes is None else scopes,
        department=department,
        last_day=timezone.localdate() + datetime.timedelta(days=days),
        by=actor_of(staff),
        now=timezone.now(),
    )


def make_passkey(staff, *, name: str = "職場のパソコン", **kwargs) -> Passkey:
    """Store a passkey that no device holds; tests/authenticator.py makes some that answer."""
    values = {"rp_id": "testserver", "credential_id": uuid.uuid4().hex, "public_key": b"", **kwargs}
    return Passkey.objects.create(
        municipality=staff.municipality, staff=staff, name=name, added_at=timezone.now(), **values
    )


def make_saved_export(owner, *, name: str = "", kind: str = "records", **params) -> SavedExport:
    """Return a saved definition of an export."""
    return SavedExport.objects.create(
        municipality=owner.municipality, owner=owner, name=name or f"受渡し{next(_serial)}", kind=kind,
        params={"department": "", "state": "", "format": "csv", "split": False, **params},
        created_at=timezone.now(),
    )  # fmt: skip


# (分類, 区分 code, 区分, [(task, stage index)]): a matrix small enough to reason about, with every kind of label.
SMALL_MATRIX = [
    ("概念化能力", "security-policy", "セキュリティポリシー", [("策定管理", 2)]),
    ("概念化能力", "internal-it", "庁内情報化", [("業務分析", 1), ("企画立案", 2)]),
    ("専門能力", "system-operations", "システムの運用管理", [("", 0), ("", 1)]),
    ("組織能力", "communication", "コミュニケーション", [("", 0)]),
]


def make_version(
    *, code: str = "lasdec", name: str = "2012", publish: bool = True, municipality=None
) -> FrameworkVersion:
    """Return a version of SMALL_MATRIX: 6 cells, 3 stages, wording for each step; common unless somebody's own."""
    framework, _ = Framework.objects.get_or_create(
        code=code, municipality=municipality, defaults={"name": code.upper()}
    )
    version = FrameworkVersion.objects.create(framework=framework, name=name, source="試験用")
    stages = [
        Stage.objects.create(version=version, code=f"stage-{i}", name=label, rank=i)
        for i, label in enumerate(["初級", "中級", "上級"])
    ]
    categories: dict[str, Category] = {}
    rank = 0
    for area_rank, (category_name, area_code, area_name, marks) in enumerate(SMALL_MATRIX):
        if category_name not in categories:
            categories[category_name] = Category.objects.create(
                version=version,
                code=f"category-{len(categories) + 1}",
                name=category_name,
                rank=len(categories),
            )
        area = Area.objects.create(
            version=version,
            category=categories[category_name],
            code=area_code,
            name=area_name,
            rank=area_rank,
        )
        for number, (task, stage) in enumerate(marks, 1):
            label = task or (area_name if len(marks) == 1 else f"{area_name}（{stages[stage].name}）")
            cell = Cell.objects.create(
                version=version,
                area=area,
                stage=stages[stage],
                code=f"{area_code}.{number}",
                task=task,
                label=label,
                example=f"{label}の例",
                rank=rank,
            )
            rank += 1
            StepWording.objects.bulk_create(
                StepWording(cell=cell, step=step, text=f"{label}の段階{step.value}") for step in Step
            )
    if publish:
        FrameworkVersion.objects.filter(pk=version.pk).update(
            state="published", published_at=timezone.now(), digest=digest_of(version)
        )
        version.refresh_from_db()
    return version


def make_cycle(municipality, version, *, fiscal_year: int = 2026, state=Cycle.State.OPEN, **kwargs) -> Cycle:
    """Return a saved year, open unless told otherwise."""
    opened = None if state == Cycle.State.PREPARED else timezone.now()
    kwargs.setdefault("reference_date", datetime.date(fiscal_year, 4, 1))
    kwargs.setdefault("starts_on", datetime.date(fiscal_year, 4, 1))
    kwargs.setdefault("submit_by", datetime.date(fiscal_year, 12, 11))
    kwargs.setdefault("confirm_by", datetime.date(fiscal_year + 1, 1, 29))
    return Cycle.objects.create(
        municipality=municipality,
        fiscal_year=fiscal_year,
        framework_version=version,
        state=state,
        opened_at=opened,
        closed_at=timezone.now() if state == Cycle.State.CLOSED else None,
        **kwargs,
    )


def make_sheet(staff, cycle, department, **kwargs) -> Sheet:
    """Return a saved sheet, not started."""
    return Sheet.objects.create(
        municipality=staff.municipality,
        staff=staff,
        cycle=cycle,
        fiscal_year=cycle.fiscal_year,
        department=department,
        department_path=department.path,
        employment=staff.employment,
        updated_at=timezone.now(),
        **kwargs,
    )


def actor_of(staff, today: datetime.date | None = None) -> Actor:
    """Return the Actor of a person today, or on another day."""
    return actor_for(staff, today or timezone.localdate())


def make_position(municipality, name: str = "主任", **kwargs) -> Position:
    """Return a saved 職位 of the municipality's table."""
    return Position.objects.create(municipality=municipality, name=name, **kwargs)


def make_profile(position, steps: dict[str, int]) -> Profile:
    """Return a saved 期待像 with target steps by cell code."""
    profile = Profile.objects.create(
        municipality=position.municipality, position=position, updated_at=timezone.now()
    )
    ProfileTarget.objects.bulk_create(
        ProfileTarget(profile=profile, cell_code=code, step=step) for code, step in steps.items()
    )
    return profile


def make_assignment(
    staff, department, codes, *, name="情報化の企画", role="main", fiscal_year=2026, done_by="staff"
) -> DutyAssignment:
    """Return a saved 事務分掌: a duty of the department's own that asks for these cells, and who has it."""
    city = staff.municipality
    plan, _ = DutyPlan.objects.get_or_create(
        municipality=city,
        department=department,
        fiscal_year=fiscal_year,
        defaults={"updated_at": timezone.now()},
    )
    duty = Duty.objects.create(
        municipality=city, department=department, code=f"own-{next(_serial)}", name=name
    )
    DutyDemand.objects.bulk_create(DutyDemand(duty=duty, cell_code=code, holders=1) for code in codes)
    done = DepartmentDuty.objects.create(municipality=city, plan=plan, duty=duty, done_by=done_by)
    return DutyAssignment.objects.create(municipality=city, department_duty=done, staff=staff, role=role)


def _make_entry(model, staff, title: str, cells=(), **kwargs):
    now = timezone.now()
    entry = model.objects.create(
        municipality=staff.municipality, staff=staff, kind=model.__name__.lower(), title=title,
        **{"created_at": now, "updated_at": now, "created_by": staff, "updated_by": staff, **kwargs},
    )  # fmt: skip
    EntryCell.objects.bulk_create(EntryCell(entry_id=entry.pk, cell_code=code) for code in cells)
    return entry


def make_experience(staff, title: str = "ポリシーの改定", *, cells=(), **kwargs) -> Experience:
    """Return a saved 業務経験 that shows the cells with these codes."""
    return _make_entry(Experience, staff, title, cells, **kwargs)


def make_certification(staff, title: str = "応用情報技術者試験", *, cells=(), **kwargs) -> Certification:
    """Return a saved 資格."""
    return _make_entry(Certification, staff, title, cells, **kwargs)


def make_training(staff, title: str = "業務改革の進め方", *, cells=(), **kwargs) -> Training:
    """Return a saved 研修, finished unless told otherwise."""
    return _make_entry(Training, staff, title, cells, **kwargs)


def make_handover(staff, title: str = "ポリシー改定の資料の場所", *, cells=(), **kwargs) -> Handover:
    """Return a saved 引継ぎメモ."""
    return _make_entry(Handover, staff, title, cells, **kwargs)


def make_course(municipality, name: str = "業務改革の進め方", *, cells=None, **kwargs) -> Course:
    """Return a saved course; `cells` is {cell code: step it leads to}."""
    provider, _ = Provider.objects.get_or_create(
        municipality=None, code="academy", defaults={"name": "市町村アカデミー"}
    )
    kwargs.setdefault("updated_at", timezone.now())
    course = Course.objects.create(municipality=municipality, provider=provider, name=name, **kwargs)
    CourseCell.objects.bulk_create(
        CourseCell(course=course, cell_code=code, to_step=step) for code, step in (cells or {}).items()
    )
    return course


def make_qualification(code: str = "AP", name: str = "応用情報技術者試験", **kwargs) -> Qualification:
    """Return a saved row of the common register, unless a municipality is given."""
    return Qualification.objects.create(code=code, name=name, **kwargs)
