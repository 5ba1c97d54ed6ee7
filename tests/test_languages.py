"""Which languages the notices come in: ours that are asked for, and a file of the adopter's; none breaks anything."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs

from dashboard import languages, publish, serve
from dashboard.clock import now
from dashboard.rules.languages import ENGLISH, NAMES

OURS = sorted(path.stem for path in languages.OURS.glob("*.json"))


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    (tmp_path / "languages").mkdir()
    return tmp_path / "languages"


def finnish(folder: Path, **other: object) -> None:
    said = {name: said for name, said in asdict(ENGLISH).items() if name != "tag"}
    (folder / "fi.json").write_text(json.dumps({**said, "hide": "Piilota", **other}))


def test_six_come_with_it_and_each_is_whole(tmp_path: Path) -> None:
    found, wrong = languages.read(OURS, tmp_path)
    assert ([one.tag for one in found], wrong) == (["ar", "cy", "de", "en", "es", "fr"], ())
    assert found[3] == ENGLISH
    for one in found:
        assert one == ENGLISH or not [name for name in NAMES if getattr(one, name) == getattr(ENGLISH, name)]


def test_the_first_that_is_asked_for_is_the_staffs(tmp_path: Path) -> None:
    assert [one.tag for one in languages.read(("cy", "en"), tmp_path)[0]] == ["cy", "en"]


def test_one_file_is_enough_and_goes_before_ours(tmp_path: Path, theirs: Path) -> None:
    finnish(theirs)
    (theirs / "cy.json").write_text((languages.OURS / "cy.json").read_text().replace("Cuddio", "Cau"))
    found, wrong = languages.read(("en", "cy"), tmp_path)
    assert ([(one.tag, one.hide) for one in found], wrong) == ([("en", "Hide"), ("cy", "Cau"), ("fi", "Piilota")], ())


def test_a_file_that_was_mended_is_read_again(tmp_path: Path, theirs: Path) -> None:
    finnish(theirs, hide="")
    assert len(languages.read(("en",), tmp_path)[0]) == 1
    finnish(theirs)
    assert len(languages.read(("en",), tmp_path)[0]) == 2


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"{", "it is not JSON in UTF-8"),
        (b'"\xff"', "it is not JSON in UTF-8"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"{}", "it lacks “down”"),
        (b"[]", "it is not an object of sentences"),
    ],
)
def test_a_wrong_file_is_left_out_by_name(tmp_path: Path, theirs: Path, said: bytes, reason: str) -> None:
    (theirs / "fi.json").write_bytes(said)
    found, (sentence,) = languages.read(("en",), tmp_path)
    assert [one.tag for one in found] == ["en"]
    assert sentence.startswith(f"{theirs / 'fi.json'} is left out: {reason}")


@pytest.mark.parametrize("words", ["Masquer\u00a0: maintenant", "Un\u202finstant", "می\u200cبندیم", "\u200fإخفاء"])
def test_signs_that_nobody_sees_may_be_in_a_sentence(tmp_path: Path, theirs: Path, words: str) -> None:
    finnish(theirs, hide=words)
    (_, found), wrong = languages.read(("en",), tmp_path)
    assert (found.hide, wrong) == (words, ())


@pytest.mark.parametrize("words", ["a\nb", "a\u2028b", "\x00", "\ud800", "\u00a0"])
def test_a_sentence_is_one_line(tmp_path: Path, theirs: Path, words: str) -> None:
    finnish(theirs, hide=words)
    assert languages.read(("en",), tmp_path)[1][0].endswith("must have one line of 1 to 200 characters as “hide”.")


def test_a_language_that_nobody_wrote_is_named(tmp_path: Path) -> None:
    found, (sentence,) = languages.read(("fi",), tmp_path)
    assert found == (ENGLISH,)
    assert sentence == f"LANGUAGES names “fi”, for which there is no {tmp_path}/languages/fi.json."


def test_what_is_published_has_them_and_says_once_what_is_wrong(app: Flask) -> None:
    folder = publish.press().settings.instance / "languages"
    folder.mkdir(parents=True)
    finnish(folder)
    (folder / "xx.json").write_text("{}")
    with capture_logs() as said:
        for _ in range(2):
            assert [one.tag for one in publish.read_facts(now()).languages] == ["en", "fi"]
    assert [one["reason"].split(" is ")[0] for one in said if one["event"] == "language.refused"] == [
        f"{folder}/xx.json"
    ]


def test_a_start_names_what_is_left_out_and_goes_on(
    tmp_path: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (theirs / "fi.json").write_text("{}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        for name, value in {"INSTANCE": str(tmp_path), "LISTEN": listen, "LANGUAGES": "en, xx"}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit):
            serve.main()
    first, second, last = capsys.readouterr().err.splitlines()
    assert "LANGUAGES names “xx”" in first
    assert "fi.json is left out: it lacks" in second
    assert "is taken by another program" in last
