"""The ways a page is looked at: at two widths, light and dark, and by axe."""

from __future__ import annotations

from collections.abc import Iterator

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

WIDTHS = (1280, 375)
SCHEMES = ("light", "dark")
_AXE_RUN = "axe.run({ resultTypes: ['violations'], iframes: false }).then(({ violations }) => ({ violations }))"


def each_look(page: Page) -> Iterator[str]:
    """Set the page to each width and colour scheme in turn, and name it: "375-dark"."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800 if width > 600 else 667})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            yield f"{width}-{scheme}"


def assert_accessible(page: Page) -> None:
    """Axe is brought to a page once, however often it is looked at; in frames it would be waited for in vain."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    results = AxeResults(page.evaluate(_AXE_RUN))
    assert results.violations_count == 0, results.generate_report()


def assert_no_sideways_scroll(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} px too wide"
