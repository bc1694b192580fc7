"""What each policy costs whom, and whether the books close."""

from simsme.report.contents import Contents
from simsme.report.markup import Markup, joined, table, tag
from simsme.report.numbers import day, money_column


def accounts_section(contents: Contents) -> Markup:
    """Return net cost by payer and policy, what came back as taxes, and how well the flow of funds closes."""
    last = str(contents.days[-1])
    payers = list(contents.policies[0]["cost"]["by_payer"])
    used = [payer for payer in payers if any(abs(entry["by_day"][last]["cost"]["by_payer"][payer]) > 0 for entry in contents.others)]
    costs = [entry["by_day"][last]["cost"] for entry in contents.others]
    columns = [("policy", [entry["title"] or entry["policy"] for entry in contents.others])]
    for name, amounts in (
        ("paid out", [cost["gross"] for cost in costs]),
        ("came back", [cost["repaid"] for cost in costs]),
        ("revenue foregone", [cost["foregone"] for cost in costs]),
        *((f"net cost to {payer.replace('_', ' ')}", [cost["by_payer"][payer] for cost in costs]) for payer in used),
        ("net cost in all", [cost["net"] for cost in costs]),
        ("taxes and rents that firms go on to owe", [sum(cost["returns"].values()) for cost in costs]),
    ):
        if any(amounts):
            columns.append(money_column(name, amounts, contents.currency))
    head, rows = [name for name, _ in columns], list(zip(*(cells for _, cells in columns), strict=True))
    closes = max(abs(value) for value in contents.summary["closure"].values())
    words = (
        f"Every payment is booked with both of its sides; over all sectors the flow of funds closes to {closes:.0e} of turnover. "
        "accounts.csv and costs.csv beside this page hold every item."
    )
    caption = f"By {day(contents.days[-1])}, against {contents.reference}; means over draws"
    return joined([table(caption, head, rows) if rows else tag("p", "No policy, no cost."), tag("p", words, of={"class": "note"})])
