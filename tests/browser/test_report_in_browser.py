"""The report as a reader meets it: in a browser, at three widths, by keyboard, on paper."""

import json
import re

import pytest

import simsme
from simsme.report.files import write_report

WIDTHS = (390, 800, 1280)
POLICIES = ["renewal-for-all", "forbearance", "package"]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = simsme.run(
        "three-months",
        policies=POLICIES,
        draws=4,
        overrides=["population.firms=120", "time.horizon_days=182", "time.report_days=[91, 182]"],
    )
    return write_report(out.save(tmp_path_factory.mktemp("runs")))


@pytest.fixture
def opened(browser, report):
    """The page, with what it said and asked for; both must be nothing."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    yield page
    page.close()
    assert said == []
    assert [url for url in asked if url != report.as_uri() and not url.startswith("data:")] == []


def visible(page, selector):
    return [element for element in page.query_selector_all(selector) if element.is_visible()]


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_the_screen(opened, width, tmp_path):
    opened.set_viewport_size({"width": width, "height": 900})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    shape = "narrow" if width < 576 else "wide"
    charts = visible(opened, "svg.chart")
    assert charts
    assert all(shape in chart.get_attribute("class") for chart in charts)
    small = opened.evaluate(
        """() => [...document.querySelectorAll('svg.chart text')].filter(text => text.getBoundingClientRect().width > 0)
             .map(text => text.getBoundingClientRect().height).filter(height => height < 9).length"""
    )
    assert small == 0
    picture = tmp_path / f"{width}.png"
    opened.screenshot(path=str(picture), full_page=True)
    assert picture.stat().st_size > 20_000


def test_what_is_counted_and_the_policies_can_be_chosen(opened):
    assert len(visible(opened, "figure[data-view]")) == 1
    opened.check('input[name="view"][value="cash"]')
    assert [figure.get_attribute("data-view") for figure in visible(opened, "figure[data-view]")] == ["cash"]
    before = len(visible(opened, 'figure[data-view="cash"] svg.wide g[data-policy]'))
    opened.uncheck('input[name="policy"][value="package"]')
    after = visible(opened, 'figure[data-view="cash"] svg.wide g[data-policy]')
    assert (before, len(after)) == (4, 3)
    assert "package" not in [line.get_attribute("data-policy") for line in after]


def test_the_pointer_reads_values(opened, report):
    chart = opened.query_selector('figure[data-view="exit"] svg.wide')
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    opened.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
    text = opened.inner_text("#reading")
    summary = json.loads((report.parent / "summary.json").read_text(encoding="utf-8"))
    last = next(entry for entry in summary["policies"] if entry["policy"] == "package")["by_day"]["182"]["survival"]["exit"]["mean"]
    assert text.startswith("Day 182:")
    assert f"{100 * last:.1f}" in text


def test_everything_can_be_done_with_the_keyboard(opened):
    chart = opened.query_selector('figure[data-view="exit"] svg.wide')
    chart.focus()
    opened.keyboard.press("End")
    assert opened.inner_text("#reading").startswith("Day 182:")
    opened.keyboard.press("Home")
    opened.keyboard.press("ArrowRight")
    assert opened.inner_text("#reading").startswith("Day 7:")
    opened.focus('input[name="view"][value="exit"]')
    opened.keyboard.press("ArrowDown")
    assert [figure.get_attribute("data-view") for figure in visible(opened, "figure[data-view]")] == ["gain"]


def test_who_is_saved_follows_policy_and_day(opened):
    opened.select_option("#group-policy", "forbearance")
    opened.select_option("#group-day", "91")
    shown = visible(opened, "[data-group-policy]")
    assert [(part.get_attribute("data-group-policy"), part.get_attribute("data-group-day")) for part in shown] == [("forbearance", "91")]


CONTRAST = """() => {
  const part = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); };
  const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const behind = e => {
    for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255];
  };
  const low = [];
  for (const e of document.querySelectorAll('body *')) {
    if (!e.getClientRects().length || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e), ink = numbers(e.namespaceURI.endsWith('svg') ? style.fill : style.color);
    const a = light(ink), b = light(behind(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(e.tagName + ' ' + ratio.toFixed(2) + ' ' + e.textContent.slice(0, 40));
  }
  return low;
}"""


def test_text_stands_out_from_its_ground(opened):
    assert opened.evaluate(CONTRAST) == []


def test_it_prints(opened, tmp_path):
    opened.emulate_media(media="print")
    assert visible(opened, "fieldset.script") == []
    assert visible(opened, "h2")
    paper = tmp_path / "report.pdf"
    opened.pdf(path=str(paper), format="A4")
    pages = len(re.findall(rb"/Type\s*/Page[^s]", paper.read_bytes()))
    assert 2 <= pages <= 20


def test_without_script_the_first_view_is_there(browser, report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert [figure.get_attribute("data-view") for figure in visible(page, "figure[data-view]")] == ["exit"]
    assert visible(page, ".answer")
    context.close()
