"""The lives of firms under all policies, compiled: what goes round the recorded loops.

A chunk of firms lives through all steps while its numbers stay in the cache, and every policy steps on the same weather, the reference with
all firms, the others with those that they have set apart from it (see :mod:`simsme.compiled.waking`). Firms that share
a public fund cannot: what a fund answers one of them depends on all that ask. So the answers are found first, from those firms alone that
may ever ask: they take each step together, up to what they ask, and then, answered, to its end. With the answers known, firms do not see
each other any more. Nothing here depends on a scenario, a policy or a set of levers: it is compiled once and kept on disk.
"""

from typing import Any

import numpy as np
from numba import njit

from simsme.compiled import loops, words
from simsme.compiled.answers import find_answers
from simsme.compiled.chunks import ONLY, begin_step, fill, finish_step, make_weather, open_chunk, open_firms, packed, renewed, rows_of
from simsme.compiled.records import signature
from simsme.compiled.reporting import close_chunk, note, note_opening
from simsme.compiled.rows import ANSWERS, COMMON, MARKS, STRIDE
from simsme.compiled.waking import gather, let_sleep, note_occasions, wake
from simsme.compiled.whole import as_one_piece
from simsme.engine.sums import CHUNK

_U = np.uint64
_ANSWERS, _PRUDENT_RISK = MARKS[ANSWERS[0]], COMMON["firm.prudent_risk"]


@njit(error_model="numpy", forceinline=True)
def _hand_out(found: Any, first: int, lanes: Any, count: int, marks: Any) -> Any:
    """Put the answers that were found into the columns of a policy; returns whether there are any."""
    some = 0
    for j in range(count):
        some |= found[_U(first) + _U(lanes[j])]
    if some != 0:
        for row in range(len(ANSWERS)):
            for j in range(count):
                marks[(_ANSWERS + row) * STRIDE + j] = float((found[_U(first) + _U(lanes[j])] >> row) & 1)
    return some != 0


@njit(error_model="numpy")
def find_prudent_risk(inputs: Any, space: Any, results: Any, draw: int, begin: int, end: int) -> None:
    """Find the risk by which the bank decides about each firm in a draw."""
    for chunk in range(begin, end):
        first, count = chunk * CHUNK, min(CHUNK, inputs.keys.shape[0] - chunk * CHUNK)
        open_firms(inputs, space, draw, first, count, ONLY)
        for j in range(count):
            results.prudent_risk[draw, first + j] = space.common[0, _PRUDENT_RISK * STRIDE + j]


def entry(compiled_from: int) -> Any:
    """Compile, or load, ``live(inputs, space, results, draw, begin, end)``; machine code is kept under the stamp.

    It lets the chunks from ``begin`` to ``end`` live through a draw, one after another; with room for requests it finds the answers of
    the funds of a policy instead, and with room for the risk by which the bank decides that risk.
    """

    def live(given: Any, room: Any, found: Any, draw: int, begin: int, end: int) -> int:
        inputs, space, results = words.borrowed(given), words.borrowed(room), words.borrowed(found)
        if space.requests.shape[0] > 0:
            find_answers(inputs, space, results, draw)
            return compiled_from
        if results.prudent_risk.shape[0] > 0:
            find_prudent_risk(inputs, space, results, draw, begin, end)
            return compiled_from
        places, of_draw, terms, chosen = inputs.policies.shape[0], inputs.of_draw[draw], space.terms, space.chosen[0]
        terms[:] = 0.0  # every step leaves them so
        for chunk in range(begin, end):
            first, count = open_chunk(inputs, space, draw, chunk, ONLY)
            note_opening(inputs, space, results, draw, chunk)
            reported, asking = 0, np.bool_(False)
            for number in range(inputs.of_step.shape[1]):
                report = reported if reported < inputs.reports.shape[0] and inputs.reports[reported] == number else -1
                of_step, new_year = inputs.of_step[draw, number], number > 0 and renewed(inputs, draw, number)
                for place in range(places):
                    rows, awake = rows_of(space, number, ONLY, place), space.awake[place]
                    if place == 0:
                        make_weather(inputs, space, rows, draw, number, chunk, ONLY)
                    elif 0 < awake < CHUNK:
                        lanes_to_columns = (space.common[0], rows[1], rows[0], rows[3], rows[4], rows[5], rows[6])
                        loops.gather_weather(
                            lanes_to_columns, of_draw, of_step, of_draw, space.lane_numbers[place], terms, chosen, packed(awake)
                        )
                        if new_year:
                            gather(space.gathered[place], space.common[0], space.lanes[place], awake, inputs.rows_of_year)
                    if awake > 0:
                        fund, answered = inputs.answers_of[inputs.policies[place]], False
                        if fund >= 0:
                            answered = _hand_out(inputs.answers[fund, draw, number], first, space.lanes[place], min(awake, count), rows[5])
                        begin_step(inputs, space, rows, draw, number, ONLY, place, inputs.families[inputs.policies[place]])
                        if place == 0 and places > 1:
                            loops.occasions_of_firms(rows, of_draw, of_step, of_draw, terms, terms, chosen, CHUNK)
                            note_occasions(space.happened, rows[6])
                            for other in range(1, places):
                                wake(inputs, space, rows, draw, number, first, count, other)
                        finish_step(inputs, space, rows, draw, number, ONLY, place, asking)
                        if answered:
                            for row in range(len(ANSWERS)):
                                fill(rows[5], _ANSWERS + row, 0.0)
                    note(inputs, space, results, rows, draw, number, report, chunk, place)
                    if awake > space.fresh[place]:
                        let_sleep(inputs, space, rows, number, place)
                if report >= 0:
                    reported += 1
            close_chunk(inputs, space, results, draw, chunk)
        return compiled_from

    with as_one_piece(live.__qualname__):
        try:
            return njit(signature(), cache=True, nogil=True, error_model="numpy")(live)
        except RuntimeError:  # nowhere to keep machine code: it lives as long as the process
            return njit(signature(), nogil=True, error_model="numpy")(live)
