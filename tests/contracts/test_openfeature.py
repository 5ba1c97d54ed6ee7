"""OpenFeature's own providers read our flags unmodified (T34): Python's here, JavaScript's where Node has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason

from dashboard.config import Settings
from dashboard.front import Front
from dashboard.press import Press
from tests.browser.servers import serving
from tests.conftest import NOW
from tests.contracts.providers import DOWN, TITLE, TOKEN, WELL, Site, documented, needs_node, node
from tests.test_front import fail


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """Served as the product serves it, on a free port, while a section is down."""
    press = Press(settings)
    press.put(DOWN, NOW)
    with serving(Front(fail, press, 16, {"admin"})) as url, time_machine.travel(NOW):
        yield Site(press, url)


class TestPython:
    @pytest.fixture
    def client(self, site: Site) -> Iterator[OpenFeatureClient]:
        yield from reading(site.url)

    def test_a_flag_tells_its_value_and_what_to_say(self, client: OpenFeatureClient) -> None:
        found = client.get_boolean_details("hide_direct_deposit", False)
        assert (found.value, found.reason, found.variant, found.error_code) == (True, Reason.STATIC, "down", None)
        assert found.flag_metadata["title"] == TITLE
        assert found.flag_metadata["message"] == "You cannot pay."

    @pytest.mark.parametrize("who", [None, EvaluationContext(), EvaluationContext("user-7", {"age": 7})])
    def test_whoever_asks(self, client: OpenFeatureClient, who: EvaluationContext | None) -> None:
        assert client.get_boolean_value("section.direct_deposit.down", False, who) is True
        assert client.get_boolean_value("payments/cards", False, who) is True

    def test_it_follows_its_section(self, site: Site, client: OpenFeatureClient) -> None:
        assert client.get_boolean_value("hide_direct_deposit", False) is True
        site.press.put(replace(WELL, revision=44), NOW)
        assert client.get_boolean_value("hide_direct_deposit", True) is False

    @pytest.mark.parametrize("key", ["nope", "a/b c", "secret"])
    def test_one_that_is_not_there_is_the_default(self, client: OpenFeatureClient, key: str) -> None:
        found = client.get_boolean_details(key, True)
        assert (found.value, found.reason, found.error_code) == (True, Reason.ERROR, ErrorCode.FLAG_NOT_FOUND)
        assert "no flag of this name" in str(found.error_message)

    def test_a_flag_of_another_kind_is_the_default(self, client: OpenFeatureClient) -> None:
        found = client.get_string_details("hide_direct_deposit", "as it was")
        assert (found.value, found.error_code) == ("as it was", ErrorCode.TYPE_MISMATCH)

    @pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {TOKEN}"}, {"X-API-Key": TOKEN}])
    def test_who_has_a_token_reads_private_ones(self, site: Site, headers: dict[str, str]) -> None:
        for client in reading(site.url, headers):
            assert client.get_boolean_value("secret", False) is True

    def test_a_token_that_is_not_valid_reads_the_others(self, site: Site) -> None:
        for client in reading(site.url, {"Authorization": "Bearer revoked"}):
            assert client.get_boolean_value("hide_direct_deposit", False) is True
            assert client.get_boolean_details("secret", False).error_code == ErrorCode.FLAG_NOT_FOUND

    def test_as_the_docs_say(self, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        exec(documented("python", "set_provider", site.url), {})
        api.shutdown()
        assert capsys.readouterr().out == f"{TITLE}. You cannot pay.\n"

    def test_an_address_with_a_slash_at_its_end(self, site: Site) -> None:
        for client in reading(f"{site.url}/"):
            assert client.get_boolean_value("hide_direct_deposit", False) is True


@needs_node
class TestNode:
    @pytest.fixture
    def told(self, site: Site) -> dict[str, Any]:
        return json.loads(node(site.url, "server.mjs").communicate(timeout=30)[0])

    def test_a_flag_tells_its_value_and_what_to_say(self, told: dict[str, Any]) -> None:
        for name in ("down", "toggle", "slashes", "privateToHolder", "publicToStranger"):
            assert (told[name]["value"], told[name]["reason"], told[name]["variant"]) == (True, "STATIC", "down")
            assert told[name]["flagMetadata"]["title"] == TITLE

    def test_one_that_is_not_there_is_the_default(self, told: dict[str, Any]) -> None:
        for name, default in {"unknown": True, "unknownWithSpaces": True, "privateToAnybody": False}.items():
            assert (told[name]["value"], told[name]["errorCode"]) == (default, "FLAG_NOT_FOUND")
            assert "no flag of this name" in told[name]["errorMessage"]
        assert told["privateToStranger"]["errorCode"] == "FLAG_NOT_FOUND"

    def test_as_the_docs_say(self, site: Site) -> None:
        source = documented("js", "setProviderAndWait", site.url)
        assert node(site.url, "-", source).communicate(timeout=30)[0] == f"{TITLE}. You cannot pay.\n"

    def test_a_flag_of_another_kind_is_the_default(self, told: dict[str, Any]) -> None:
        assert (told["otherKind"]["value"], told["otherKind"]["errorCode"]) == ("as it was", "TYPE_MISMATCH")


@needs_node
def test_a_page_reads_all_at_once_and_is_told_of_changes(site: Site) -> None:
    page = node(site.url, "web.mjs")
    try:
        assert page.stdout is not None
        told = json.loads(page.stdout.readline())
        for name in ("down", "toggle", "slashes", "privateToHolder", "publicToStranger"):
            assert (told[name]["value"], told[name]["variant"]) == (True, "down")
            assert told[name]["flagMetadata"]["title"] == TITLE
        for name in ("unknown", "privateToAnybody", "unknownToStranger"):
            assert told[name]["errorCode"] == "FLAG_NOT_FOUND"
        assert told["unknownToStranger"]["flagMetadata"]["token"] == "not valid"
        site.press.put(replace(WELL, revision=44), NOW)
        later = json.loads(page.stdout.readline())
        assert later["toggle"]["value"] is False
        assert "section.direct_deposit.down" in later["changed"]
        assert set(later["statuses"]) <= {200, 304}
        assert page.wait(10) == 0
    finally:
        page.kill()
        page.communicate()


def reading(url: str, headers: dict[str, str] | None = None) -> Iterator[OpenFeatureClient]:
    provider = OFREPProvider(url, headers_factory=(lambda: headers) if headers else None)
    api.set_provider_and_wait(provider)
    yield api.get_client()
    api.shutdown()
    provider.session.close()
