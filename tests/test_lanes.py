"""No lane holds up another: pure, with seconds as numbers."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.lanes import DEEP, NARROW, WIDE, Lanes


@dataclass(frozen=True)
class One:
    id: int
    lane: str


def lanes(**numbers: int) -> Lanes[One]:
    """So many waiting in each; fresh until 10."""
    made: Lanes[One] = Lanes()
    for lane, number in numbers.items():
        made.add([One(id, lane) for id in range(number)], stale_at=10)
    return made


def begun(found: list[One]) -> dict[str, int]:
    return {lane: sum(one.lane == lane for one in found) for lane in {one.lane for one in found}}


def test_a_lane_has_its_width_and_leaves_the_rest_to_others() -> None:
    assert begun(lanes(slow=50, fast=3).begin(100, 0)) == {"slow": WIDE, "fast": 3}


def test_what_is_through_makes_room() -> None:
    made = lanes(mail=50)
    made.begin(100, 0)
    assert made.begin(100, 0) == []
    made.end("mail", False)
    assert len(made.begin(100, 0)) == 1


def test_a_slow_lane_is_narrow_until_something_arrives() -> None:
    made = lanes(slow=50)
    for one in made.begin(100, 0):
        made.end(one.lane, True)
    assert len(made.begin(100, 0)) == NARROW
    made.end("slow", False)
    assert len(made.begin(100, 0)) == WIDE - 1


def test_whoever_was_first_is_last_the_next_time() -> None:
    made = lanes(one=40, other=40)
    assert begun(made.begin(WIDE, 0)) == {"one": WIDE}
    assert begun(made.begin(WIDE, 0)) == {"other": WIDE}


def test_what_is_stale_is_left_to_others() -> None:
    made = lanes(mail=3)
    assert made.begin(100, 10) == []
    assert made.left() == []


def test_of_a_deep_lane_no_more_is_taken() -> None:
    assert lanes(deep=DEEP, other=DEEP - 1).full() == {"deep"}


def test_what_was_not_begun_is_known() -> None:
    made = lanes(mail=WIDE + 2)
    made.begin(100, 0)
    assert made.left() == [WIDE, WIDE + 1]
