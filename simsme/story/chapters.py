"""A life from its first to its last sentence. A chapter tells of one subject: an event in one sentence, an episode in one as well."""

from collections.abc import Callable, Iterator

from simsme.story.bank import bank_money_arrives, bridge_ends, loans_fall_due, overdue_loans_end
from simsme.story.bank_answers import asks_for_a_loan
from simsme.story.bills import bills_stay_unpaid, cash_runs_short, gap_is_financed
from simsme.story.customers import customers_pay_sooner, financier_lends
from simsme.story.ending import leaves
from simsme.story.gains import invests, large_firms_order, sells_more
from simsme.story.public_funds import bridge_fund_says_no, guarantee_is_asked_for, loan_is_made_cheaper
from simsme.story.put_off import dues_are_put_off
from simsme.story.reviews import lever_is_not_in_force
from simsme.story.sentences import Life, Sentence
from simsme.story.support import is_given_money, is_helped_along
from simsme.story.work import staff_is_cut, stays_shut

CHAPTERS: tuple[Callable[[Life], Iterator[Sentence]], ...] = (
    stays_shut,
    staff_is_cut,
    is_given_money,
    is_helped_along,
    large_firms_order,
    invests,
    sells_more,
    customers_pay_sooner,
    cash_runs_short,
    gap_is_financed,
    financier_lends,
    loans_fall_due,
    bridge_fund_says_no,
    bank_money_arrives,
    bridge_ends,
    dues_are_put_off,
    bills_stay_unpaid,
    asks_for_a_loan,
    guarantee_is_asked_for,
    loan_is_made_cheaper,
    lever_is_not_in_force,
    overdue_loans_end,
)
"""All chapters but the last, in the order in which they are told where they begin in one step."""


def told(life: Life) -> tuple[Sentence, ...]:
    """Return all sentences of a life in the order in which things began; how it ended comes last."""
    sentences = [sentence for chapter in CHAPTERS for sentence in chapter(life)]
    return (*sorted(sentences, key=lambda sentence: sentence.step_end), *leaves(life))
