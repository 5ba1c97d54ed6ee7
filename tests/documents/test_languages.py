"""What the banner's answers say in further languages, and that without any they are what they always were."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard import languages
from dashboard.facts import Facts
from dashboard.rules.languages import NAMES
from tests import given
from tests.documents.test_banner import read

FOUND = {one.tag: one for one in languages.read(("en", "es", "cy", "ar"), Path("/nowhere"))[0]}


def facts(*of: Any, tags: str = "en cy") -> Facts:
    return replace(given.facts(*of), languages=tuple(FOUND[tag] for tag in tags.split()))


def welsh(*of: Any, t: str = "14:30") -> dict[str, str]:
    found: dict[str, str] = read(facts(*of), t=t)["sections"][0]["languages"]["cy"]
    return found


def test_one_language_says_nothing_of_others() -> None:
    found = json.dumps(read(facts(given.outage("14:00-18:00 hold"), tags="en")))
    assert "languages" not in found
    assert '"as"' not in found


def test_the_rest_is_as_it_is_without_them() -> None:
    outage = given.outage("14:00-18:00 hold", message="You cannot pay.")
    one, two = (read(facts(outage, tags=tags)) for tags in ("en", "en cy ar"))
    (entry,) = two["sections"]
    assert entry.pop("languages").keys() == two["strings"].pop("languages").keys() == {"cy", "ar"}
    assert entry["links"][0].pop("as") == "updates"
    assert one == two


def test_strings_are_told_only_while_there_is_something_to_say() -> None:
    assert "languages" not in read(facts())["strings"]
    strings = read(facts(given.outage("14:00-18:00")))["strings"]["languages"]["cy"]
    assert strings == {
        "lang": "cy",
        "hide": "Cuddio",
        "others": "{n} problem arall",
        "other": "1 broblem arall",
        "restored": "Mae {section} yn gweithio eto",
        "updates": "Y diweddaraf",
    }


@pytest.mark.parametrize(
    ("words", "t", "want"),
    [
        ("14:00-18:00", "14:30", {"title": "Nid yw Direct deposit ar gael tan {until}"}),
        (
            "15:00-18:00",
            "14:30",
            {
                "title": "Nid yw Direct deposit ar gael tan {until}",
                "title_soon": "Ni fydd Direct deposit ar gael ({from} – {until})",
            },
        ),
        (
            "14:00-18:00 hold",
            "14:30",
            {
                "title": "Nid yw Direct deposit ar gael tan {until}",
                "title_late": "Nid yw Direct deposit ar gael o hyd",
                "message_late": "Ask Tom. Roeddem yn ei ddisgwyl yn ôl erbyn {until}. Mae’n cymryd mwy o amser.",
            },
        ),
        (
            "14:00",
            "14:30",
            {
                "title": "Nid yw Direct deposit ar gael",
                "message": "Ask Tom. Nid ydym yn gwybod eto pryd y bydd yn ôl. Byddwn yn dweud mwy erbyn {next}.",
            },
        ),
    ],
)
def test_what_signpost_adds_is_said_in_it_and_what_staff_typed_stays(words: str, t: str, want: dict[str, str]) -> None:
    assert welsh(given.outage(words, message="Ask Tom."), t=t) == want


def test_a_site_may_be_in_another_language_than_english() -> None:
    found = read(facts(given.outage("14:00", message="Pregunte a Tom."), tags="es en"))
    (entry,) = found["sections"]
    assert entry["title"] == "Direct deposit no está disponible"
    assert entry["message"].startswith("Pregunte a Tom. Todavía no sabemos")
    assert entry["links"][0]["label"] == "Últimas novedades"
    assert (found["strings"]["lang"], found["strings"]["hide"]) == ("es", "Ocultar")
    assert entry["languages"]["en"]["title"] == "Direct deposit is unavailable"


def test_one_sections_answer_and_the_preview_have_them_too() -> None:
    down = facts(given.outage("14:00-18:00"))
    assert "cy" in read(down, "/embed/v1/sections/direct_deposit.json")["sections"][0]["languages"]
    preview = read(down, "/embed/v1/preview.json")["sections"]
    assert [entry["languages"]["cy"]["title"][:3] for entry in preview] == ["Nid", "Mae", "Nid", "Nid"]


def test_a_name_with_braces_in_it_stays_a_name() -> None:
    odd = facts([given.section(1, name="{until}")], given.outage("14:00-18:00"))
    assert read(odd)["sections"][0]["languages"]["cy"]["title"] == "Nid yw {until} ar gael tan {until}"


def test_the_docs_name_every_sentence_of_a_language() -> None:
    page = (languages.ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in page] == []
