// The form to follow is whole without it. With it, times are told in the reader's zone.
for (const zone of document.querySelectorAll("input[name=zone][type=hidden]")) {
  zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
