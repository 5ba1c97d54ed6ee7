// Offers a key while the name is typed, as the server would; what somebody typed as the key stays.
(() => {
  "use strict";
  document.addEventListener("input", event => {
    const key = event.target.id === "name" && document.getElementById("key");
    if (!key || key.value !== (key.dataset.offered || "")) return;
    const plain = event.target.value.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase();
    key.value = key.dataset.offered = plain.replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "").slice(0, 100);
  });
})();
