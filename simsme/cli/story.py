"""``simsme story``: one firm's life, told."""

import textwrap
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from simsme.cli.arguments import AsJson, FirmsPath, Overrides, PolicyNames, ScenarioSource
from simsme.cli.planning import planned
from simsme.cli.screen import PROSE_WIDTH, print_prose, screen
from simsme.cli.talk import Talk

if TYPE_CHECKING:
    from rich.console import Console

    from simsme.story import PolicyLife, Story

DATES_WIDTH = 28
"""Characters of the column of dates, where the screen is wide enough for one."""

WIDE_ENOUGH = 70


def tell_firm(
    scenario: ScenarioSource,
    firm_id: Annotated[str, typer.Argument(metavar="FIRM_ID", help="The firm, such as firm-0000001.", show_default=False)],
    draw: Annotated[int, typer.Option("--draw", metavar="N", help="Number of the draw, from 0.")] = 0,
    policy: PolicyNames = None,
    firms: FirmsPath = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    step_days: Annotated[int | None, typer.Option("--step-days", metavar="N", help="Days of a step, 1 to 14.")] = None,
    override: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Tell one firm's life in one draw under each policy, in plain sentences.

    When cash ran short, what the bank said, which support came when, why the firm left. Amounts are those of the run.
    """
    from simsme.story import story_of

    talk = Talk()
    plan = planned(scenario, policies=policy, firms=firms, seed=seed, step_days=step_days, overrides=override)
    with talk.progress("reading firms" if firms else "drawing firms"):
        population = plan.firms()
    story = story_of(plan, population, firm_id, draw)
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(story.json))
        return
    _print_story(story)


def _print_story(story: "Story") -> None:
    console = screen()
    print_prose(
        console,
        f"{story.firm_id} in {story.scenario}, draw {story.draw}; all amounts in {story.currency}",
        style="dim",
        bold=story.firm_id,
    )
    print_prose(console, " ".join(story.opening))
    print_prose(console, " ".join(story.world))
    for life in story.lives:
        console.print()
        _print_life(console, story, life)


def _print_life(console: "Console", story: "Story", life: "PolicyLife") -> None:
    title = Text(life.policy, style="bold underline")
    if life.title != life.policy:
        title.append(f"  {life.title}", style="not bold not underline dim")
    console.print(title)
    if life.levers:
        print_prose(console, _reach(life), indent=2, style="dim")
    if life.same_as is not None:
        print_prose(console, f"As under {life.same_as}.", indent=2)
        return
    for said in life.sentences:
        _print_dated(console, _dates(story, said.first_day, said.last_day), said.text)


def _reach(life: "PolicyLife") -> str:
    """Which of the policy's levers are open to the firm, and which are not."""
    from simsme.story.sentences import listed

    is_open = [label for label, reached in life.levers if reached]
    is_not = [label for label, reached in life.levers if not reached]
    said = [f"{listed(is_open)} {'is' if len(is_open) == 1 else 'are'} open to it"] if is_open else []
    said += [f"{listed(is_not)} {'is' if len(is_not) == 1 else 'are'} not{'' if is_open else ' open to it'}"] if is_not else []
    return f"Levers: {'; '.join(said)}."


def _dates(story: "Story", first_day: float, last_day: float) -> str:
    from simsme.story.calendar_days import dates_text

    return dates_text(first_day, last_day, story.start)


def _print_dated(console: "Console", dates: str, text: str) -> None:
    """Print a sentence beside its dates, or below them where the screen is narrow."""
    width = min(console.width, PROSE_WIDTH)
    if width < WIDE_ENOUGH:
        console.print(Text(f"  {dates}", style="dim"))
        print_prose(console, text, indent=4)
        return
    for number, line in enumerate(textwrap.wrap(text, width - DATES_WIDTH - 2, break_long_words=False, break_on_hyphens=False)):
        console.print(Text("  " + (dates if number == 0 else "").ljust(DATES_WIDTH), style="dim").append(line, style="not dim"))
