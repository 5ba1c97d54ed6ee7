"""The embed in the language of the page it stands on, from Signpost's own answers; what staff typed stays as typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard import languages
from dashboard.documents import assets
from dashboard.editions import edition_at
from tests import given
from tests.browser.embedding import NOW, OPEN, SCRIPT, WRAPPED, StatusHost, announced, entry, notice
from tests.browser.looks import assert_no_sideways_scroll, each_look
from tests.browser.servers import Reply

Visit = Callable[..., Page]
ALL, _ = languages.read(("en", "es", "fr", "de", "cy", "ar"), Path("/nowhere"))
BANNER = "<signpost-banner></signpost-banner>"
TITLES = {
    "en-GB": "Direct deposit is unavailable until 18:00",
    "es": "Direct deposit no está disponible. Fin previsto: 18:00",
    "es-MX": "Direct deposit no está disponible. Fin previsto: 6:00",
    "fr": "Direct deposit est indisponible. Retour prévu : 18:00",
    "DE-at": "Direct deposit ist bis 18:00 nicht verfügbar",
    "cy": "Nid yw Direct deposit ar gael tan 18:00",
    "ar": "Direct deposit غير متاح. العودة المتوقعة: ",
    "it": "Direct deposit is unavailable until 18:00",
    "": "Direct deposit is unavailable until 18:00",
}


def says(status: StatusHost, *of: Any, found: tuple[Any, ...] = ALL) -> None:
    answer = edition_at(replace(given.facts(*of), languages=found), NOW).answer("/embed/v1/status.json")
    assert answer is not None
    status.answer = Reply(answer.variants[""].body, headers=OPEN)


def down(**given_: Any) -> Any:
    return given.outage("14:00-18:00", **{"message": "You cannot pay.", **given_})


@pytest.mark.parametrize("lang", TITLES)
def test_a_notice_is_in_the_language_of_the_page(visit: Visit, status: StatusHost, lang: str) -> None:
    says(status, down())
    page = visit(lang=lang)
    expect(notice(page).get_by_role("heading")).to_contain_text(TITLES[lang])
    expect(notice(page)).to_contain_text("You cannot pay.")
    assert status.polls == 1


def test_the_nearest_language_counts_and_one_request_is_enough(visit: Visit, status: StatusHost) -> None:
    says(status, down())
    page = visit(f'<div lang="cy">{BANNER}</div>{WRAPPED}', lang="es")
    expect(notice(page, "signpost-banner").get_by_role("heading")).to_have_text(TITLES["cy"])
    expect(notice(page).get_by_role("heading")).to_have_text(TITLES["es"])
    assert status.polls == 1


def test_each_part_is_marked_with_its_language(visit: Visit, status: StatusHost) -> None:
    says(status, down())
    page = visit(lang="es-ES")
    expect(notice(page)).to_have_attribute("lang", "es-es")
    expect(notice(page).locator(".message")).to_have_attribute("lang", "en")
    expect(notice(page).locator(".message")).to_have_attribute("dir", "auto")
    page = visit(lang="en-GB")
    expect(notice(page)).to_have_attribute("lang", "en-gb")
    expect(notice(page).locator(".message")).to_have_attribute("lang", "en-gb")
    page = visit(lang="it")
    expect(notice(page)).to_have_attribute("lang", "en")


def test_all_that_signpost_adds_is_in_it(visit: Visit, status: StatusHost) -> None:
    sections = [given.section(1), given.section(2), given.section(3)]
    coming = given.outage("15:00-18:00", 1, message="Ask Tom.")
    says(status, sections, coming, given.outage("15:00-17:00", 2, id=2), given.outage("15:00-16:00", 3, id=3))
    page = visit(BANNER, lang="de")
    banner = notice(page, "signpost-banner")
    expect(banner).to_contain_text("wird nicht verfügbar sein (15:00 – ")
    expect(banner.get_by_role("link", name="Neueste Meldungen")).to_be_visible()
    expect(banner.get_by_role("link", name="2 weitere Störungen")).to_be_visible()
    banner.get_by_role("button", name="Ausblenden:").press("Enter")
    expect(banner).to_have_count(0)


def test_an_unknown_end_is_told_in_it(visit: Visit, status: StatusHost) -> None:
    says(status, given.outage("14:00", message="Ask Tom."))
    want = "Ask Tom. Nid ydym yn gwybod eto pryd y bydd yn ôl. Byddwn yn dweud mwy erbyn 15:00."
    expect(notice(visit(lang="cy")).locator(".message")).to_have_text(want)


def test_a_late_one_is_told_in_it_by_the_clock(visit: Visit, status: StatusHost) -> None:
    says(status, given.outage("14:00-14:40 hold", message="Ask Tom."))
    page = visit(lang="fr")
    expect(page.locator("#account")).to_be_hidden()
    status.answer = Reply(hang=True)
    page.clock.fast_forward("10:00")
    expect(notice(page)).to_contain_text("Direct deposit est toujours indisponible")
    expect(notice(page)).to_contain_text("Ask Tom. Le retour était prévu pour : 14:40.")


def test_back_again_is_said_in_it(visit: Visit, status: StatusHost) -> None:
    says(status, down())
    page = visit(lang="es")
    expect(page.locator("#account")).to_be_hidden()
    says(status)
    page.clock.fast_forward(17_000)
    expect(notice(page)).to_contain_text("Direct deposit vuelve a funcionar")
    expect(announced(page)).to_have_text("Direct deposit vuelve a funcionar")
    expect(page.get_by_role("button", name="Ocultar")).to_be_visible()


def test_a_site_that_is_written_in_another_language(visit: Visit, status: StatusHost) -> None:
    says(status, down(message="Ni allwch dalu."), found=(ALL[4], ALL[0]))
    page = visit(lang="it")
    expect(notice(page)).to_have_attribute("lang", "cy")
    expect(notice(page)).to_contain_text(TITLES["cy"])
    expect(notice(visit(lang="en"))).to_contain_text("Direct deposit is unavailable until")


def test_a_script_that_a_page_pinned_reads_the_same_answers(visit: Visit, status: StatusHost) -> None:
    pinned = (assets.STATIC / "embed" / "versions" / "1.0.0.js").read_text(encoding="utf-8")
    status.pages["/embed/v1.js"] = replace(SCRIPT, body=pinned)
    says(status, down())
    page = visit(lang="cy")
    expect(notice(page).get_by_role("heading")).to_have_text(TITLES["en-GB"])
    expect(notice(page)).to_contain_text("You cannot pay.")


def test_an_answer_that_names_no_language_is_in_that_of_the_page(visit: Visit, status: StatusHost) -> None:
    status.say(entry(), strings={"hide": "Hide", "other": "1 other", "others": "{n} others", "restored": "Back"})
    page = visit(lang="cy")
    expect(notice(page)).to_contain_text(TITLES["en-GB"])
    expect(notice(page)).to_have_attribute("lang", "cy")
    expect(notice(page).locator(".message").first).to_have_attribute("lang", "cy")


def test_a_kept_copy_is_in_it_too(visit: Visit, status: StatusHost) -> None:
    says(status, down())
    page = visit(lang="cy")
    expect(page.locator("#account")).to_be_hidden()
    status.answer = Reply(hang=True)
    page.reload()
    expect(notice(page)).to_contain_text(TITLES["cy"])


def test_a_preview_is_in_it(visit: Visit, status: StatusHost) -> None:
    status.preview(ALL)
    page = visit(lang="cy", query="?signpost-preview=direct_deposit:late")
    expect(notice(page)).to_contain_text("Nid yw Direct deposit ar gael o hyd")
    expect(notice(page)).to_contain_text("This is a preview: nothing is wrong.")


def test_own_markup_has_its_times_as_the_language_tells_them(visit: Visit, status: StatusHost) -> None:
    says(status, given.outage("14:00-02:00", planned_end=NOW.replace(day=23)))
    own = '<signpost-section section="direct_deposit"><p slot="down"><b data-signpost="bis {until}"></b></p>'
    page = visit(f'<div lang="de">{own}</signpost-section></div>')
    expect(page.locator("[slot=down]")).to_have_text("bis Montag, 14:30")


@pytest.mark.parametrize("lang", ["constructor", "x" * 2000, "__proto__", "_", "123"])
def test_odd_languages_are_as_good_as_none(visit: Visit, status: StatusHost, lang: str) -> None:
    says(status, down())
    expect(notice(visit(lang=lang))).to_contain_text("Direct deposit is unavailable until")


@pytest.mark.parametrize(
    "body", [WRAPPED, BANNER, "<signpost-banner slim></signpost-banner>"], ids=["wrap", "all", "slim"]
)
@pytest.mark.parametrize("of", [down(), given.outage("15:00-18:00", message="Ask Tom.")], ids=["down", "soon"])
def test_arabic_is_accessible(
    visit: Visit, status: StatusHost, axe: Callable[[Page], None], body: str, of: Any
) -> None:
    says(status, of)
    page = visit(f'<div dir="rtl" lang="ar">{body}</div>')
    expect(page.locator(".banner")).to_contain_text("متاح")
    for _ in each_look(page):
        axe(page)
        assert_no_sideways_scroll(page)
