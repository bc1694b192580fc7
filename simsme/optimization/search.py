"""Search for the best mix of levers: greedy ways up and down, exchanges of one and two levers, few draws first and all draws last.

The search knows levels and numbers, not levers. It asks for mixes in batches, because policies that run together share one shock, and
never asks for one twice. On rung 0 it has few draws and looks widely; what looks best climbs to rungs of more draws, and the last
exchanges are judged on all of them. All rungs see the same luck, so that differences are far surer than levels.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

import numpy as np

from simsme.optimization.goals import Goal, Measured, Mix

Measure = Callable[[Sequence[Mix], int], Sequence[Measured]]
"""Takes mixes and a rung and returns what they save and cost with the draws of this rung."""

BATCH = 16
"""Mixes that are asked for together."""

PROMOTED = 24
"""Mixes that climb from the first rung to the next; half as many from there on."""

PAIRS = 64
"""Exchanges of two levers at the most that are tried from one mix where no change of a single lever makes it better."""

CONFIRMED = 12
"""Exchanges at the most, of those that look best with few draws, that are measured with more."""

FINALISTS = 3
"""Mixes from which the last exchanges start."""

STARTS = 6
"""Mixes from which the first exchanges start: the best ones found on the ways up and down."""

TWOS = 128
"""Pairs of levers at the most that are tried together, those first of which one brings least alone."""

KICKS = 16
"""Changes of one lever, those that bring most whatever they cost, that are kept while others pay for them."""

DOUBTS = 3
"""Worlds at the most in which the best mix by regret is put in doubt at the end."""

ROUNDS = 40
"""Exchanges at the most from one start."""

SLACK = 0.1
"""Share by which the cost of a mix may exceed the budget with few draws for it to be looked at with more."""

Item = TypeVar("Item")

Move = tuple[int, int]
"""A lever and its new level."""

Merit = Callable[[float, float, float], tuple[float, float] | None]
"""How good a change is that brings so much, costs so much and leads to such a cost in all; None where it is not to be made."""


class Search:
    """A search that remembers all it has seen, so that a second budget costs little.

    Parameters
    ----------
    levels : sequence of int
        Levels of each lever, "off" included.
    measure : callable
        See `Measure`.
    rungs : int
        Numbers of draws, from few to all.
    seed : int
        For the start that is drawn at random.
    """

    def __init__(self, levels: Sequence[int], measure: Measure, rungs: int = 1, seed: int = 0) -> None:
        self.levels = tuple(levels)
        self.known: tuple[dict[Mix, Measured], ...] = tuple({} for _ in range(rungs))
        self._measure = measure
        self._luck = np.random.default_rng(seed)

    @property
    def evaluations(self) -> tuple[int, ...]:
        """Mixes that were measured on each rung."""
        return tuple(map(len, self.known))

    def best(self, goal: Goal, starts: Sequence[Mix] = ()) -> Mix:
        """Return the best mix found; `starts` are mixes from which to look as well."""
        nothing = (0,) * len(self.levels)
        self._see([nothing, *starts], 0)
        probe = self._greedy(goal, nothing, *self._tables(goal, nothing), per_money=False)
        goals = self._goals(goal, probe)
        self._look_around(goals[0], nothing, [*starts, probe])
        promoted = PROMOTED
        for rung in range(1, len(self.known)):
            pool = self._promising(goals[rung - 1], rung - 1, promoted)
            self._see([nothing, *starts, *pool, *self._best_by_world(goals[rung - 1], rung - 1)], rung)
            promoted //= 2
        last = len(self.known) - 1
        for start in goal.ranked(list(self.known[last]), self.known[last])[:FINALISTS]:
            self._exchange(goal, last, start)
        if goal.criterion == "regret":
            self._doubt(goal)
        return self.ranked(goal)[0]

    def _doubt(self, goal: Goal) -> None:
        """Look for more in the worlds in which the best mix falls behind most, and for a better mix once there is more."""
        last, known = len(self.known) - 1, self.known[-1]
        doubted: set[int] = set()
        for _ in range(DOUBTS):
            affordable = self.ranked(goal)
            values = np.stack([known[mix].values for mix in affordable])
            behind = (values.max(axis=0) - values[0]).tolist()
            left = [world for world in range(len(behind)) if world not in doubted]
            if not left:
                break
            world = max(left, key=behind.__getitem__)
            doubted.add(world)
            self._exchange(Goal(goal.budget, world=world), last, affordable[int(np.argmax(values[:, world]))], rounds=3)
            self._exchange(goal, last, self.ranked(goal)[0], rounds=3)

    def _goals(self, goal: Goal, probe: Mix) -> list[Goal]:
        """The goal for each rung: few draws may be dear or cheap ones for all mixes alike, as one mix tells that is measured on all."""
        last = len(self.known) - 1
        for rung in range(last + 1):
            self._see([probe], rung)
        costs = [known[probe].cost for known in self.known]
        factors = [cost / costs[last] if cost > 0.0 and costs[last] > 0.0 else 1.0 for cost in costs]
        return [replace(goal, budget=goal.budget * min(max(factor, 0.5), 2.0)) for factor in factors]

    def _best_by_world(self, goal: Goal, rung: int) -> list[Mix]:
        """The best mix of each world, against which regret is measured; none under other criteria."""
        known = self.known[rung]
        worlds = len(next(iter(known.values())).values) if goal.criterion == "regret" else 0
        return [Goal(goal.budget, world=world).best(list(known), known) for world in range(worlds)]

    def _look_around(self, goal: Goal, nothing: Mix, starts: Sequence[Mix]) -> None:
        """Look widely with few draws: ways up and down, exchanges from where they end, and kicks from the best."""
        worth, price = self._tables(goal, nothing)
        ways = [*starts, *(self._greedy(goal, nothing, worth, price, per_money=flag) for flag in (False, True))]
        ways += [self._pruned(goal, worth, price), self._random(goal, price), *self._paired(goal, nothing, worth, price)]
        self._see(ways, 0)
        for start in dict.fromkeys([*starts, *goal.ranked(list(dict.fromkeys(ways)), self.known[0])[:STARTS]]):
            self._exchange(goal, 0, start)
        for kicked in self._kicked(goal, goal.best(list(self.known[0]), self.known[0])):
            self._exchange(goal, 0, kicked)
        if goal.criterion != "regret":
            return
        # regret is measured against the best mix of each world, which must be looked for as well
        for world in range(len(self.known[0][nothing].values)):
            alone = Goal(goal.budget, world=world)
            self._exchange(alone, 0, alone.best(list(self.known[0]), self.known[0]), rounds=3)

    def ranked(self, goal: Goal) -> list[Mix]:
        """All affordable mixes that were measured on the last rung, from the best on."""
        known = self.known[-1]
        return goal.ranked([mix for mix, measured in known.items() if measured.cost <= goal.budget], known)

    def _see(self, mixes: Sequence[Mix], rung: int) -> None:
        known = self.known[rung]
        new = [mix for mix in dict.fromkeys(mixes) if mix not in known]
        for batch in _batches(new):
            for mix, measured in zip(batch, self._measure(batch, rung), strict=True):
                known[mix] = measured

    def _moves(self, mix: Mix) -> list[Move]:
        """Every change of one lever."""
        return [(lever, level) for lever, levels in enumerate(self.levels) for level in range(levels) if level != mix[lever]]

    def _singles(self, mix: Mix) -> list[Mix]:
        return [_moved(mix, move) for move in self._moves(mix)]

    def _tables(self, goal: Goal, at: Mix) -> tuple[list[list[float]], list[list[float]]]:
        """What each level of each lever brings and costs in place of that in a mix."""
        self._see(self._singles(at), 0)
        base, worth, price = self.known[0][at], [], []
        for lever, levels in enumerate(self.levels):
            there = [self.known[0][_moved(at, (lever, level))] for level in range(levels)]
            worth.append([goal.plain(one) - goal.plain(base) for one in there])
            price.append([one.cost - base.cost for one in there])
        return worth, price

    def _greedy(
        self,
        goal: Goal,
        start: Mix,
        worth: list[list[float]],
        price: list[list[float]],
        *,
        per_money: bool,
        kept: frozenset[int] = frozenset(),
    ) -> Mix:
        """Make the change that brings most, or most for its money, as long as the budget allows one."""

        def merit(gain: float, spent: float, cost: float) -> tuple[float, float] | None:
            if gain <= 0.0 or cost > goal.budget:
                return None
            if not per_money:
                return 0.0, gain
            return (1.0, gain) if spent <= 0.0 else (0.0, gain / spent)

        return self._walk(goal, start, worth, price, merit, lambda _: False, kept)

    def _pruned(self, goal: Goal, worth: list[list[float]], price: list[list[float]]) -> Mix:
        """Begin with everything, take away until the rest is affordable, and fill up."""
        full = tuple(1 + max(range(len(row) - 1), key=row[1:].__getitem__) if len(row) > 1 else 0 for row in worth)
        self._see([full], 0)
        return self._greedy(goal, self._cut(goal, full, worth, price), worth, price, per_money=False)

    def _paired(self, goal: Goal, nothing: Mix, worth: list[list[float]], price: list[list[float]]) -> list[Mix]:
        """Begin with two levers that bring most beyond what each brings alone: those that only work together are found by no other way."""
        tops = [(lever, levels - 1) for lever, levels in enumerate(self.levels) if levels > 1]
        pairs = sorted(combinations(tops, 2), key=lambda pair: min(abs(worth[lever][level]) for lever, level in pair))[:TWOS]
        there = {pair: _moved(_moved(nothing, pair[0]), pair[1]) for pair in pairs}
        self._see(list(there.values()), 0)
        base, excess = goal.plain(self.known[0][nothing]), {}
        for pair, mix in there.items():
            excess[mix] = goal.plain(self.known[0][mix]) - base - sum(worth[lever][level] for lever, level in pair)
        best = sorted((mix for mix, beyond in excess.items() if beyond > 0.0), key=lambda mix: -excess[mix])[:2]
        ways = []
        for mix in best:
            kept = frozenset(lever for lever, level in enumerate(mix) if level)
            self._see([mix], 0)
            ways.append(self._greedy(goal, self._cut(goal, mix, worth, price), worth, price, per_money=False, kept=kept))
        return ways

    def _kicked(self, goal: Goal, mix: Mix) -> list[Mix]:
        """Mixes to which a change leads that only pays when others follow: it is kept, others pay for it, and the rest is filled up."""
        worth, price = self._tables(goal, mix)
        moves = sorted(self._moves(mix), key=lambda move: -worth[move[0]][move[1]])
        found = []
        for move in moves[:KICKS]:
            left = self._cut(goal, _moved(mix, move), worth, price, frozenset(move[:1]))
            found.append(self._greedy(goal, left, worth, price, per_money=False, kept=frozenset(move[:1])))
        return goal.ranked(list(dict.fromkeys(found)), self.known[0])[:FINALISTS] if found else []

    def _cut(self, goal: Goal, start: Mix, worth: list[list[float]], price: list[list[float]], kept: frozenset[int] = frozenset()) -> Mix:
        """Take away what is missed least for its money until the rest is affordable."""

        def merit(gain: float, spent: float, cost: float) -> tuple[float, float] | None:
            if spent >= 0.0:
                return None
            return (1.0, -spent) if gain >= 0.0 else (0.0, gain / -spent)

        return self._walk(goal, start, worth, price, merit, lambda mix: self.known[0][mix].cost <= goal.budget, kept)

    def _walk(
        self,
        goal: Goal,
        start: Mix,
        worth: list[list[float]],
        price: list[list[float]],
        merit: Merit,
        arrived: Callable[[Mix], bool],
        kept: frozenset[int],
    ) -> Mix:
        """Make the best change of one lever, but for those that are kept, again and again.

        Changes are tried in the order of what they brought when last tried, and only until none of the rest can be expected to be better.
        """
        worth, price, current = [row[:] for row in worth], [row[:] for row in price], start
        known = self.known[0]
        self._see([current], 0)
        for _ in range(sum(self.levels)):
            if arrived(current):
                break
            here = known[current]
            expected: list[tuple[tuple[float, float], Move]] = []
            for lever, level in self._moves(current):
                gain = worth[lever][level] - worth[lever][current[lever]]
                spent = price[lever][level] - price[lever][current[lever]]
                if (
                    lever not in kept
                    and (found := merit(gain, spent, here.cost + (spent if spent < 0.0 else (1.0 - 2 * SLACK) * spent))) is not None
                ):
                    expected.append((found, (lever, level)))
            expected.sort(key=lambda one: (one[0], -one[1][0], -one[1][1]), reverse=True)
            best: tuple[tuple[float, float], Mix] | None = None
            for batch in _batches(expected):
                if best is not None and best[0] >= batch[0][0]:
                    break
                self._see([_moved(current, move) for _, move in batch], 0)
                for _, move in batch:
                    mix, (lever, level) = _moved(current, move), move
                    gain, spent = goal.plain(known[mix]) - goal.plain(here), known[mix].cost - here.cost
                    worth[lever][level] = worth[lever][current[lever]] + gain
                    price[lever][level] = price[lever][current[lever]] + spent
                    found = merit(gain, spent, known[mix].cost)
                    if found is not None and (best is None or found > best[0]):
                        best = found, mix
            if best is None:
                break
            current = best[1]
        return current

    def _random(self, goal: Goal, price: list[list[float]]) -> Mix:
        """Levers in random order at random levels, as many as the sum of their prices allows."""
        mix, spent = [0] * len(self.levels), 0.0
        for lever in self._luck.permutation(len(self.levels)).tolist():
            level = int(self._luck.integers(self.levels[lever]))
            if spent + price[lever][level] <= goal.budget:
                mix[lever], spent = level, spent + price[lever][level]
        return tuple(mix)

    def _exchange(self, goal: Goal, rung: int, start: Mix, rounds: int = ROUNDS) -> Mix:
        """Change one lever, or where that does not help two at once, as long as the mix becomes better."""
        current = start
        self._see([current], 0)
        self._see([current], rung)
        gains: dict[Move, float] = {}
        for _ in range(rounds):
            better = self._better_single(goal, rung, current, gains) or self._better_pair(goal, rung, current)
            if better is None:
                break
            current = better
        return current

    def _better_single(self, goal: Goal, rung: int, current: Mix, gains: dict[Move, float]) -> Mix | None:
        """Look for a change of one lever that makes a mix better, those first that brought most when last tried; all where none does."""
        if rung:
            return self._better(goal, rung, current, self._singles(current))
        known = self.known[0]
        moves = sorted(self._moves(current), key=lambda move: -gains.get(move, math.inf))
        for batch in _batches(moves):
            better = self._better(goal, 0, current, [_moved(current, move) for move in batch])
            gains |= {move: goal.plain(known[_moved(current, move)]) - goal.plain(known[current]) for move in batch}
            if better is not None:
                return better
        return None

    def _better_pair(self, goal: Goal, rung: int, current: Mix) -> Mix | None:
        """Look for a pair of changes that makes a mix better, those first that promise most by what each does alone."""
        known = self.known[0]
        here = known[current]
        promises: list[tuple[tuple[bool, float], Mix]] = []
        for one, other in combinations(self._moves(current), 2):
            if one[0] == other[0]:
                continue
            first, second = known[_moved(current, one)], known[_moved(current, other)]
            gain = goal.plain(first) + goal.plain(second) - goal.plain(here)
            spent = first.cost - here.cost, second.cost - here.cost
            cost = self._here(current, rung).cost + sum(spent) - SLACK * sum(map(abs, spent))
            promises.append(((cost <= goal.budget, gain if cost <= goal.budget else -cost), _moved(_moved(current, one), other)))
        promises.sort(key=lambda one: one[0], reverse=True)
        looked_at = [mix for _, mix in promises[:PAIRS]]
        for batch in [looked_at] if rung else _batches(looked_at):
            if (better := self._better(goal, rung, current, batch)) is not None:
                return better
        return None

    def _better(self, goal: Goal, rung: int, current: Mix, mixes: Sequence[Mix]) -> Mix | None:
        """The best of some mixes where it is better than the current one; None where it is not.

        Above rung 0, only those are measured of which the first rung, set right by how the current mix differs there, promises most.
        """
        self._see(mixes, 0)
        if rung:
            low, here = self.known[0][current], self._here(current, rung)
            predicted = {mix: _set_right(self.known[0][mix], low, here) for mix in mixes}
            roomy = Goal(goal.budget + SLACK * abs(here.cost), goal.criterion, goal.world)
            mixes = roomy.ranked(list(mixes), {**self.known[rung], **predicted})[:CONFIRMED]
            self._see(mixes, rung)
        known = self.known[rung]
        best = goal.best([current, *mixes], known)
        return None if best == current else best

    def _here(self, mix: Mix, rung: int) -> Measured:
        return self.known[rung][mix]

    def _promising(self, goal: Goal, rung: int, number: int) -> list[Mix]:
        """The best mixes of a rung; a third of them may exceed the budget a little, which with more draws they may no longer do."""
        known = self.known[rung]
        near = Goal(goal.budget * (1.0 + SLACK), goal.criterion, goal.world)
        first = goal.ranked(list(known), known)[: number - number // 3]
        others = [mix for mix in near.ranked(list(known), known) if mix not in first]
        return first + others[: number // 3]


def _moved(mix: Mix, move: Move) -> Mix:
    lever, level = move
    return (*mix[:lever], level, *mix[lever + 1 :])


def _set_right(there: Measured, low: Measured, here: Measured) -> Measured:
    """What more draws may say of a mix, given what they say of a like one."""
    return Measured(here.values + there.values - low.values, here.cost + there.cost - low.cost)


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for first in range(0, len(items), BATCH):
        yield items[first : first + BATCH]
