// A status is set when somebody asks for it, never while it is being chosen: the button is there once there is something
// to set, and Enter in the menu presses it.
(() => {
  "use strict";
  document.documentElement.dataset.setting = "";
  const isChanged = menu => [...menu.options].some(option => option.selected !== option.defaultSelected);
  const mark = menu => menu.form.toggleAttribute("data-changed", isChanged(menu));
  const menus = () => document.querySelectorAll(".setting select");
  const isMenu = target => target.matches?.(".setting select");

  document.addEventListener("input", event => { if (isMenu(event.target)) mark(event.target); });
  document.addEventListener("htmx:after:swap", () => menus().forEach(mark));
  document.addEventListener("keydown", event => {
    if (event.key !== "Enter" || !isMenu(event.target) || !isChanged(event.target)) return;
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector(".setting__set"));
  });
  addEventListener("pageshow", () => menus().forEach(mark));
})();
