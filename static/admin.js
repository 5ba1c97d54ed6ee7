// What the admin needs beside htmx: focus follows a panel in and out, Esc closes it, and a lost connection is said.
(() => {
  "use strict";
  const opener = new WeakMap();

  document.addEventListener("htmx:after:swap", () => {
    const target = document.querySelector("[data-focus]");
    if (target) { target.removeAttribute("data-focus"); target.focus({ preventScroll: true }); bring(target); mark(); return; }
    const done = document.querySelector("#done > .done:not([data-seen])");
    if (done) { done.dataset.seen = ""; if (document.activeElement === document.body) done.focus(); done.scrollIntoView({ block: innerWidth < 640 ? "start" : "nearest" }); } // on a phone with what it speaks of below it
    mark();
  });

  // All of a panel that fits is in view; of one that does not, its beginning.
  function bring(target) {
    const panel = target.closest(".panel") ?? target;
    panel.scrollIntoView({ block: panel.offsetHeight < innerHeight - 96 ? "nearest" : "start" });
  }

  // What was wrong with a field is not said any more once it is changed: whether it is right now, its form will say.
  document.addEventListener("input", event => {
    const field = event.target.closest(".field") ?? event.target;
    const told = [event.target, event.target.closest("fieldset"), field]
      .flatMap(one => one?.getAttribute("aria-describedby")?.split(" ") ?? []).filter(id => id.endsWith("-error"));
    for (const id of new Set(told)) mended(id.slice(0, -"-error".length), document.getElementById(id));
    const own = field.querySelector?.(":scope > .bad:not([id])");
    if (own) mended(field.id, own);
  });
  function mended(id, sentence) {
    sentence?.remove();
    document.getElementById(id)?.removeAttribute("aria-invalid");
    const line = document.querySelector(`.errors a[href="#${CSS.escape(id)}"]`)?.closest("li");
    const list = line?.closest(".errors");
    line?.remove();
    if (list && !list.querySelector("li")) list.remove();
  }

  // The button that opened a panel says that it is open, and gets the focus back.
  function mark() {
    for (const panel of document.querySelectorAll(".board__panel")) {
      const button = document.querySelector(`[aria-controls="${panel.id}"]`);
      if (button) { button.setAttribute("aria-expanded", String(panel.childElementCount > 0)); opener.set(panel, button); }
    }
  }
  function close(panel) {
    panel.replaceChildren();
    mark();
    (opener.get(panel) || panel.closest("li")?.querySelector(".board__acts a, .switch"))?.focus();
  }
  document.addEventListener("click", event => {
    const link = event.target.closest("[data-close]");
    const panel = link && document.getElementById(link.dataset.close);
    if (panel) { event.preventDefault(); close(panel); }
  });
  // Pressed again, it leads to the panel: to load it anew would lose what is typed there.
  document.addEventListener("click", event => {
    const panel = document.getElementById(event.target.closest("[aria-expanded='true']")?.getAttribute("aria-controls") ?? "");
    if (!panel?.matches(".board__panel")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    panel.querySelector("[tabindex='-1']")?.focus({ preventScroll: true });
    bring(panel.firstElementChild);
  }, true);
  document.addEventListener("keydown", event => {
    const panel = event.key === "Escape" && event.target.closest?.(".board__panel");
    if (panel) close(panel);
  });

  // Buttons stay usable as plain forms; this only says that what is shown may be old.
  const lost = document.getElementById("board-lost");
  if (lost) {
    const live = document.documentElement.dataset;
    live.live = "";
    document.addEventListener("htmx:error", () => { lost.hidden = false; delete live.live; });
    document.addEventListener("htmx:after:swap", () => {
      lost.hidden = true;
      live.live = "";
      const rows = document.getElementById("rows");
      if (rows) lost.querySelector("[data-shown]").textContent = rows.dataset.at;
    });
  }

  // How many are off, in the bar, as the rows have it.
  document.addEventListener("htmx:after:swap", () => {
    const off = document.getElementById("rows")?.dataset.off;
    const count = document.getElementById("off-count");
    if (!off || !count) return;
    count.hidden = off === "0";
    count.firstChild.textContent = off;
  });
})();
