"""Pictures of the product for the README and the manual, taken anew from the sample municipality.

Usage: python -m scripts.screenshots [NAME …]      (through `make screenshots`; without names: all of them)

Starts a server of its own on a free port with a database that is thrown away, and stops it again. The sign-in codes
in the pictures belong to that database and open nothing.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "manual" / "img"
CHROMIUM = os.environ.get("E2E_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
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


_HEADER = "職員番号,氏名,フリガナ,職員区分,所属CD,所属名,職名,発令区分,発令年月日,終了年月日"
ROSTER = [
    _HEADER,
    "0114027,小林 恵,コバヤシ メグミ,正規職員,010200,企画政策課,主任,本務,令和9年4月1日,",
    "0126001,中村 颯太,ナカムラ ソウタ,正規職員,010101,情報政策係,主任,本務,R9.4.1,",
    "0120061,池田 陽菜,イケダ ヒナ,正規職員,010102,基盤運用係,主事,本務,2027/4/1,",
    "0120061,池田 陽菜,イケダ ヒナ,正規職員,020100,人事課,主事,兼務,2027/4/1,2027/9/30",
    "0131004,﨑山 凪,サキヤマ ナギ,正規職員,010101,情報政策係,主事,本務,2027/4/1,",
    "0131012,髙木 湊,タカギ ミナト,正規職員,020100,人事課,主事,本務,2027/4/1,",
    "0110233,渡邉 健,ワタナベ ケン,正規職員,010102,基盤運用係,係長,本務,令和5年4月1日,",
]
WRONG_ROSTER = [
    _HEADER,
    "114027,小林 恵,コバヤシ メグミ,正規職員,010200,企画政策課,主任,本務,令和9年4月1日,",
    "0126001,中村 颯太,ナカムラ ソウタ,正規職員,010103,情報政策係,主任,本務,R9.4.1,",
    "0120061,池田 陽菜,イケダ ヒナ,正規職員,10102,基盤運用係,主事,本務,2027/4/1,",
    "0131004,﨑山 凪,サキヤマ ナギ,正規職員,010101,情報政策係,主事,本務,2027/2/30,",
    "0131012,髙木 湊,タカギ ミナト,嘱託,020100,人事課,主事,本務,2027/4/1,",
    "０１３１０２０,三浦 想,ミウラ ソウ,正規職員,020100,人事課,主事,本務,2027/4/1,",
    "0111702,大橋 香織,オオハシ カオリ,正規職員,020100,人事課,係長,事務取扱,2027/4/1,",
]


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
        Shot("evidence", "honnin", "/sheet/", evidence_of_the_first_cell, height=900),
        Shot("interview", "honnin", "/resume/", from_the_record("面談シート")),
        Shot("handover", "kakari", "/resume/", from_the_record("引継ぎシート"), height=1000),
        Shot("travel", "honnin", "/resume/", from_the_record("記録を持っていく"), height=900),
        Shot("courses", "honnin", "/training/", height=1000),
        Shot("training-plan", "jinji", "/training/plan/", height=1000),
        Shot("qualifications", "jinji", "/qualifications/", height=700),
        Shot("issuers", "jinji", "/issuers/", height=900),
        Shot("experienced", "kacho", "/people/experienced/?cell=security-policy.management&step=3"),
        Shot("viewers", "kakari", "/resume/viewers/", height=700),
        Shot("review", "kacho", "/review/", height=800),
        Shot("review-sheet", "kacho", "/review/", first_of_the_list),
        Shot("gap", "kacho", "/departments/", report_of_the_section),
        Shot("heatmap", "kacho", "/departments/", heatmap_of_the_section),
        Shot("needs", "kacho", "/departments/", needs_of_the_section, height=1000),
        Shot("duties", "kacho", "/departments/", opened("業務を決める"), height=900),
        Shot("assignments", "kacho", "/departments/", opened("業務を決める", "事務分掌を決める"), height=900),
        Shot("cell", "kacho", "/departments/", opened("セキュリティポリシー｜策定管理")),
        Shot("four-way", "kacho", "/departments/", opened("職員数とスキルの確保"), height=900),
        Shot("summary", "kacho", "/departments/", opened("1枚のまとめ")),
        Shot("measures", "kacho", "/departments/", opened("未決定の", exact=False), height=950),
        Shot("training", "kacho", "/departments/", training_with_three_places),
        Shot("scenario", "kacho", "/scenarios/", the_kept_scenario),
        Shot("trend", "kacho", "/departments/", opened("分類と項目ごとに見る"), height=900),
        Shot("overview", "jinji", "/overview/"),
        Shot("cycles", "jinji", "/cycles/", height=480),
        Shot("exports", "jinji", "/exports/", export_for_old_systems),
        Shot("import-errors", "jinji", "/imports/", upload_of(WRONG_ROSTER)),
        Shot("import-preview", "jinji", "/imports/", upload_of(ROSTER)),
        Shot("accounts", "sysadmin", "/accounts/", height=800),
        # These change what the pages above show.
        Shot("submit", "honnin", "/sheet/", filled_in),
        Shot("slips", "sysadmin", "/accounts/slips/", codes_for_one_department),
    ]


def evidence_of_the_first_cell(page: Page) -> None:
    """Go from the sheet to the entries that the first cell may rest on."""
    page.get_by_role("button", name="根拠にする記録を選ぶ", exact=False).first.click()
    page.get_by_role("heading", name="根拠にする記録", exact=False).first.wait_for()


def from_the_record(link: str) -> Callable[[Page], None]:
    """Return the step that follows a link of one's own record."""

    def step(page: Page) -> None:
        page.locator("main").get_by_role("link", name=link, exact=True).first.click()
        page.wait_for_load_state()

    return step


def report_of_the_section(page: Page) -> None:
    """Open the gap report of デジタル推進課."""
    page.get_by_role("link", name="デジタル推進課", exact=True).click()
    page.get_by_role("heading", name="デジタル推進課のスキルギャップ").wait_for()


def heatmap_of_the_section(page: Page) -> None:
    """Open people × cells of デジタル推進課."""
    report_of_the_section(page)
    page.get_by_role("link", name="人と項目の表を見る").click()
    page.get_by_role("heading", name="人と項目の表").wait_for()


def needs_of_the_section(page: Page) -> None:
    """Open the form of needs of デジタル推進課."""
    report_of_the_section(page)
    page.get_by_role("link", name="必要人数を変える").click()
    page.get_by_role("heading", name="必要人数", exact=False).wait_for()


def opened(*links: str, exact: bool = True) -> Callable[[Page], None]:
    """Return the step that follows these links from the gap report of デジタル推進課."""

    def step(page: Page) -> None:
        report_of_the_section(page)
        for name in links:
            page.locator("main").get_by_role("link", name=name, exact=exact).first.click()
            page.wait_for_load_state()

    return step


def training_with_three_places(page: Page) -> None:
    """Ask for the best use of three places."""
    opened("育成の案を作る")(page)
    page.get_by_role("textbox", name="研修枠の数").fill("3")
    page.get_by_role("button", name="案を作る").click()
    page.get_by_role("heading", name="案（3枠）").wait_for()


def the_kept_scenario(page: Page) -> None:
    """Open the scenario of the sample."""
    page.get_by_role("link", name="𠮷田係長が異動したら").click()
    page.get_by_role("heading", name="𠮷田係長が異動したら").wait_for()


def upload_of(lines: list[str]) -> Callable[[Page], None]:
    """Return the step that checks a roster with these lines, as older systems write it."""

    def step(page: Page) -> None:
        page.get_by_label("職員名簿", exact=True).check()
        content = "\r\n".join(lines).encode("cp932")
        page.get_by_label("ファイル", exact=False).set_input_files(
            {"name": "meibo_0401.csv", "mimeType": "text/csv", "buffer": content}
        )
        page.get_by_role("button", name="内容を確かめる").click()
        page.get_by_role("heading", name="職員名簿の取込み").wait_for()

    return step


def filled_in(page: Page) -> None:
    """Answer what is open as last year, add the evidence that is missing, and go on to the last look."""
    for _ in range(page.get_by_role("button", name="残りはすべて昨年から変更なし").count()):
        page.get_by_role("button", name="残りはすべて昨年から変更なし").first.click()
    page.locator('[name="evidence-it-people.development"]').fill("表計算研修の講師を2回務めた")
    page.get_by_role("button", name="確認して提出へ進む").click()
    page.get_by_role("heading", name="確認して提出").wait_for()


def first_of_the_list(page: Page) -> None:
    """Open the first sheet that waits."""
    page.locator("main tbody a").first.click()
    page.wait_for_url("**/sheets/**")


def export_for_old_systems(page: Page) -> None:
    """Ask for CP932, which cannot carry every name."""
    page.get_by_label("一覧（1人1行）").check()
    page.get_by_label("CSV（CP932", exact=False).check()
    page.get_by_label("理由", exact=False).fill("研修管理システムへの受渡し")
    page.get_by_role("button", name="ファイルを作る").click()
    page.get_by_role("heading", name="CP932で書けない文字があります").wait_for()


def codes_for_one_department(page: Page) -> None:
    """Print the first sign-in codes of 税務課."""
    page.get_by_label("税務課").check()
    page.get_by_role("button", name="番号を出す").click()
    page.get_by_role("heading", name="初回ログインの番号（").wait_for()


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
        }
        manage = [sys.executable, "manage.py"]
        for command in (
            ["migrate", "--verbosity", "0"],
            ["load_framework", "competency/data/lasdec-2012.yaml"],
            ["load_duties", "competency/data/duties.yaml"],
            ["load_catalogue"],
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
