/* One thing is sent at a time. The pressed button says so until it is answered, and what gets no answer is said beside
   it, with what was typed still there. */
(() => {
  "use strict";
  const PATIENCE = 10_500; // ms; htmx gives up half a second earlier
  const UNANSWERED = "No answer for 10 seconds. It may have been saved or not: press again, it is not done twice.";
  const UNREACHED = "Not connected, so it may not have been saved. Press again.";
  const KEPT = " What you typed is still here.";
  const BROKEN = "The server did not answer properly. It may not have been saved: press again in a moment.";
  let sent = null; // what is under way: the form, the pressed button, its words
  let tap = null, lastTap = null; // the newest click, and the one that sent something

  function send(form, button) {
    sent = { form, button, timer: setTimeout(() => fail(UNANSWERED), PATIENCE) };
    tell(form, "");
    lastTap = tap;
    if (!button) return;
    const words = button.querySelector(".switch__word") ?? button;
    Object.assign(sent, { words, held: [...words.childNodes] });
    button.style.minInlineSize = `${button.offsetWidth}px`;
    button.setAttribute("aria-disabled", "true");
    button.dataset.busy = "";
    words.replaceChildren(button.dataset.says || "Saving…");
  }
  function release() {
    if (!sent) return;
    const { button, words, held, timer } = sent;
    sent = null;
    clearTimeout(timer);
    if (!button) return;
    words.replaceChildren(...held);
    for (const name of ["aria-disabled", "data-busy", "style"]) button.removeAttribute(name);
  }
  function fail(sentence) {
    const form = sent?.form;
    release();
    if (form) tell(form, form.querySelector("textarea, input:not([type=hidden])") ? sentence + KEPT : sentence);
  }
  // Beside the button: in the bar of a panel, below the buttons of a row.
  function tell(source, sentence) {
    const place = source.querySelector?.(".panel__acts") ?? source.closest(".board__row, .lines__row, .order, .done, .panel, form") ?? source;
    place.querySelector(":scope > .unsent")?.remove();
    if (!sentence) return;
    const note = Object.assign(document.createElement("p"), { className: "bad unsent", textContent: sentence });
    note.setAttribute("role", "alert");
    place.append(note);
    note.scrollIntoView({ block: "nearest" });
  }

  // A second tap of the same finger is no second wish, even if another button has moved there meanwhile.
  document.addEventListener("click", event => {
    const isEcho = lastTap && event.detail > 0 && event.timeStamp - lastTap.timeStamp < 500
      && Math.hypot(event.clientX - lastTap.clientX, event.clientY - lastTap.clientY) < 30;
    const isHeld = sent && event.target.closest("button[hx-post]");
    if (isEcho || isHeld) { event.preventDefault(); event.stopImmediatePropagation(); } else tap = event;
  }, true);
  document.addEventListener("submit", event => {
    if (event.target.method !== "post") return;
    if (sent) { event.preventDefault(); event.stopImmediatePropagation(); } else send(event.target, event.submitter);
  }, true);
  addEventListener("pageshow", event => { if (event.persisted) release(); });

  const isOurs = context => sent && (context.request?.form ?? context.sourceElement) === sent.form && !context.sourceElement.matches("[hx-trigger]");
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (!sent && ctx.sourceElement.matches("button[hx-post]")) send(ctx.sourceElement.form, ctx.sourceElement);
  });
  document.addEventListener("htmx:before:swap", event => {
    const { ctx } = event.detail;
    const ours = isOurs(ctx);
    // While something is being saved nothing else changes the page; a stranger's error page never does.
    if (sent && !ours) event.preventDefault();
    else if (ctx.response.status >= 500 && !ctx.hx?.retarget) { event.preventDefault(); unheard(ctx, BROKEN); }
    else if (ours) release();
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => { if (isOurs(ctx) && !ctx.hx?.redirect) release(); });
  document.addEventListener("htmx:error", ({ detail: { ctx, error } }) => {
    if (ctx) unheard(ctx, error === "timeout" || ctx.request.signal?.reason === "timeout" ? UNANSWERED : UNREACHED);
  });
  // How long it still is until followers are told. What has come from the server is empty: it is counted from then on.
  const ends = new WeakMap();
  setInterval(() => {
    for (const left of document.querySelectorAll("[data-told-in]")) {
      if (!left.textContent) ends.set(left, performance.now() + 1000 * left.dataset.toldIn);
      const seconds = Math.ceil((ends.get(left) - performance.now()) / 1000);
      left.textContent = seconds > 0 ? ` ${seconds} s left.` : " Any moment now.";
    }
  }, 500);
  function unheard(ctx, sentence) {
    if (isOurs(ctx)) fail(sentence);
    else if (ctx.sourceElement.matches("a, button")) tell(ctx.sourceElement, sentence === UNANSWERED ? "No answer for 10 seconds. Try again." : "Not connected. Try again.");
  }
})();
