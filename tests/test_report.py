"""The report of a stored run: one page that says what was asked, what came of it, and loads nothing."""

import json
import re
from html.parser import HTMLParser

import pytest

import simsme
from simsme.problems import InputError
from simsme.report.contents import read_contents
from simsme.report.drawing import WIDE, Frame, round_ticks
from simsme.report.files import write_report
from simsme.report.markup import tag
from simsme.report.numbers import money, money_column, percent, points

SMALL = ["population.firms=120", "time.horizon_days=182", "time.report_days=[91, 182]"]
VOID = {"meta", "link", "input"}


class Outline(HTMLParser):
    """What stands in a page: addresses, identifiers, headings, and whether every element is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.ids, self.texts, self.wrong = [], [], [], [], []

    def handle_starttag(self, name, attributes):
        found = dict(attributes)
        self.addresses += [(name, found[key]) for key in ("src", "href", "action", "data") if found.get(key)]
        self.ids += [found["id"]] if "id" in found else []
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        if not self.open or self.open.pop() != name:
            self.wrong.append(name)

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))


def outline_of(page):
    found = Outline()
    found.feed(page)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = simsme.run("three-months", policies=["renewal-for-all", "package"], draws=4, overrides=SMALL)
    return out.save(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def page(folder):
    return write_report(folder).read_text(encoding="utf-8")


def test_the_report_lies_in_the_run_and_is_small(folder, page):
    assert (folder / "report.html").stat().st_size < 3_000_000
    assert simsme.run("three-months", policies=["renewal-for-all", "package"], draws=4, overrides=SMALL).plan.digest[:8] in page


def test_the_page_is_well_formed_and_loads_nothing(page):
    found = outline_of(page)
    assert (found.open, found.wrong) == ([], [])
    assert len(found.ids) == len(set(found.ids))
    assert {address for _, address in found.addresses if not address.startswith("#")} == {"data:,"}
    assert "http" not in re.sub(r"http-equiv", "", page)
    anchors = {address[1:] for _, address in found.addresses if address.startswith("#")}
    assert anchors <= set(found.ids)
    assert anchors == {"curves", "frontier", "groups", "funds", "accounts", "assumptions", "evidence", "provenance"}


def test_the_answer_is_that_of_the_summary(folder, page):
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    best = max(summary["policies"], key=lambda entry: entry["difference"]["exit"]["mean"])
    answer = re.search(r'<p class="answer">(.*?)</p>', page, flags=re.DOTALL)[1]
    gain = best["difference"]["exit"]
    if gain["mean"] > 1.96 * gain["mc_error"]:
        assert best["title"] in answer
        assert points(gain["mean"]) in answer
        assert f"{100 * gain['mc_error']:.2f}" in answer
    else:
        assert "no policy can be told from that" in answer


def test_it_says_what_is_left_of_the_gain(folder, page):
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    words = [entry["gain_left"]["words"] for entry in summary["policies"] if entry["policy"] != "none"]
    texts = [text for _, text in outline_of(page).texts]
    assert len(words) == 2 and all(texts.count(word) == 1 for word in words)
    assert all("day 91" in word and "day 182" in word for word in words)


def test_zombies_are_a_share_of_the_saved(folder, page):
    contents = read_contents(folder)
    of_all = contents.classes[(contents.classes["column"] == "all") & (contents.classes["day"] == 182)]
    row = of_all[of_all["policy"] == "renewal-for-all"].iloc[0]
    assert 0.0 < row["zombie"] <= row["saved"]
    cells = [text for name, text in outline_of(page).texts if name == "td"]
    assert f"{100 * row['zombie'] / row['saved']:.0f} %" in cells


def test_sales_that_others_lose_are_shown_where_there_are_any(tmp_path, page):
    heading = "at the cost of other firms&#x27; sales"
    assert heading not in page
    out = simsme.run("article-package", policies=["access"], draws=2, overrides=SMALL)
    assert heading in write_report(out.save(tmp_path)).read_text(encoding="utf-8")


def test_nothing_to_tell_is_said_so(tmp_path):
    out = simsme.run("calm", policies=["none"], draws=2, overrides=["population.firms=60", "time.horizon_days=91", "time.report_days=[91]"])
    page = write_report(out.save(tmp_path)).read_text(encoding="utf-8")
    assert "there is no other policy to compare with" in page
    assert outline_of(page).wrong == []


def test_one_draw_has_no_band_and_no_error(tmp_path):
    out = simsme.run("three-months", policies=["renewal-for-all"], draws=1, overrides=SMALL)
    page = write_report(out.save(tmp_path)).read_text(encoding="utf-8")
    assert "One draw: there is neither a band over draws nor a Monte Carlo error." in page
    assert not re.search(r"\bnan\b", page, flags=re.IGNORECASE)


def test_what_a_user_writes_stays_text(tmp_path):
    title = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'
    out = simsme.run("three-months", policies=["renewal-for-all"], draws=2, overrides=[*SMALL, f"title={json.dumps(title)}"])
    page = write_report(out.save(tmp_path)).read_text(encoding="utf-8")
    found = outline_of(page)
    assert (found.open, found.wrong) == ([], [])
    assert page.count("<script") == 2
    assert "<img" not in page
    assert any(title in text for name, text in found.texts if name == "h1")


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        write_report(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="not a results folder"):
        write_report(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_where_it_cannot_be_written_nothing_is_left(folder, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_report(folder, tmp_path / "nowhere" / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_the_path(folder, capsys):
    from simsme.cli.application import answer

    assert answer(["report", str(folder)]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "report.html")
    assert answer(["report", str(folder / "nothing")]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_settings_away_from_defaults_are_listed(page):
    assert "adjust.cash_factor" in page
    assert "<td>lognorm (median 1, sigma 0.15)</td>" in page


def test_best_is_by_the_headline(folder):
    contents = read_contents(folder)
    gains = {entry["policy"]: entry["difference"]["exit"]["mean"] for entry in contents.others}
    assert gains[contents.best] == max(gains.values())


# ----------------------------------------------------------------------------------------------------------------------- parts


def test_steps_and_bands_lie_where_the_scales_say():
    frame = Frame(WIDE, (0.0, 10.0), (0.0, 1.0))
    left, right, base = WIDE.left, WIDE.width - WIDE.right, WIDE.height - WIDE.bottom
    assert (frame.x(0.0), frame.x(10.0)) == (left, right)
    assert (frame.y(0.0), frame.y(1.0)) == (base, WIDE.top)
    assert frame.steps([0.0, 10.0], [1.0, 0.0]) == f"M{left:.1f},{WIDE.top:.1f}H{right:.1f}V{base:.1f}"
    assert frame.band([0.0, 10.0], [0.0, 0.0], [1.0, 1.0]).endswith("Z")


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.8, 1.0), (-70.0, 5.0), (0.0, 3e7), (-0.0004, 0.013)])
def test_ticks_are_round_and_inside(low, high):
    ticks = round_ticks(low, high)
    assert 2 <= len(ticks) <= 12
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks)
    steps = {round(after - before, 9) for before, after in zip(ticks, ticks[1:], strict=False)}
    assert len(steps) == 1


def test_numbers_read_well():
    assert (percent(0.9712), percent(None), points(-0.0021), points(0.00001)) == ("97.1 %", "–", "−0.21", "0.00")
    assert (money(-12_300_000.0, "CNY"), money(950.0, "CNY")) == ("−12.3 million CNY", "950 CNY")
    assert money_column("paid", [1.5e6, 2e4, None], "CNY") == ("paid, million CNY", ["1.50", "0.02", "–"])
    assert money_column("paid", [0.0, 0.0], "") == ("paid", ["0", "0"])


def test_markup_escapes_text_and_attributes():
    assert tag("a", "x < y", of={"title": '"q"'}).html == '<a title="&quot;q&quot;">x &lt; y</a>'


def test_assumptions_are_ranked_by_a_tornado(folder, tmp_path, capsys):
    from simsme.cli.application import answer

    rows = "outcome,rank,name,width\nexit,1,exit.hope_median,0.0312\nexit,2,credit.kappa,0.004\ncash,1,credit.renewal,0.5\n"
    (tmp_path / "sensitivity.csv").write_text(rows, encoding="utf-8")
    page = write_report(folder, tmp_path / "ranked.html", tmp_path).read_text(encoding="utf-8")
    section = page.split('<section id="assumptions">')[1].split("</section>")[0]
    assert section.index("exit.hope_median") < section.index("credit.kappa")
    assert "<td>3.12</td>" in section
    assert "credit.renewal" not in section
    assert answer(["report", str(folder), "--sensitivity", str(tmp_path / "nothing")]) == 2
    assert "simsme sensitivity wrote with --out" in capsys.readouterr().err
    (tmp_path / "sensitivity.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="is no tornado"):
        write_report(folder, tmp_path / "other.html", tmp_path)
