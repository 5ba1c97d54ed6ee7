// Copies a snippet. Where the clipboard is not to be had, the text is selected for Ctrl+C.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-copy]")) {
    const code = document.getElementById(button.dataset.copy);
    const say = words => { button.querySelector("[data-said]").textContent = words; };
    button.hidden = false;
    button.addEventListener("click", async () => {
      say("");
      try { await navigator.clipboard.writeText(code.textContent); say("Copied"); }
      catch { getSelection().selectAllChildren(code); say("Selected: press Ctrl+C"); }
    });
  }
})();
