/* Of the page in a frame: the embed takes the plain notice's place as soon as it is there, and the page around the frame
   is told how high it is, at each change and when it asks (by any message). What is told is public. */
(() => {
  const section = document.querySelector("signpost-section");
  const plain = document.querySelector(".signpost");
  const asked = new URLSearchParams(location.search);
  const theme = asked.get("theme");
  const lang = asked.get("lang");
  if (theme === "light" || theme === "dark") {
    section.setAttribute("theme", theme);
    document.querySelector("meta[name=color-scheme]").content = theme;
  }
  if (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(lang)) {
    document.documentElement.lang = lang;
    if (/^(ar|fa|he|ur)\b/i.test(lang)) document.documentElement.dir = "rtl";
  }
  /* What a preview shows lies beside the status of everything. */
  if (asked.has("signpost-preview")) delete document.querySelector("[data-src]").dataset.src;

  let last;
  const tell = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    const state = section.getAttribute("state") ?? document.body.dataset.state;
    if (last === state + height) return;
    last = state + height;
    parent.postMessage({ type: "signpost:height", section: section.getAttribute("section"), height, state }, "*");
  };
  customElements.whenDefined(section.localName).then(() => {
    plain.remove();
    tell();
  });
  new ResizeObserver(tell).observe(document.body);
  addEventListener("signpostchange", tell);
  addEventListener("message", (event) => {
    /* Of a page that is in no frame, it is itself the parent. */
    if (event.source !== parent || parent === window) return;
    last = "";
    tell();
  });
})();
