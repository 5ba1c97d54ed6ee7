"""One question to a server that misbehaves: bounded in time and size, and the key stays here."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.sources import pagerduty
from dashboard.sources.pagerduty import Account, Question, Trouble
from tests.conftest import NOW
from tests.doubles import pagerduty as faults
from tests.doubles.pagerduty import Fault, Faulty
from tests.sources.conftest import LEDGER, Asking

DEEP = b'{"maintenance_windows":[' + b"[" * 100_000
WRONG: list[tuple[str, Callable[[Faulty], Fault], str]] = [
    ("html", lambda _: faults.body(b"<p>Sign in</p>", "text/html"), "not_json"),
    ("no type", lambda _: faults.body(b'{"maintenance_windows":[],"more":false}', ""), "not_json"),
    ("null", lambda _: faults.body(b"null"), "shape"),
    ("a list", lambda _: faults.body(b"[]"), "shape"),
    ("nothing in it", lambda _: faults.body(b"{}"), "shape"),
    ("null windows", lambda _: faults.body(b'{"maintenance_windows":null,"more":false}'), "shape"),
    ("no more", lambda _: faults.body(b'{"maintenance_windows":[]}'), "shape"),
    ("more is a word", lambda _: faults.body(b'{"maintenance_windows":[],"more":"false"}'), "shape"),
    ("empty", lambda _: faults.body(b""), "bad_json"),
    ("truncated", lambda _: faults.half, "bad_json"),
    ("two values", lambda _: faults.body(b'{"maintenance_windows":[],"more":false}{}'), "bad_json"),
    ("NaN", lambda _: faults.body(b'{"maintenance_windows":[NaN],"more":false}'), "bad_json"),
    ("deep", lambda _: faults.body(DEEP), "too_deep"),
    ("deep in strings", lambda _: faults.body(b'{"maintenance_windows":["' + b"[" * 99 + b'"]}'), "shape"),
    ("oversized", lambda _: faults.body(b" " * 9_000_000), "oversized"),
    ("gzip", lambda _: faults.zipped, "encoding"),
    ("cut off", lambda _: faults.cut, "cut"),
    ("hung up", lambda _: faults.close, "cut"),
    ("hanging", faults.hang, "slow"),
    ("dripping body", faults.drip, "slow"),
    ("dripping head", lambda double: faults.drip(double, head=True), "slow"),
]


@pytest.mark.parametrize(("fault", "kind"), [line[1:] for line in WRONG], ids=[line[0] for line in WRONG])
def test_a_wrong_answer_is_trouble_with_a_name(
    double: Faulty, ask: Asking, fault: Callable[[Faulty], Fault], kind: str
) -> None:
    double.add_window("PW1", NOW, NOW, LEDGER)
    double.always["/"] = fault(double)
    start = time.monotonic()
    assert ask.trouble() == kind
    assert time.monotonic() - start < 3


def test_the_key_goes_nowhere_else(double: Faulty, ask: Asking) -> None:
    with Faulty(lambda: NOW) as elsewhere:
        for code in (301, 302, 303, 307, 308):
            double.always["/"] = faults.status(code, Location=f"{elsewhere.url}/maintenance_windows")
            assert ask.trouble() == "redirect"
        assert elsewhere.asked == []


def test_proxies_and_passwords_of_the_environment_are_not_used(
    double: Faulty, ask: Asking, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login priya password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    ask()
    assert double.asked[0].key == "Token token=test-key"


def test_nobody_at_the_address_is_trouble(ask: Asking) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        ask.account = Account(f"http://127.0.0.1:{unused.getsockname()[1]}", "test-key")
        assert ask.trouble() == "unreachable"
    assert ask.slept == [1]


@pytest.mark.parametrize("key", ["two\nlines", "naïve", "a\x00b"])
def test_a_key_that_cannot_be_sent_is_trouble(double: Faulty, ask: Asking, key: str) -> None:
    ask.account = Account(double.url, key)
    assert ask.trouble() == "setting"
    assert double.asked == []


def test_a_file_that_holds_no_certificates_is_trouble(double: Faulty, ask: Asking, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(Trouble, match="certificates to trust for PagerDuty cannot be used"):
        pagerduty.ask(Account(double.url, "k", tmp_path / "ca.pem"), Question(NOW, frozenset({LEDGER})))


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificate with openssl")
class TestCertificates:
    @pytest.fixture
    def certificate(self, double: Faulty, tmp_path: Path) -> Path:
        """The double speaks TLS, with a certificate that only this file vouches for."""
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
        subprocess.run([*made, *named, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        double.secure(context)
        return certificate

    def test_one_that_is_not_trusted_is_trouble(self, double: Faulty, ask: Asking, certificate: Path) -> None:
        ask.account = Account(double.url, "test-key")
        assert ask.trouble() == "certificate"
        assert double.asked == []

    def test_one_that_the_setting_vouches_for_is_good(self, double: Faulty, ask: Asking, certificate: Path) -> None:
        ask.account = Account(double.url, "test-key", certificate)
        assert ask().complete
