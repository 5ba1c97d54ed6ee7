import { useState } from "react";
import { createRoot } from "react-dom/client";
// In a project of your own: save v1.mjs and v1.react.mjs from your status host, and import from there.
import { useSignpost } from "../../../static/embed/v1.react.mjs";

/* The element does it all: its children stay mounted, and typed text stays. */
function DirectDeposit() {
  const [account, setAccount] = useState("");
  return (
    <signpost-section section="direct_deposit">
      <form>
        <label>
          Account number <input id="account" value={account} onChange={(event) => setAccount(event.target.value)} />
        </label>
      </form>
    </signpost-section>
  );
}

/* The hook tells, and the page decides for itself. */
function Pay() {
  const { state, title, alternative } = useSignpost("direct_deposit");
  const isDown = state === "down";
  return (
    <p>
      <button type="button" disabled={isDown} aria-describedby={isDown ? "why" : undefined}>
        Change where you are paid
      </button>
      {isDown && <span id="why"> {title}. {alternative}</span>}
    </p>
  );
}

createRoot(document.getElementById("page")).render(
  <>
    <h1>Your account</h1>
    <DirectDeposit />
    <Pay />
  </>,
);
