// Of a page that shows another choice of the same: one looks on where one looked, with the focus where it was.
(() => {
  "use strict";
  const leave = id => {
    const left = [location.pathname, id, scrollY, document.body.offsetHeight];
    sessionStorage.setItem("stay", JSON.stringify(left));
  };
  addEventListener("click", event => {
    const link = event.target.closest("a[data-stay]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    link.hash = "";
    leave(link.id);
  });
  for (const form of document.querySelectorAll("form[data-stay]")) {
    form.querySelector("[type=submit]").hidden = true;
    form.addEventListener("change", event => { leave(event.target.id); form.requestSubmit(); });
  }
  const [path, id, top, height] = JSON.parse(sessionStorage.getItem("stay") ?? "[]");
  sessionStorage.removeItem("stay");
  if (path !== location.pathname) return;
  document.body.style.minHeight = `${height}px`; // what is shown comes a moment later
  scrollTo(0, top);
  document.getElementById(id)?.focus({ preventScroll: true });
})();
