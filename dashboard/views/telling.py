"""How many are told of what is being written: the numbers beside a choice, asked once a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dashboard import audience
from dashboard.actions.window_rows import Touches
from dashboard.facts import Facts, Touch
from dashboard.messages import reach
from dashboard.rules.state import Effect
from dashboard.rules.telling import Reach

_WAYS = {"email": "by e-mail", "webhook": "by webhook", "slack": "in Slack", "teams": "in Microsoft Teams"}


@dataclass(frozen=True, slots=True)
class Numbers:
    """``by_channel`` is without those of which there is nobody."""

    by_channel: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_channel.values())

    @property
    def people(self) -> str:
        return people(self.total)

    @property
    def ways(self) -> str:
        """ "1,250 by e-mail, 30 by webhook, 4 in Slack", the most first."""
        most_first = sorted(self.by_channel.items(), key=lambda one: (-one[1], one[0]))
        return ", ".join(f"{number:,} {_WAYS.get(name, f'by {name}')}" for name, number in most_first)


def people(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def of_section(facts: Facts, section_id: int, is_planned: bool = False) -> Numbers:
    return numbers(reach.of_sections(facts, [section_id]), is_planned)


def of_work(facts: Facts, components: Iterable[int], touches: Touches, window_id: int | None) -> Numbers:
    on = (Touch(id, Effect(word)) for id, word in touches)
    return numbers(reach.of_work(facts, components, on, window_id), is_planned=True)


def numbers(whom: Reach, is_planned: bool = False) -> Numbers:
    return Numbers(audience.counts(whom, is_planned))
