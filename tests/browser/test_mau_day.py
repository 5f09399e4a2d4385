"""A Master Admin User's day: somebody joins, is assigned, forgets the password, and leaves again."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Arrive
from tests.browser.sites import Site, until
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.anyio

OLGA, OTTO = "olga@clearvolt.example", "otto@clearvolt.example"
QUERY = "Erroneous Transfer - General Query (Electricity)"
READINGS = "Disputed Meter Readings - Escalation (Electricity)"


@pytest.mark.spec("SD 2.3")
@pytest.mark.spec("SD 2.5")
@pytest.mark.spec("SD 2.5(a)")
@pytest.mark.spec("SD 2.5(b)")
@pytest.mark.spec("SD 2.6")
@pytest.mark.spec("SL 9")
@pytest.mark.parametrize("scripted", [True, False], ids=["with script", "without script"])
async def test_the_day_of_a_mau(site: Site, arrive: Arrive, scripted: bool) -> None:
    name = "Wim de Boer" if scripted else "Zofia Łuk"
    email = f"{'wim' if scripted else 'zofia'}@clearvolt.example"
    olga = await arrive(site, OLGA, java_script_enabled=scripted)
    page = olga.page

    await olga.goto("/users")
    if scripted:
        await page.keyboard.press("n")
    else:
        await page.get_by_role("link", name="New person").click()
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("E-mail address").fill("not an address")
    await page.get_by_label("User reports and secure communications administration").check()
    await box(page, READINGS, 2).check()
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("alert")).to_contain_text("like name@company.example")
    olga.may_say("status of 422")
    await expect(box(page, READINGS, 2)).to_be_checked()
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_text(f"A single-use password was sent to {email}.")).to_be_visible()
    person = page.url

    newcomer = await arrive(site, java_script_enabled=scripted)
    await enter(newcomer, email, password_sent(site, email, 1))
    for label in ("New password", "New password again"):
        await newcomer.page.get_by_label(label, exact=True).fill("seven quiet herons land")
    await newcomer.page.get_by_role("button", name="Save password").click()
    await expect(newcomer.page.get_by_role("heading", level=1)).to_have_text("Active communications")

    await page.get_by_role("checkbox", name=f"{READINGS}, all levels").check()
    if scripted:
        await expect(box(page, READINGS, 3)).to_be_checked()
    await box(page, QUERY, 1).check()
    await page.get_by_role("button", name="Save use cases").click()
    await expect(page.get_by_text(f"The use cases of {name} were saved.")).to_be_visible()
    for process, level in ((QUERY, 1), (READINGS, 1), (READINGS, 2), (READINGS, 3)):
        await expect(box(page, process, level)).to_be_checked()

    await page.locator("summary", has_text="Send a new password").click()
    await page.get_by_role("button", name="Send it").click()
    await expect(page.get_by_text(f"A new single-use password was sent to {email}.")).to_be_visible()
    await newcomer.goto("/sdep/communications")
    await expect(newcomer.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await enter(newcomer, email, password_sent(site, email, 2))
    await expect(newcomer.page.get_by_role("heading", level=1)).to_have_text("Choose your password")

    for colleague in ("Otto Brandt", "Olga Novak"):
        await olga.goto("/users")
        await page.get_by_role("link", name=colleague, exact=True).click()
        await box(page, QUERY, 1).uncheck()
        await page.get_by_role("button", name="Save use cases").click()
        await expect(page.get_by_text(f"The use cases of {colleague} were saved.")).to_be_visible()
    await olga.goto("/users?held=only")
    await page.get_by_role("link", name=name).click()
    await page.get_by_role("link", name="Delete").click()
    await expect(page.get_by_role("heading", level=2)).to_have_text("1 use case would be left with nobody")
    await page.get_by_role("button", name=f"Delete {name}").click()
    await expect(page.get_by_role("alert")).to_contain_text("Choose who takes over")
    await page.get_by_label("Who takes over").select_option("Otto Brandt")
    await page.get_by_role("button", name=f"Delete {name}").click()
    await expect(page.get_by_text(f"{name} <{email}> was deleted.")).to_be_visible()
    await page.get_by_role("link", name="Otto Brandt").click()
    await expect(box(page, QUERY, 1)).to_be_checked()
    olga.may_say("status of 404")
    assert (await olga.goto(person.removeprefix(site.address))).status == 404


async def test_the_list_is_searched_while_typing(site: Site, arrive: Arrive) -> None:
    olga = await arrive(site, OLGA)
    await olga.goto("/users?sort=name&direction=down")
    await olga.page.keyboard.press("/")
    await olga.page.keyboard.type("otto")
    await expect(olga.page.locator("[data-rows] tr")).to_have_count(1)
    await expect(olga.page).to_have_url(re.compile(r"/users\?q=otto&sort=name&direction=down$"))
    await expect(olga.page.get_by_label("Search name or e-mail address")).to_be_focused()
    await olga.page.get_by_label("State").select_option("Suspended")
    await expect(olga.page.get_by_role("heading", name="Nobody found")).to_be_visible()
    await olga.page.go_back()
    await expect(olga.page.get_by_role("link", name="Otto Brandt")).to_be_visible()


async def test_a_row_and_a_column_are_ticked_at_once(site: Site, arrive: Arrive) -> None:
    olga = await arrive(site, OLGA)
    await olga.goto("/users/new")
    page = olga.page
    column = page.get_by_role("checkbox", name="Level 2 of every process type")
    await column.check()
    boxes = page.locator("input[name=p0][value$='.2']")
    assert await boxes.count() > 3
    for at in range(await boxes.count()):
        await expect(boxes.nth(at)).to_be_checked()
    await box(page, READINGS, 2).uncheck()
    await expect(column).not_to_be_checked()
    await page.get_by_role("checkbox", name=f"{READINGS}, all levels").check()
    await expect(column).to_be_checked()
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("link", name="Cancel").click()


def box(page: Page, process: str, level: int) -> Locator:
    """The check box of one use case."""
    return page.get_by_role("checkbox", name=re.compile(re.escape(f"{process}, level {level}:")))


async def enter(visitor: Visitor, email: str, password: str) -> None:
    """Signs in with a single-use password."""
    await visitor.goto("/sign-in")
    await visitor.page.get_by_label("Email address").fill(email)
    await visitor.page.get_by_label("Password", exact=True).fill(password)
    await visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    await visitor.page.wait_for_url("**/new-password")


def password_sent(site: Site, email: str, count: int) -> str:
    """The single-use password in the last of so many mails, as the demo shows them."""
    sql = "SELECT text FROM demo_mail WHERE to_address = %s AND text LIKE '%%can be used once%%' ORDER BY id"
    until(lambda: len(site.rows(sql, email)) == count, f"{count} mails are kept")
    found = re.search(r"^    (\S+)$", site.rows(sql, email)[-1]["text"], re.MULTILINE)
    assert found
    return found[1]
