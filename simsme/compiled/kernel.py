"""The lives of firms under all policies, compiled: what goes round the recorded loops.

A chunk of firms lives through all steps while its numbers stay in the cache, and every policy steps on the same weather. Firms that share
a public fund cannot: what a fund answers one of them depends on all that ask. So the answers are found first, from those firms alone that
may ever ask: they take each step together, up to what they ask, and then, answered, to its end. With the answers known, firms do not see
each other any more. Nothing here depends on a scenario, a policy or a set of levers: it is compiled once and kept on disk.
"""

from typing import Any

from numba import njit

from simsme.compiled import words
from simsme.compiled.answers import find_answers
from simsme.compiled.chunks import close_chunk, fill, find_terms, make_weather, note, open_chunk, take_step
from simsme.compiled.records import signature
from simsme.compiled.rows import ANSWERS, COMMON, FLOWS, HOLDINGS, OWN, REQUESTS, STRIDE
from simsme.engine.sums import CHUNK

_REQUESTS, _ANSWERS, _HOLDINGS, _FLOWS = COMMON[REQUESTS[0]], OWN[ANSWERS[0]], COMMON[HOLDINGS[0]], COMMON[FLOWS[0]]


@njit(error_model="numpy", forceinline=True)
def _hand_out(inputs: Any, space: Any, draw: int, number: int, first: int, count: int, place: int) -> Any:
    """Put the answers that were found into the rows of a chunk; returns whether there are any."""
    found = inputs.answers[inputs.answers_of[inputs.policies[place]], draw, number]
    some = 0
    for j in range(count):
        some |= found[first + j]
    if some != 0:
        own = space.own[0, place]
        for row in range(len(ANSWERS)):
            for j in range(count):
                own[(_ANSWERS + row) * STRIDE + j] = float((found[first + j] >> row) & 1)
    return some != 0


@njit(error_model="numpy", forceinline=True)
def _live(inputs: Any, space: Any, results: Any, draw: int, chunk: int) -> None:
    """Let a chunk of firms live through all steps, the answers of funds being known."""
    places, firms = inputs.policies.shape[0], inputs.keys.shape[0]
    first = chunk * CHUNK
    count = min(CHUNK, firms - first)
    open_chunk(inputs, space, draw, chunk, 0)
    space.terms[:] = 0.0
    reported = 0
    for number in range(inputs.of_step.shape[1]):
        report = reported if reported < inputs.reports.shape[0] and inputs.reports[reported] == number else -1
        make_weather(inputs, space, draw, number, chunk, 0)
        for place in range(places):
            with_funds, answered = inputs.answers_of[inputs.policies[place]] >= 0, False
            if with_funds:
                answered = _hand_out(inputs, space, draw, number, first, count, place)
            find_terms(inputs, space, draw, number, 0, place)
            take_step(inputs, space, draw, number, 0, place, with_funds, False)
            if answered:
                for row in range(len(ANSWERS)):
                    fill(space.own[0, place], _ANSWERS + row, 0.0)
            note(inputs, space, results, draw, number, report, chunk, 0, place)
        if report >= 0:
            reported += 1
    close_chunk(inputs, space, results, draw, chunk, 0)


def entry(compiled_from: int) -> Any:
    """Compile, or load, ``live(inputs, space, results, draw, begin, end)``; machine code is kept under the stamp.

    It lets the chunks from ``begin`` to ``end`` live through a draw, one after another; with room for requests it finds the answers of
    the funds of a policy instead.
    """

    def live(inputs: Any, space: Any, results: Any, draw: int, begin: int, end: int) -> int:
        given, room, found = words.borrowed(inputs), words.borrowed(space), words.borrowed(results)
        if space.requests.shape[0] > 0:
            find_answers(given, room, found, draw)
        else:
            for chunk in range(begin, end):
                _live(given, room, found, draw, chunk)
        return compiled_from

    try:
        return njit(signature(), cache=True, nogil=True, error_model="numpy")(live)
    except RuntimeError:  # nowhere to keep machine code: it lives as long as the process
        return njit(signature(), nogil=True, error_model="numpy")(live)
