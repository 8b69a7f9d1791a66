"""Pictures of the product for the README and the manual, taken anew from the sample municipality.

Usage: python -m scripts.screenshots [NAME …]      (through `make screenshots`; without names: all of them)

Starts a server of its own on a free port with a database that is thrown away, and stops it again. The sign-in codes
in the pictures belong to that database and open nothing.
"""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from scripts import picture_steps as steps
from scripts.chromium import CHROMIUM

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "manual" / "img"
# Of the sample accounts, as the sign-in page shows it.
PASSWORD = "mihon-shi-2026-demo"  # noqa: S105
# What the address on the sign-in slips is called; the browser is told where it really is.
HOST = "skill.mihon-shi.example"
WIDTH = 1366
# Taller than this, and nobody can read the picture in a page of the manual.
TALLEST = 1100
# Before its height is known; lower than any page.
LOW = 600
MOST_BYTES = 250_000


@dataclass(frozen=True)
class Shot:
    """One picture: its file, who is signed in, the page, what is done there first, and how much of it is shown."""

    name: str
    account: str
    path: str
    prepare: Callable[[Page], None] | None = None
    height: int = TALLEST


def pictures() -> list[Shot]:
    """Return every picture of the README and the manual."""
    return [
        Shot("home", "honnin", "/"),
        Shot("sheet", "honnin", "/sheet/"),
        Shot("resume", "kakari", "/resume/"),
        Shot("quick-add", "honnin", "/resume/add/"),
        Shot("evidence", "honnin", "/sheet/", steps.evidence_of_the_first_cell, height=900),
        Shot("interview", "honnin", "/resume/", steps.from_the_record("面談シート")),
        Shot("handover", "kakari", "/resume/", steps.from_the_record("引継ぎシート"), height=1000),
        Shot("travel", "honnin", "/resume/", steps.from_the_record("記録を持っていく"), height=900),
        Shot("courses", "honnin", "/training/", height=1000),
        Shot("training-plan", "jinji", "/training/plan/", height=1000),
        Shot("qualifications", "jinji", "/qualifications/", height=700),
        Shot("issuers", "jinji", "/issuers/", height=900),
        Shot("experienced", "kacho", "/people/experienced/?cell=security-policy.management&step=3"),
        Shot("viewers", "kakari", "/resume/viewers/", height=700),
        Shot("review", "kacho", "/review/", height=800),
        Shot("review-sheet", "kacho", "/review/", steps.first_of_the_list),
        Shot("gap", "kacho", "/departments/", steps.report_of_the_section),
        Shot("heatmap", "kacho", "/departments/", steps.heatmap_of_the_section),
        Shot("needs", "kacho", "/departments/", steps.needs_of_the_section, height=1000),
        Shot("duties", "kacho", "/departments/", steps.opened("業務を決める"), height=900),
        Shot(
            "assignments",
            "kacho",
            "/departments/",
            steps.opened("業務を決める", "事務分掌を決める"),
            height=900,
        ),
        Shot("cell", "kacho", "/departments/", steps.opened("セキュリティポリシー｜策定管理")),
        Shot("four-way", "kacho", "/departments/", steps.opened("職員数とスキルの確保"), height=900),
        Shot("summary", "kacho", "/departments/", steps.opened("1枚のまとめ")),
        Shot("measures", "kacho", "/departments/", steps.opened("未決定の", exact=False), height=950),
        Shot("training", "kacho", "/departments/", steps.training_with_three_places),
        Shot("scenario", "kacho", "/scenarios/", steps.the_kept_scenario),
        Shot("trend", "kacho", "/departments/", steps.opened("分類と項目ごとに見る"), height=900),
        Shot("framework", "honnin", "/framework/", height=1100),
        Shot("crosswalks", "henshu", "/crosswalks/", height=900),
        Shot("reference", "henshu", "/reference/", height=1000),
        Shot("framework-draft", "henshu", "/framework/drafts/", steps.the_draft(), height=1100),
        Shot(
            "framework-cell", "henshu", "/framework/drafts/", steps.the_draft("通信環境の把握"), height=1200
        ),
        Shot(
            "framework-compare",
            "henshu",
            "/framework/drafts/",
            steps.the_draft("もとの版と比べる"),
            height=1000,
        ),
        Shot("overview", "jinji", "/overview/"),
        Shot("cycles", "jinji", "/cycles/", height=480),
        Shot("cycle", "jinji", "/cycles/", steps.the_year(), height=1000),
        Shot("cycle-copy", "jinji", "/cycles/", steps.copy_of_the_year),
        Shot("participants", "jinji", "/cycles/", steps.the_year("対象者を"), height=1000),
        Shot("extensions", "jinji", "/cycles/", steps.the_year("締切の延長"), height=900),
        Shot("closing", "jinji", "/cycles/", steps.the_year("年度を終える画面へ"), height=900),
        Shot("progress", "jinji", "/cycles/", steps.the_year("所属ごとの進みを見る"), height=1000),
        Shot("unsubmitted", "jinji", "/cycles/", steps.the_year("未提出一覧"), height=800),
        Shot("reminders", "jinji", "/cycles/", steps.the_year("お願いを出す"), height=1000),
        Shot("reminders-paper", "jinji", "/cycles/", steps.slips_of_the_year, height=900),
        Shot("people", "jinji", "/people/?q=高橋", height=700),
        Shot("people-bulk", "jinji", "/people/?q=田", steps.many_at_once, height=900),
        Shot("proxies", "jinji", "/proxies/", height=800),
        Shot("proxy-begin", "jinji", "/proxies/", steps.beginning_on_behalf, height=800),
        Shot("past", "jinji", "/imports/past/", height=1000),
        Shot("past-preview", "jinji", "/imports/past/", steps.past_ratings, height=900),
        Shot("api-tokens", "jinji", "/api-tokens/", height=1000),
        Shot("import-map", "jinji", "/imports/", steps.mapping, height=1000),
        Shot("import-templates", "jinji", "/imports/", steps.kept_mapping, height=700),
        Shot("export-form", "jinji", "/exports/records/", height=1000),
        Shot("export-centre", "jinji", "/exports/", height=1000),
        Shot("exports", "jinji", "/exports/records-wide/", steps.export_for_old_systems),
        Shot("import-errors", "jinji", "/imports/", steps.upload_of(steps.WRONG_ROSTER)),
        Shot("import-preview", "jinji", "/imports/", steps.upload_of(steps.ROSTER)),
        Shot("admin-events", "kansa", "/audit/", height=900),
        Shot("privacy-retention", "jinji", "/privacy/retention/", height=1000),
        Shot("privacy-request", "jinji", "/privacy/requests/new/", steps.request_taken, height=1100),
        Shot("privacy-leak", "kansa", "/privacy/leak/?how=account&what=0104512&since=2026-04-01"),
        Shot("accounts", "sysadmin", "/accounts/", height=800),
        Shot("sessions", "honnin", "/sessions/", steps.signed_in_elsewhere, height=600),
        Shot("factors", "honnin", "/factors/", height=700),
        Shot("factor-app", "honnin", "/factors/app/", height=1000),
        # These change what the pages above show.
        Shot("import-undo", "jinji", "/imports/", steps.taken_in, height=1000),
        Shot("submit", "honnin", "/sheet/", steps.filled_in),
        Shot("slips", "sysadmin", "/accounts/slips/", steps.codes_for_one_department),
        Shot(
            "framework-publish",
            "henshu",
            "/framework/drafts/",
            steps.the_draft("公開の前に確かめる"),
            height=1000,
        ),
        Shot("framework-published", "henshu", "/framework/drafts/", steps.published, height=700),
        Shot("cycle-version", "jinji", "/cycles/", steps.what_moving_changes, height=1100),
        Shot("cycle-version-moved", "jinji", "/cycles/", steps.moved, height=900),
        Shot("sheet-review", "honnin", "/sheet/", height=900),
        Shot("factor-codes", "honnin", "/factors/app/", steps.app_added, height=800),
        Shot("factor-reset", "sysadmin", "/accounts/", steps.account_with_factor, height=700),
        Shot("second-step", "honnin", "/", steps.second_step, height=800),
        Shot("trend-joint", "kacho", "/departments/", steps.opened("分類と項目ごとに見る"), height=1100),
    ]


@contextlib.contextmanager
def running_product() -> Iterator[int]:
    """Run the product with the sample municipality; yields its port, and leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {
            **os.environ,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": f"sqlite:///{folder}/pictures.sqlite3",
            # Static files straight from the sources, so that the collected ones of `make run` stay as they are.
            "DEBUG": "true",
            "DEMO": "true",
            "ALLOWED_HOSTS": HOST,
            "PLAIN_HTTP": "true",
        }
        manage = [sys.executable, "manage.py"]
        for command in (
            ["migrate", "--verbosity", "0"],
            ["load_framework", "competency/data/lasdec-2012.yaml"],
            ["load_duties", "competency/data/duties.yaml"],
            ["load_catalogue"],
            [
                "load_crosswalk",
                "competency/data/crosswalk-q3-1.yaml",
                "competency/data/tags-digital-jinzai.yaml",
                "competency/data/tags-dss-2024.yaml",
            ],
            ["load_survey", "competency/data/survey-2019.yaml", "competency/data/staffing-2018.yaml"],
            ["demo"],
        ):
            subprocess.run(
                [*manage, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
            )
        server = subprocess.Popen(
            [*manage, "runserver", "--noreload", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(port, server)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers; raises RuntimeError where it ends or stays silent for half a minute."""
    for _ in range(120):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.25)
    raise RuntimeError(f"nothing answers on port {port}")


def signed_in(browser: Browser, account: str) -> Page:
    """Return a page of this account's own."""
    context = browser.new_context(
        locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": WIDTH, "height": LOW}
    )
    page = context.new_page()
    page.goto(f"http://{HOST}/login/")
    page.get_by_label("ログイン名").fill(account)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="ログインする").click()
    page.wait_for_url(f"http://{HOST}/")
    return page


def take(page: Page, shot: Shot) -> None:
    """Write one picture, no taller than it may be; raises RuntimeError for a refusal or too large a file."""
    answer = page.goto(f"http://{HOST}{shot.path}")
    if answer is None or not answer.ok:
        raise RuntimeError(f"{shot.name}: {shot.path} answers {answer.status if answer else 'nothing'}")
    if shot.prepare:
        shot.prepare(page)
    page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0)")
    tall = page.evaluate("document.documentElement.scrollHeight")
    # A window of that height, not a clip: bars that stay at the bottom of the window then do so in the picture.
    page.set_viewport_size({"width": WIDTH, "height": min(tall, shot.height)})
    target = PICTURES / f"{shot.name}.png"
    page.screenshot(path=target, animations="disabled")
    page.set_viewport_size({"width": WIDTH, "height": LOW})
    size = target.stat().st_size
    if size > MOST_BYTES:
        raise RuntimeError(f"{shot.name}.png has {size} bytes: show less of the page")
    print(f"{shot.name}.png  {size // 1000} kB", flush=True)


def main(names: list[str]) -> int:
    """Take the pictures named, or all; returns the exit code."""
    wanted = [shot for shot in pictures() if not names or shot.name in names]
    unknown = set(names) - {shot.name for shot in wanted}
    if unknown:
        print(f"No such picture: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    arguments = ["--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none", "--lang=ja"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    with running_product() as port, sync_playwright() as playwright:
        arguments.append(f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{port}")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        pages: dict[str, Page] = {}
        for shot in wanted:
            if shot.account not in pages:
                pages[shot.account] = signed_in(browser, shot.account)
            take(pages[shot.account], shot)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
