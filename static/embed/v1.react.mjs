/* Signpost as a hook: const { state, title, message } = useSignpost("direct_deposit"). React 18 or newer is yours, by
   your bundler or an import map. On the server, and as long as nothing is known, the state is "ok". docs/embed.md */
import { useCallback, useSyncExternalStore } from "react";
import { get, subscribe } from "./v1.mjs";

const held = new Map();
const none = new Map();

/* The same object for as long as it says the same, which is how React knows. */
const keep = (all, key, status) => {
  const before = all.get(key);
  if (JSON.stringify(before) !== JSON.stringify(status)) all.set(key, status);
  return all.get(key);
};

export function useSignpost(key = "") {
  const listen = useCallback((changed) => subscribe(key, changed), [key]);
  const now = () => keep(held, key, get(key));
  return useSyncExternalStore(listen, now, () => keep(none, key, { key, state: "ok" }));
}
