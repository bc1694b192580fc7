"""Who is saved and who is missed: fates of firms by group, for the policy and day that the reader chooses."""

from simsme.report.contents import Contents
from simsme.report.markup import Markup, joined, markup, table, tag
from simsme.report.numbers import NOTHING, count, day, percent

COLUMNS = {
    "all": "All firms",
    "industry": "Industry",
    "size": "Size",
    "loan_due": "Loan falls due within the run",
    "runway_decile": "Decile of runway (1: least cash)",
}


def groups_section(contents: Contents) -> Markup:
    """Return the choice of policy and day, and a table for each."""
    classes = contents.classes
    if classes is None or not contents.others:
        return tag("p", "There is no policy to compare with the reference.")
    best = contents.best
    shown_day = contents.days[-1]
    parts = [_choice("group-policy", "Policy", [(entry["policy"], entry["title"] or entry["policy"]) for entry in contents.others], best)]
    parts.append(_choice("group-day", "By", [(str(at), day(at)) for at in contents.days], str(shown_day)))
    tables = []
    for entry in contents.others:
        of_policy = classes[classes["policy"] == entry["policy"]]
        for at in contents.days:
            here = of_policy[of_policy["day"] == at]
            attributes = {"data-group-policy": entry["policy"], "data-group-day": str(at)}
            if (entry["policy"], at) != (best, shown_day):
                attributes["class"] = "off"
            tables.append(tag("div", _table(here, entry["title"] or entry["policy"], at), of={**attributes}))
    return joined([tag("div", *parts, of={"class": "choice script"}), *tables])


def _choice(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> Markup:
    listed = [
        Markup(f'<option value="{markup(value)}"{" selected" if value == chosen else ""}>{markup(text)}</option>')
        for value, text in options
    ]
    return tag("label", f"{label} ", tag("select", *listed, of={"id": name}))


def _table(classes: object, policy: str, at: int) -> Markup:
    rows = []
    for row in classes.to_dict("records"):  # type: ignore[attr-defined]
        group = "All firms" if row["column"] == "all" else f"{COLUMNS.get(row['column'], row['column'])}: {row['group']}"
        gone = row["saved"] + row["delayed"] + row["lost"] + row["hastened"]
        rescued = (row["saved"] - row["harmed"]) / gone if gone > 0 else None
        zombies = row["zombie"] / row["saved"] if row["saved"] > 0 else None
        deadweight = row["deadweight"] if row["deadweight"] == row["deadweight"] else None
        rows.append(
            (
                group,
                count(row["firms"]),
                percent(gone),
                percent(row["saved"], 2),
                percent(row["harmed"], 2),
                percent(row["lost"] + row["delayed"] + row["hastened"]),
                NOTHING if rescued is None else percent(rescued, 0),
                NOTHING if zombies is None else percent(zombies, 0),
                NOTHING if deadweight is None else percent(deadweight, 0),
            )
        )
    head = (
        "group",
        "firms",
        "gone without it",
        "saved",
        "harmed",
        "gone all the same (missed)",
        "saved, of those gone without it",
        "of the saved, insolvent or losing money at normal sales (zombies)",
        "support to firms that lived anyway (deadweight)",
    )
    return table(f"{policy}, by {day(at)}; shares of the group's firms, means over draws", head, rows)
