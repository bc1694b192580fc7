"""The first sections of the page: what was asked, of which firms, and what the words mean."""

from ranking import REPETITIONS, SEED

from poland.findings import ONE_CASH, P_CASH, P_EXIT, RECORDED_NAMES, Findings
from poland.firms import ARITHMETIC, CASH_MARGIN, FILE, agreeing
from poland.simulated import CASH_OUT, EXIT, HORIZON, SCENARIO
from poland.words import compared, paragraph, percent, which_rank_better


def question(findings: Findings) -> list[str]:
    """What was asked, the answer, and how blind it is."""
    found, both = findings.found, (P_CASH, P_EXIT)
    inside = {name: findings.area(findings.scores[name], agreeing(findings.data)) for name in (*both, CASH_MARGIN)}
    better = {other: which_rank_better(found, both, other) for other in (*RECORDED_NAMES, ARITHMETIC)}
    answer = "Yes." if {better[other] for other in RECORDED_NAMES} == {"both"} else "Not in every comparison."
    return [
        paragraph("""
            Does the simulated chance that a firm runs out of cash, or is gone, within a year rank real firms by whether they went bankrupt
            later, and better than two things that need no simulation: bare runway, and cash plus margin?
        """),
        paragraph(f"""
            **{answer}** {compared(found, P_CASH, RECORDED_NAMES)}. {compared(found, P_EXIT, RECORDED_NAMES)}.
            {"Even" if better[ARITHMETIC] == "both" else "But"} one line of arithmetic on the same three columns, cash, sales and costs,
            {beaten_by(better[ARITHMETIC])}: {compared(found, P_CASH, [ARITHMETIC])}; {compared(found, P_EXIT, [ARITHMETIC])}. Of the firms
            of which the file gives one margin and not two, {which_rank_better(inside, both, CASH_MARGIN)} of the chances ranks clearly
            better than cash plus margin (see [what this does not show](#what-this-does-not-show)).
        """),
        paragraph(f"""
            **Nothing is fitted.** No number of the scenario or of the engine was set by these bankruptcies; of all the scores only cash
            plus margin has seen them. **But they were looked at.** The first try was one filling of what the file does not say (see
            [one filling, and many](#one-filling-and-many)): {compared(found, ONE_CASH, RECORDED_NAMES)}. The cause was sought with the
            bankruptcies in view, by ranking other readings and other numbers of fillings against them. What was taken over is the averaging
            over fillings. It has a reason that needs no bankruptcies, but it was chosen after looking, no interval knows of that, and there
            is no second sample on which it was tried.
        """),
    ]


def beaten_by(who: str) -> str:
    """What the chances that rank better make of the arithmetic."""
    return {"neither": "does as well or better", "both": "is beaten too"}.get(who, f"is beaten by {who} alone")


def material(findings: Findings) -> list[str]:
    """The data."""
    data, failed = findings.data, findings.failed
    twins = int(data.drop(columns="firm_id").duplicated().sum())
    small = float((data["sme_eu_financial_criteria"] == 1).mean())
    reproduced = float((data["qa_attr5_reproduced"] == 1).mean())
    return [
        paragraph(f"""
            Polish Companies Bankruptcy, [UCI data set 365](https://archive.ics.uci.edu/dataset/365/polish+companies+bankruptcy+data),
            CC BY 4.0, its file of the first year: balance sheets, and whether the firm was bankrupt five years later. The data set
            publishes ratios; levels in thousand zloty are rebuilt from them (`total_assets = 10**X29`, `sales = X63*X51*TA`,
            `cash = (X2 - X30*s)*TA`, and so on), and reproduce the published X5 in {percent(reproduced, 0)} of rows. `{FILE}` has
            {len(data):,} firms, {int(failed.sum())} of them bankrupt ({percent(float(failed.mean()))}); {percent(small, 0)} are small or
            medium by the financial limits of the European Union. {twins} rows repeat another one.
        """),
        paragraph("""
            Bankrupts are over-sampled, and from other years than the rest (2000 to 2012, and 2007 to 2013): a part of any ranking may be
            the difference of years. The fixed and the variable part of costs are not separated.
        """),
    ]


def definitions(findings: Findings) -> list[str]:
    """What the words mean, and what the intervals are."""
    shipped = findings.shipped
    noise = (
        f"""The Monte Carlo error comes on top: a standard error of {findings.monte_carlo_error(CASH_OUT):.3f} for P(cash out) and
        {findings.monte_carlo_error(EXIT):.3f} for P(exit) (jackknife over fillings)."""
        if shipped.fillings > 1
        else ""
    )
    return [
        paragraph(f"""
            **Scores of the simulation.** `{SCENARIO}` under no policy. P(cash out) is the share of draws in which the firm is short of cash
            at least once by day {HORIZON}, P(exit) that in which it has left for good. What the file does not say of a firm is filled in at
            random, once a run: each score is the mean over {shipped.fillings} fillings (`population.seed` = `seed` = 0 to
            {shipped.fillings - 1}) of {shipped.draws} draws.
        """),
        paragraph("""
            **AUC.** The chance that a bankrupt firm scores above one that was not bankrupt, ties counting half (Mann-Whitney); 0.5 is no
            better than chance.
        """),
        paragraph(f"""
            **Intervals.** In square brackets, here and everywhere below: 95 %, percentiles of {REPETITIONS:,} resamples of firms with
            replacement (bootstrap, seed {SEED}), the same resamples for all scores, so that differences are paired. Simulated shares, the
            fitted baseline and classes of firms stay as they are in the whole sample. {noise} A difference counts as one where its interval
            leaves out 0.
        """),
    ]
