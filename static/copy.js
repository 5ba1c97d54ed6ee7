// Copies a snippet. Where the clipboard is not to be had, the text is selected for Ctrl+C.
(() => {
  "use strict";
  const offer = () => { for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false; };
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    const code = document.getElementById(button.dataset.copy);
    const say = words => { button.querySelector("[data-said]").textContent = words; };
    say("");
    try { await navigator.clipboard.writeText(code.textContent); say("Copied"); }
    catch { getSelection().selectAllChildren(code); say("Selected: press Ctrl+C"); }
  });
  document.addEventListener("htmx:after:swap", offer);
  offer();
})();
