/* The public page's own script. The page is whole without it. With it the page keeps itself up to date, tells times
   in the reader's zone, and claims no outage that should be over when no newer copy can be had. */

const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const EVERY = MINUTE;
const SOON = 5_000; // when to ask again where a new copy still holds what should just have ended
const LAG = 30_000; // so late may a copy be, through caches and clocks, before it is called old
const spread = 2_000 * Math.random(); // so that not every reader asks in the instant in which an outage ends
const page = document.documentElement;
const said = document.getElementById("said");
const main = document.getElementById("main");
const ours = page.dataset.zone;
const theirs = Intl.DateTimeFormat().resolvedOptions().timeZone;

let ahead = 0; // how far the server's clock is ahead of the reader's
const now = () => Date.now() + ahead;
const end = (box) => Date.parse(box.dataset.until);
const isPast = (box) => end(box) <= now();
const all = (selector) => [...document.querySelectorAll(selector)];
const headline = () => document.getElementById("headline");

let checked = now(); // when this copy was last known to be the newest
let asked = all("[data-until]").some(isPast) ? 0 : checked; // when we last tried to find out
let failed = false;
let paused = remembered() === "yes";
let busy = false;
let timer;

/* -- times, in the same words as the server's: "18:00", "tomorrow 18:00", "Sunday 04:00", "2 December 04:00" -- */

const formats = {};
function format(zone, options) {
  return (formats[zone + Object.keys(options)] ??= new Intl.DateTimeFormat(`${page.lang}-u-nu-latn`, {
    timeZone: zone,
    ...options,
  }));
}

const NUMBERS = { year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
function fields(t, zone) {
  const found = Object.fromEntries(format(zone, NUMBERS).formatToParts(t).map(({ type, value }) => [type, value]));
  return {
    clock: `${found.hour}:${found.minute}`,
    day: Date.UTC(found.year, found.month - 1, found.day) / DAY,
    year: found.year,
  };
}

const isStart = (kind) => kind === "start" || kind === "from";

/* Never midnight: an end there reads 23:59, a start 00:01. */
function offMidnight(t, kind, zone) {
  return fields(t, zone).clock === "00:00" ? t + (isStart(kind) ? MINUTE : -MINUTE) : t;
}

function words(moment, kind, start, zone) {
  const t = offMidnight(moment, kind, zone);
  const { clock, day, year } = fields(t, zone);
  if (kind === "clock") return clock;
  const today = fields(now(), zone);
  if (kind === "to" && day === fields(offMidnight(start, "from", zone), zone).day) return clock;
  if (day === today.day) return kind === "by" ? `${clock} today` : clock;
  if (day === today.day + 1) return `tomorrow ${clock}`;
  if (day > today.day && day < today.day + 7) return `${format(zone, { weekday: "long" }).format(t)} ${clock}`;
  const date = format(zone, { day: "numeric", month: "long", ...(year !== today.year && { year: "numeric" }) });
  return `${date.format(t)} ${clock}`;
}

function differs(t) {
  const [a, b] = [fields(t, ours), fields(t, theirs)];
  return a.clock !== b.clock || a.day !== b.day;
}

function told(t, kind = "end", start = t) {
  if (kind === "from" || !differs(t)) return words(t, kind, start, theirs);
  const name = format(theirs, { timeZoneName: "short" }).formatToParts(t).find(({ type }) => type === "timeZoneName");
  return `${words(t, kind, start, theirs)} ${name.value}`;
}

function left(ms) {
  if (ms <= 0) return "";
  if (ms < MINUTE) return "– in less than a minute";
  if (ms >= 1.5 * DAY) return `– in about ${Math.round(ms / DAY)} days`;
  const minutes = ms < HOUR ? Math.round(ms / MINUTE) : 30 * Math.round(ms / (30 * MINUTE));
  const count = (n, unit) => (n ? ` ${n} ${unit}${n === 1 ? "" : "s"}` : "");
  return `– in about${count(Math.floor(minutes / 60), "hour")}${count(minutes % 60, "minute")}`;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function tellTimes() {
  let start, isTheirs = differs(now());
  for (const time of all("time[data-t]")) {
    const t = Date.parse(time.dateTime);
    isTheirs ||= differs(t);
    if (isStart(time.dataset.t)) start = t;
    write(time, told(t, time.dataset.t, start));
  }
  for (const rest of all("[data-left]")) write(rest, left(Date.parse(rest.dataset.left) - now()));
  if (isTheirs) write(document.getElementById("zone"), `Times are in your time zone, ${theirs.replaceAll("_", " ")}.`);
}

/* -- what should be over by now: it is not called down, nor working, but not checked -- */

const isDoubtful = (box) => isPast(box) && (paused || end(box) + (failed ? 0 : LAG) <= asked);

function why() {
  if (paused) return `Updates are paused since ${told(checked)}.`;
  return failed ? `We could not check since ${told(checked)}.` : "This copy of the page is from before then.";
}

function paint(box, look) {
  box.classList.replace([...box.classList].find((name) => name.startsWith("is-")), `is-${look}`);
  for (const use of box.querySelectorAll("use")) use.setAttribute("href", `#i-${look}`);
  sources.delete(box.closest("main > *").id); // the next copy takes its place, the same or not
}

function doubt(box) {
  paint(box, "unknown");
  const [line, word] = [".until", ".word"].map((found) => box.querySelector(found));
  if (line) write(line, `Expected back at ${told(end(box))}. ${why()}`);
  if (word) write(word, "Not checked");
}

function doubtWhatIsPast() {
  const doubtful = all("[data-until]").filter(isDoubtful);
  doubtful.forEach(doubt);
  for (const whole of all("#parts .is-partial")) {
    if (!whole.closest("li").querySelector(".is-major, .is-degraded")) doubt(whole);
  }
  const [first, ...others] = all("[data-name]");
  if (!doubtful.includes(first)) return;
  const still = others.find((box) => !doubtful.includes(box));
  const hope = first.dataset.end === "hold" ? "may still be unavailable" : "should be working again";
  write(headline(), still ? `${still.dataset.name} is ${still.dataset.is}` : `${first.dataset.name} ${hope}`);
  const look = still ? still.dataset.look : "unknown";
  const overall = document.getElementById("now");
  paint(overall, look);
  const rest = overall.querySelector(".overall__rest");
  if (rest) write(rest, why());
  const icon = document.querySelector("link[rel=icon]");
  icon.href = icon.getAttribute("href").replace(/\w+(?=\.svg$)/, look);
}

/* -- a newer copy -- */

const sources = new Map([...main.children].map((part) => [part.id, part.outerHTML]));
const sheet = (copy) => copy.querySelector("link[rel=stylesheet]").getAttribute("href");

async function ask() {
  try {
    const answer = await fetch(location.href.split("#")[0], { cache: "no-cache", signal: AbortSignal.timeout(8_000) });
    const copy = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !copy.getElementById("headline")) throw new Error("This is not the page.");
    setClock(answer.headers);
    adopt(copy);
    checked = now();
    failed = false;
  } catch {
    failed = true;
  }
  asked = now();
}

function setClock(headers) {
  const server = Date.parse(headers.get("Date")) + 500 + 1_000 * headers.get("Age"); // told in whole seconds: their middle
  const difference = server - now();
  if (Math.abs(difference) > 1_000) ahead += difference;
}

/* Only the parts that changed are put in: what a reader has open, marked or focused elsewhere stays. */
function adopt(copy) {
  if (sheet(copy) !== sheet(document)) return location.reload();
  const held = document.activeElement;
  let before = null;
  for (const fresh of [...copy.getElementById("main").children]) {
    let part = document.getElementById(fresh.id);
    if (!part || sources.get(fresh.id) !== fresh.outerHTML) {
      const adopted = document.importNode(fresh, true);
      if (part) part.replaceWith(adopted);
      else if (before) before.after(adopted);
      else main.prepend(adopted);
      part = adopted;
      sources.set(fresh.id, fresh.outerHTML);
    }
    before = part;
  }
  for (const part of [...main.children]) if (!copy.getElementById(part.id)) part.remove();
  document.querySelector("link[rel=icon]").href = copy.querySelector("link[rel=icon]").getAttribute("href");
  place();
  if (held !== document.activeElement) refocus(held);
}

function refocus(held) {
  const same = held === button ? button : all("main a").find((link) => link.href === held.href);
  (same ?? main).focus({ preventScroll: true });
}

/* -- the line below the headline, and the round of the clock -- */

const live = document.createElement("p");
live.className = "live";
const [when, how, button] = ["span", "span", "button"].map((name) => live.appendChild(document.createElement(name)));
button.type = "button";
button.className = "linklike";
button.addEventListener("click", () => {
  paused = !paused;
  remember(paused ? "yes" : "no");
  show();
  wake();
});
const place = () => document.querySelector("#now > .stack").append(live);

function remembered() {
  try {
    return sessionStorage.getItem("signpost-paused");
  } catch {
    return null; // storage is switched off
  }
}

function remember(word) {
  try {
    sessionStorage.setItem("signpost-paused", word);
  } catch {
    // then it holds for this page alone
  }
}

/* The headline without what only the passing of time changes in it. */
const gist = () => [...headline().childNodes].map((node) => node.dateTime ?? node.textContent).join();

function show() {
  tellTimes();
  doubtWhatIsPast();
  document.title = headline().textContent + document.title.slice(document.title.lastIndexOf(" – "));
  write(when, `${failed ? "We could not check since" : "Checked at"} ${told(checked)}`);
  write(how, paused ? "Updates are paused" : failed ? "Trying again every minute" : "Updates itself every minute");
  write(button, paused ? "Resume updates" : "Pause updates");
}

async function wake() {
  if (busy) return;
  const before = gist();
  const isDue = now() >= nextAsk() || now() < asked; // the latter when the reader's clock was set back
  if (isDue && !paused && !document.hidden) {
    busy = true;
    await ask();
    busy = false;
  }
  show();
  if (gist() !== before) said.textContent = `${headline().textContent}.`;
  clearTimeout(timer);
  const rest = paused || document.hidden ? MINUTE : nextAsk() - now();
  timer = setTimeout(wake, Math.min(Math.max(rest, 1_000), MINUTE));
}

/* Each minute, as soon as a time that the page tells has come, and soon where that changed nothing yet. */
function nextAsk() {
  const isAwaited = all("[data-until]").some((box) => isPast(box) && !isDoubtful(box));
  const edges = all("time").map((time) => Date.parse(time.dateTime) + spread).filter((t) => t > asked);
  return Math.min(asked + (isAwaited ? SOON : EVERY), ...edges);
}

document.addEventListener("visibilitychange", () => document.hidden || wake());
addEventListener("pageshow", (event) => event.persisted && wake());
addEventListener("online", () => {
  if (failed) asked = 0;
  wake();
});
place();
show();
wake();
