"""The embed script as it is sent does what it did as it was written: names are shortened so that none is mistaken."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from dashboard.documents.shorten import shorten

NODE = shutil.which("node")


@pytest.mark.parametrize(
    ("code", "want"),
    [
        ("/* why */ const  longer = 1 ;\n alert( longer );", "const e=1;alert(e)"),
        (
            "const long = {long: 1, other: 2}; alert(long.long, 'long');",
            "const e={long:1,other:2};alert(e.long,'long')",
        ),
        (
            "const { first, second } = box; alert({ first, third: second });",
            "const{first:e,second:t}=box;alert({first:e,third:t})",
        ),
        ("const [one, , two = 3] = all; alert(one, two);", "const[e,,t=3]=all;alert(e,t)"),
        ("const f = (first, second = 1) => first + second;", "const e=(e,t=1)=>e+t"),
        (
            "const outer = 1, f = () => { const inner = outer; return inner; };",
            "const e=1,t=()=>{const t=e;return t}",
        ),
        ("for (const each of all) alert(each);", "for(const e of all)alert(e)"),
        ("const name = 1; alert(`x ${name} y${'name'}`);", "const e=1;alert(`x ${e} y${'name'}`)"),
        ("const match = /na me/.exec(x), half = 4 / 2 / 1;", "const e=/na me/.exec(x),t=4/2/1"),
        (
            "class Own extends Base { static old = 1; own() { return this.own; } }",
            "class e extends Base{static old=1;own(){return this.own}}",
        ),
        ("const one = 1; const two = 2; let three; const four = 4;", "const e=1,t=2;let n;const a=4"),
        ("const a = `x\n y`;", "const e=`x y`"),
    ],
)
def test_shortened(code: str, want: str) -> None:
    assert shorten(f"(() => {{ {code} }})();") == f"(()=>{{{want}}})();\n"


SHADOWS = """(() => {
  const seen = [], note = (...all) => { for (const one of all) seen[seen.length] = one; };
  let state = 'outer', b = 1;
  const deep = state => { const inner = b => state + b;
  { const state = 'block'; note(state, inner(b)); } return inner(2); };
  note(deep('given'), state, [1, 2].map(state => state * 2).join(), typeof missing);
  for (const state of ['x', 'y']) { const b = state; note(() => b, b); }
  const { length, [0]: first = 'none' } = seen, o = { state, b, note: 1, length };
  note(length, first, JSON.stringify(o), o.state ? `${state}:${o.b ? 'yes' : b}` : 0);
  console.log(JSON.stringify(seen));
})();"""


@pytest.mark.skipif(NODE is None, reason="needs node")
def test_names_that_hide_each_other_stay_apart() -> None:
    said = [
        subprocess.run([str(NODE), "-e", code], capture_output=True, text=True, timeout=20)
        for code in (SHADOWS, shorten(SHADOWS))
    ]
    assert said[0].stdout == said[1].stdout != ""
    assert len(json.loads(said[0].stdout)) > 8


def test_what_other_scripts_see_keeps_its_name() -> None:
    assert shorten("const ours = 1; addEventListener('load', event => alert(event, ours));") == (
        "const ours=1;addEventListener('load',e=>alert(e,ours));\n"
    )
