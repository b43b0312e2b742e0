"""The HTML report in a real browser: stepped by mouse, keys and slider, read by colour.

Skipped where there is no browser, unless `CWM_CHECK_BROWSER=required`, as in CI.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from examples import EXAMPLES
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from cwm_check.reports import html

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
Page = webdriver.Chrome

# The least contrast of each text with what is behind it; every one of them is opaque.
CONTRAST = """
const light = (rgb) => {
  const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const channels = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (node) => {
  for (; node; node = node.parentElement) {
    const [r, g, b, a = 1] = channels(getComputedStyle(node).backgroundColor);
    if (a > 0) return [r, g, b];
  }
  return null;
};
const found = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!own || !node.checkVisibility()) continue;
  const [one, other] = [channels(getComputedStyle(node).color), behind(node)].map(light).sort((a, b) => b - a);
  const ratio = (one + 0.05) / (other + 0.05);
  if (ratio < 4.5) found.push(`${node.tagName} ${node.className} ${ratio.toFixed(2)}`);
}
return found;
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    binary = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if not (binary and driver):
        if os.environ.get("CWM_CHECK_BROWSER") == "required":
            pytest.fail("no browser: install chromium and chromium-driver")
        pytest.skip("no chromium, or no chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,1600"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield started
    started.quit()


@pytest.fixture
def show(browser: Page, tmp_path: Path) -> Callable[[str], Page]:
    """Open the report of an example."""

    def opened(example: str) -> Page:
        path = tmp_path / f"{example}.html"
        with path.open("w", encoding="utf-8") as file:
            html.render(EXAMPLES[example](), file)
        browser.get(path.as_uri())
        return browser

    return opened


def stepping(page: Page) -> WebElement:
    """Return the first finding with two runs."""
    return page.find_element(By.CSS_SELECTOR, "article[data-parting]")


def said(article: WebElement) -> tuple[str, list[str], list[str]]:
    """Return what the page says of the step: the number, the current line and the locals of both sides."""
    lines = article.find_elements(By.CSS_SELECTOR, "li[aria-current] > code")
    states = article.find_elements(By.CSS_SELECTOR, ".state")
    number = article.find_element(By.TAG_NAME, "output").text
    return number, [line.text.strip() for line in lines], [" ".join(state.text.split()) for state in states]


def test_the_first_difference_is_shown_first(show: Callable[[str], Page]) -> None:
    article = stepping(show("plain"))

    assert said(article) == (
        "step 4 of 4, the runs part here",
        ["return -5", "return 0"],
        ["the run ends", "the run ends"],
    )


def test_buttons_step_both_runs_at_once(show: Callable[[str], Page]) -> None:
    article = stepping(show("plain"))
    first, back, forward, parting = article.find_elements(By.TAG_NAME, "button")

    first.click()
    assert said(article) == (
        "step 1 of 4",
        ["def total(items, discount=5):", "def total(items, discount=6):"],
        ["items [1] discount 6"] * 2,
    )
    forward.click()
    forward.click()
    assert said(article) == (
        "step 3 of 4",
        ["return value - discount", "return max(0, value - discount)"],
        ["items [1] discount 6 value 1"] * 2,
    )
    back.click()
    assert said(article)[0] == "step 2 of 4"
    parting.click()
    assert said(article)[0] == "step 4 of 4, the runs part here"


def test_keys_step_and_stop_at_both_ends(show: Callable[[str], Page]) -> None:
    article = stepping(show("plain"))

    article.send_keys(Keys.HOME)
    article.send_keys("k")
    assert said(article)[0] == "step 1 of 4"
    article.send_keys("jj", Keys.ARROW_DOWN, "j")
    assert said(article)[0] == "step 4 of 4, the runs part here"
    article.send_keys(Keys.ARROW_UP)
    assert said(article)[0] == "step 3 of 4"
    article.send_keys("d")
    assert said(article)[0] == "step 4 of 4, the runs part here"


def test_the_slider_steps(show: Callable[[str], Page]) -> None:
    article = stepping(show("plain"))
    slider = article.find_element(By.TAG_NAME, "input")

    slider.send_keys(Keys.ARROW_LEFT)

    assert (said(article)[0], slider.get_attribute("value")) == ("step 3 of 4", "2")


def test_one_finding_is_stepped_without_the_others(show: Callable[[str], Page]) -> None:
    page = show("plain")
    one, other = page.find_elements(By.CSS_SELECTOR, "article[data-parting]")

    one.send_keys(Keys.HOME)

    assert (said(one)[0], said(other)[0]) == ("step 1 of 4", "step 4 of 4, the runs part here")


def test_a_screen_reader_hears_both_lines(show: Callable[[str], Page]) -> None:
    article = stepping(show("plain"))
    output = article.find_element(By.TAG_NAME, "output")

    assert (output.get_attribute("aria-live"), output.get_attribute("aria-label")) == (
        "polite",
        "step 4 of 4, the runs part here. Before: return -5. After: return 0",
    )
    assert article.find_element(By.TAG_NAME, "input").accessible_name == "Step"


def test_the_tab_key_reaches_everything_and_the_first_stop_skips_the_list(show: Callable[[str], Page]) -> None:
    page = show("plain")
    stops = []
    for _ in range(40):
        page.switch_to.active_element.send_keys(Keys.TAB)
        active = page.switch_to.active_element
        if active.tag_name == "body":
            break
        stops.append(active.get_attribute("class") or active.tag_name)

    assert stops[0] == "skip"
    assert {"a", "warning", "button", "input", "trace", "summary", "wide"} <= set(stops)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("example", ["plain", "hostile"])
def test_every_text_can_be_read(show: Callable[[str], Page], scheme: str, example: str) -> None:
    page = show(example)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    page.execute_script("for (const part of document.querySelectorAll('details')) part.open = true;")

    assert page.execute_script(CONTRAST) == []


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(show: Callable[[str], Page], example: str, width: int) -> None:
    page = show(example)
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    wide = page.execute_script("return document.documentElement.scrollWidth")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    assert wide <= width


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_is_loaded_refused_or_run_that_is_not_ours(show: Callable[[str], Page], example: str) -> None:
    page = show(example)

    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert [entry for entry in page.get_log("browser") if entry["level"] != "DEBUG"] == []
