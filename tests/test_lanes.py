"""No lane holds up another: pure, with seconds as numbers."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.lanes import DEEP, FAILING, NARROW, WIDE, Lanes


@dataclass(frozen=True)
class One:
    id: int
    lane: str
    is_failing: bool = False


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
    first = made.begin(100, 0)[0]
    assert made.begin(100, 0) == []
    made.end(first, False)
    assert len(made.begin(100, 0)) == 1


def test_a_slow_lane_is_narrow_until_something_arrives() -> None:
    made = lanes(slow=50)
    for one in made.begin(100, 0):
        made.end(one, True)
    narrow = made.begin(100, 0)
    assert len(narrow) == NARROW
    made.end(narrow[0], False)
    assert len(made.begin(100, 0)) == WIDE - 1


def failing(number: int) -> Lanes[One]:
    """Each in a lane of its own."""
    made: Lanes[One] = Lanes()
    made.add([One(id, f"host{id}", is_failing=True) for id in range(number)], stale_at=10)
    return made


def test_those_who_fail_leave_half_of_the_slots_to_others() -> None:
    made = failing(200)
    hanging = made.begin(100, 0)
    made.add([One(id, f"other{id}") for id in range(100)], stale_at=10)
    assert (len(hanging), len(made.begin(50, 0)), made.begin(50, 0)[0].is_failing) == (FAILING, 50, False)
    made.end(hanging[0], True)
    assert sum(one.is_failing for one in made.begin(100, 0)) == 1


def test_in_one_lane_who_fails_is_in_nobodys_way() -> None:
    made = failing(60)
    made.add([One(100, "mail", is_failing=True), One(101, "mail")], stale_at=10)
    assert [one for one in made.begin(100, 0) if one.lane == "mail"] == [One(101, "mail")]


def test_who_fails_keeps_nobody_out_of_a_lane_unless_it_is_slow() -> None:
    made: Lanes[One] = Lanes()
    made.add([One(id, "mail", is_failing=True) for id in range(WIDE + DEEP)], stale_at=10)
    begun = made.begin(100, 0)
    assert made.full() == set()
    made.end(begun[0], True)
    assert made.full() == {"mail"}


def test_when_many_who_fail_wait_no_more_of_them_are_taken() -> None:
    assert (failing(FAILING - 1).do_many_fail(), failing(FAILING).do_many_fail()) == (False, True)


def test_whoever_was_first_is_last_the_next_time() -> None:
    made = lanes(one=40, other=40)
    assert begun(made.begin(WIDE, 0)) == {"one": WIDE}
    assert begun(made.begin(WIDE, 0)) == {"other": WIDE}


def test_what_is_stale_is_left_to_others() -> None:
    made = lanes(mail=3)
    assert made.begin(100, 10) == []
    assert made.leave(10) == []


def test_of_a_deep_lane_no_more_is_taken() -> None:
    assert lanes(deep=DEEP, other=DEEP - 1).full() == {"deep"}


def test_what_was_not_begun_is_known() -> None:
    made = lanes(mail=WIDE + 2)
    made.begin(100, 0)
    assert made.leave(9) == [WIDE, WIDE + 1]
    assert made.begin(100, 0) == []


def test_what_is_stale_is_not_given_back_for_somebody_else_may_have_it() -> None:
    assert lanes(mail=3).leave(10) == []
