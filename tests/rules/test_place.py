import pytest

from dashboard.rules.place import app_of, host_of, program_of


@pytest.mark.parametrize(
    ("address", "want"),
    [
        ("https://www.example.org", "www.example.org"),
        ("https://WWW.Example.org:8443", "www.example.org:8443"),
        ("http://localhost:3000", "localhost:3000"),
        ("https://www.example.org/people/priya?token=7#x", "www.example.org"),
        ("https://xn--grn-ioa.example", "xn--grn-ioa.example"),
        ("null", ""),
        ("", ""),
        ("https://", ""),
        ("file:///home/priya/notes.html", ""),
        ("chrome-extension://abcdef", ""),
        ("http://192.0.2.7:8000", ""),
        ("http://127.0.0.1:5000/", "127.0.0.1:5000"),
        ("http://127.0.0.12/", ""),
        ("http://0xC0.0x2.0x7", ""),
        ("http://[2001:db8::7]/", ""),
        ("https://priya:secret@www.example.org/", ""),
        ("https://www.example.org\r\nSet-Cookie: x", ""),
        ("https://<script>", ""),
        (f"https://{'x' * 99}.example", ""),
    ],
)
def test_host_of(address: str, want: str) -> None:
    assert host_of(address) == want


@pytest.mark.parametrize(
    ("agent", "want"),
    [
        ("python-httpx/0.28.1", "python-httpx"),
        ("Wget", "Wget"),
        ("my_cron (priya@example.org)", "my_cron"),
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", ""),
        ("Opera/9.80", ""),
        ("192.0.2.7", ""),
        ("", ""),
        ("<script>", ""),
        ("x" * 500, "x" * 100),
    ],
)
def test_program_of(agent: str, want: str) -> None:
    assert program_of(agent) == want


@pytest.mark.parametrize(
    ("name", "want"), [("profile", "profile"), ("form-21", "form-21"), ("Priya Shah", ""), ("x" * 101, ""), ("", "")]
)
def test_app_of(name: str, want: str) -> None:
    assert app_of(name) == want
