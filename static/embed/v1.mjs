/* Signpost for your own code, as an ES module. It uses the embed script of the page it is on, or brings it along; as
   long as nothing is known, or for ever where the script does not come, everything is "ok". docs/embed.md */
const TAG = "signpost-section";
const isEmbed = ({ src }) => /\/embed\/v1(\.\d+\.\d+)?\.js$/.test(src.split(/[?#]/)[0]);
let coming;

const bring = () => {
  const script = document.createElement("script");
  try {
    script.src = new URL("v1.js", import.meta.url);
    document.head.append(script);
  } catch {
    // Trusted Types: the page has to bring it.
  }
};

const embed = () =>
  (coming ??= new Promise((found) => {
    customElements.whenDefined(TAG).then(() => found(StatusEmbed));
    const there = [...document.scripts].find(isEmbed);
    /* The page's own goes first, for it may say more: data-auto, data-src. */
    if (there) there.addEventListener("error", bring);
    else bring();
  }));

/** How a section stands now; "" as the key is the worst of all. */
export const get = (key = "") => globalThis.StatusEmbed?.get(key) ?? { key, state: "ok" };

/** Calls you with a status now, and at each change until you call what is returned. */
export function subscribe(key, tell) {
  let stop;
  let left = false;
  if (typeof document === "object") {
    embed().then((script) => {
      if (!left) stop = script.subscribe(key, (status) => left || tell(status));
    });
  }
  return () => {
    left = true;
    stop?.();
  };
}
