// Shows what a front end's own code is given of a section, as it changes.
for (const shown of document.querySelectorAll("[data-status]")) {
  StatusEmbed.subscribe(shown.dataset.status, status => { shown.textContent = JSON.stringify(status, null, 2); });
}
