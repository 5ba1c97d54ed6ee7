// The plan form tells the server the reader's own time zone, so that it can show it beside the one that is typed in.
(() => {
  "use strict";
  const mine = document.querySelector("input[name=mine]");
  if (mine) mine.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
})();
