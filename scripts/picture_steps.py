"""What is done on a page before its picture is taken (scripts.screenshots)."""

from collections.abc import Callable

import pyotp
from playwright.sync_api import Page

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
PAST = [
    "職員番号,氏名,セキュリティポリシー｜策定管理,庁内情報化｜業務分析,システムの運用管理（初級）",
    "0107719,渡部 誠,2,1,3",
    "0114027,小林 恵,2,2,2",
    "0120055,加藤 大地,0,1,1",
]


def request_taken(page: Page) -> None:
    """Take a 開示請求 in, and stay on its page."""
    page.get_by_label("職員番号").fill("0115310")
    page.get_by_label("受付番号").fill("R8-人-3")
    page.get_by_label("受付日").fill("令和8年11月20日")
    page.get_by_role("button", name="受け付ける").click()
    page.get_by_role("heading", name="本人について持っているもの").wait_for()


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
    page.get_by_label("CSV（CP932", exact=False).check()
    page.get_by_label("理由", exact=False).fill("研修管理システムへの受渡し")
    page.get_by_role("button", name="ファイルを作る").click()
    page.get_by_role("heading", name="CP932で書けない文字があります").wait_for()


def codes_for_one_department(page: Page) -> None:
    """Print the first sign-in codes of 税務課."""
    page.get_by_label("税務課").check()
    page.get_by_role("button", name="番号を出す").click()
    page.get_by_role("heading", name="初回ログインの番号（").wait_for()


def the_year(link: str = "") -> Callable[[Page], None]:
    """Return the step that opens the newest year, and a page of its own by the words of the link."""

    def step(page: Page) -> None:
        page.locator("main tbody a").first.click()
        page.wait_for_load_state()
        if link:
            page.locator("main").get_by_role("link", name=link, exact=False).first.click()
            page.wait_for_load_state()

    return step


def copy_of_the_year(page: Page) -> None:
    """Open the form that makes a year after the newest one."""
    page.get_by_role("link", name="を写して準備する", exact=False).click()
    page.wait_for_load_state()


def many_at_once(page: Page) -> None:
    """Choose two people, give them one 発令 and look at what would change."""
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name="発令をまとめて登録する").click()
    # The options are indented by the depth of the department.
    place = page.locator("#id_department option", has_text="企画政策課").get_attribute("value")
    page.locator("#id_department").select_option(value=place)
    page.get_by_label("発令日", exact=False).first.fill("令和9年4月1日")
    page.get_by_role("button", name="登録する内容を確かめる").click()
    page.wait_for_load_state()


def past_ratings(page: Page) -> None:
    """Check a table of 到達度 of a past year."""
    form = page.locator("form", has=page.locator('input[type="file"]'))
    form.locator("#id_year").select_option(index=6)
    content = "\r\n".join(PAST).encode("utf-8-sig")
    form.locator('input[type="file"]').set_input_files(
        {"name": "skill.csv", "mimeType": "text/csv", "buffer": content}
    )
    form.get_by_role("button", name="内容を確かめる").click()
    page.wait_for_load_state()


def taken_in(page: Page) -> None:
    """Bring the April roster in; the page then offers to take it back."""
    upload_of(ROSTER)(page)
    seen = page.locator('input[name="seen"]')
    if seen.count():
        seen.check()
    page.get_by_role("button", name="取り込む", exact=True).click()
    page.wait_for_load_state()
    page.locator("summary", has_text="取り込む前に戻す").click()


def mapping(page: Page) -> None:
    """Choose the columns of a roster by hand and give the choice the name of its system."""
    upload_of(ROSTER)(page)
    page.get_by_role("link", name="列の対応を決める").click()
    page.get_by_label("ひな形の名前", exact=False).fill("人事給与システム")


def kept_mapping(page: Page) -> None:
    """Keep that choice, and open the list of templates."""
    mapping(page)
    page.locator("main form").get_by_role("button").first.click()
    page.wait_for_load_state()
    page.goto(page.url.split("/imports/")[0] + "/imports/templates/")


def slips_of_the_year(page: Page) -> None:
    """Open the slips of お願い."""
    the_year("お願いを出す")(page)
    page.locator("main").get_by_role("link", name="紙を印刷する", exact=False).first.click()
    page.wait_for_load_state()


def beginning_on_behalf(page: Page) -> None:
    """Seek somebody who has not begun, and open the page where 代理入力 begins."""
    page.locator('main input[type="text"], main input:not([type])').first.fill("岩﨑")
    page.get_by_role("button", name="さがす").click()
    page.wait_for_load_state()
    page.locator("main").get_by_role("link", name="開く", exact=False).first.click()
    page.wait_for_load_state()


def the_draft(link: str = "", *, exact: bool = False) -> Callable[[Page], None]:
    """Return the step that opens the draft of the sample, and one of its pages by the words of the link."""

    def step(page: Page) -> None:
        page.locator("main tbody a, main li a").first.click()
        page.wait_for_load_state()
        if link:
            page.locator("main").get_by_role("link", name=link, exact=exact).first.click()
            page.wait_for_load_state()

    return step


def published(page: Page) -> None:
    """Publish the draft of the sample; what was changed is told."""
    the_draft("公開の前に確かめる")(page)
    page.get_by_role("textbox", name="改定の説明").fill("現状把握を、通信環境と住民の利用に分けました。")
    page.get_by_role("button", name="この版を公開する").click()
    page.wait_for_load_state()


def what_moving_changes(page: Page) -> None:
    """Go to the page that says what moving the year to the new version changes."""
    the_year("体系の版を移す画面へ")(page)
    page.get_by_role("button", name="変わるところを見る").click()
    page.wait_for_load_state()


def moved(page: Page) -> None:
    """Move the year to the new version."""
    what_moving_changes(page)
    page.locator("main").get_by_role("button", name="に移す").click()
    page.wait_for_load_state()


def signed_in_elsewhere(page: Page) -> None:
    """Let the same person be signed in on a second machine, then look at the list."""
    address = page.url
    browser = page.context.browser
    if browser is None:
        raise RuntimeError("no browser to open a second machine in")
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
    )
    other = browser.new_context(user_agent=agent).new_page()
    other.goto(address)
    other.get_by_label("ログイン名").fill("honnin")
    other.get_by_label("パスワード").fill("mihon-shi-2026-demo")
    other.get_by_role("button", name="ログインする").click()
    page.goto(address)


def app_added(page: Page) -> None:
    """Add an app by the code that it would show."""
    page.locator("summary", has_text="図を読み取れないとき").click()
    secret = page.locator("details.more[open] b").inner_text().replace(" ", "")
    page.get_by_label("認証アプリの番号").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="登録する").click()
    page.get_by_role("heading", level=1, name="予備コード").wait_for()


def account_with_factor(page: Page) -> None:
    """Open the account of somebody who has an app: `app_added` comes before."""
    page.goto(page.url + "?q=山﨑")
    page.get_by_role("link", name="山﨑 美咲").click()
    page.get_by_role("button", name="2段階認証を解除する").wait_for()


def second_step(page: Page) -> None:
    """Sign out and in again, as far as the second step: `app_added` comes before."""
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="ログアウト").click()
    page.get_by_label("ログイン名").fill("honnin")
    page.get_by_label("パスワード").fill("mihon-shi-2026-demo")
    page.get_by_role("button", name="ログインする").click()
    page.get_by_label("認証アプリの番号").wait_for()
