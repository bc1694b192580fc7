"""The page: sections in the order in which a reader asks, with style and script inside, so that it is one file."""

import json
from importlib.resources import files

from simsme.provenance import version
from simsme.report.accounts import accounts_section
from simsme.report.answer import answer, question
from simsme.report.assumptions import assumptions_section
from simsme.report.contents import Contents
from simsme.report.curves import GAIN, MEANINGS, curves_section, values_of
from simsme.report.evidence import evidence_section
from simsme.report.frontier import frontier_section
from simsme.report.funds import funds_section
from simsme.report.groups import groups_section
from simsme.report.markup import Markup, joined, tag
from simsme.report.provenance import provenance_section

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
"""What a browser may load for the page: nothing but what stands in it."""


def report_page(contents: Contents) -> str:
    """Return the report of a run as the text of one HTML file."""
    title = str(contents.record.settings.get("title") or contents.summary["scenario"])
    sections = [
        ("curves", "Who is still there", curves_section(contents)),
        ("frontier", "What each policy saves, and what it costs", frontier_section(contents)),
        ("groups", "Who is saved and who is missed", groups_section(contents)),
        ("funds", "Public funds", funds_section(contents)),
        ("accounts", "Accounts", accounts_section(contents)),
        ("assumptions", "What it rests on", assumptions_section(contents)),
        ("evidence", "How far to believe it", evidence_section()),
        ("provenance", "Where it came from, and how to repeat it", provenance_section(contents)),
    ]
    shown = [(name, heading, content) for name, heading, content in sections if content is not None]
    links = [tag("a", heading, of={"href": f"#{name}"}) for name, heading, _ in shown]
    remarks = contents.summary.get("notes") or []
    header = tag(
        "header",
        tag("h1", title),
        tag("p", question(contents), of={"class": "question"}),
        tag("p", answer(contents), of={"class": "answer"}),
        *(tag("p", str(remark), of={"class": "note"}) for remark in remarks),
        tag(
            "p",
            "These are properties of a model and of stated assumptions, not a forecast. Differences first, levels second.",
            of={"class": "note"},
        ),
        tag("nav", *links, of={"aria-label": "Sections"}),
    )
    main = tag("main", *(tag("section", tag("h2", heading), content, of={"id": name}) for name, heading, content in shown))
    footer = tag(
        "footer", tag("p", f"simsme {version()}, scenario {contents.summary['scenario']}, digest {contents.summary['digest'][:8]}")
    )
    head = joined(
        [
            Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
            Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><link rel="icon" href="data:,">'),
            tag("title", f"{title} (simsme)"),
            Markup(f"<style>{_asset('report.css')}</style>"),
        ]
    )
    script = Markup(f'<script type="application/json" id="curves-data">{_curves(contents)}</script><script>{_asset("report.js")}</script>')
    body = tag("body", tag("a", "To the content", of={"href": "#curves", "class": "skip"}), header, main, footer, script)
    whole = tag("html", tag("head", head), body, of={"lang": "en"})
    return f"<!doctype html>\n{whole.html}\n"


def _asset(name: str) -> str:
    return files("simsme").joinpath("data", "report", name).read_text(encoding="utf-8")


def _curves(contents: Contents) -> str:
    """Means and bands of the curves for the script that shows values under the pointer."""
    found: dict[str, dict[str, object]] = {}
    for view in MEANINGS:
        if view == GAIN and contents.gains is None:
            continue
        for policy, curve in values_of(contents, view).groupby("policy", sort=False):
            values = {name: [round(float(value), 5) for value in curve[name]] for name in ("day", "mean", "low", "high")}
            found.setdefault(view, {})[str(policy)] = values | {"title": contents.title_of(str(policy))}
    # a script element ends at "</", whatever stands around it
    return json.dumps(found, ensure_ascii=True).replace("<", "\\u003c")
