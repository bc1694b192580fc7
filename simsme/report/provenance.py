"""Where the result came from, and how to repeat it."""

import shlex

from simsme.report.contents import Contents
from simsme.report.markup import Markup, joined, table, tag


def provenance_section(contents: Contents) -> Markup:
    """Return versions, seed, digest, command and the scenario as it was read."""
    manifest, summary = contents.manifest, contents.summary
    rows = [
        ("scenario", str(manifest["scenario"])),
        ("digest of all that determines the result", str(manifest["digest"])),
        ("seed, draws, firms", f"{summary['seed']}, {summary['draws']:,}, {summary['firms']:,}"),
        ("steps", f"{summary['step_days']} days to day {summary['horizon_days']}"),
        ("changed with --set", "; ".join(manifest["overrides"]) or "nothing"),
        (
            "file of firms",
            f"{manifest['firm_file']} ({manifest['firm_file_digest']})" if manifest["firm_file"] else "none, firms are drawn",
        ),
        ("versions", ", ".join(f"{name} {version}" for name, version in manifest["versions"].items())),
        ("run", f"{manifest['started']} to {manifest['ended']}"),
    ]
    again = [part for part in manifest["command"] if part != "--force"]
    command = tag("pre", shlex.join(again)) if again else tag("pre", f"simsme run {manifest['scenario']}")
    text = (contents.folder / "scenario.toml").read_text(encoding="utf-8")
    scenario = tag("details", tag("summary", "The scenario as it was read"), tag("pre", text, of={"tabindex": "0"}))
    words = "The same version, scenario and seed give the same bits on any machine and any number of threads. To repeat it:"
    return joined([table("Provenance", ("what", "value"), rows, "facts"), tag("p", words), command, scenario])
