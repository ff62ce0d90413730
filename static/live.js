// When parts of a page refresh; htmx does the requests. A part polls after a second, then within three, and backs off
// after some minutes without news; a slow part, which waits for someone else to begin, polls twice a minute. The menu
// of a page at rest does not poll. All ask when their tab is looked at again, and tabs of one browser tell each other about news.
// Hidden tabs poll only for what was asked to be notified. Also announces changes,
// shows a line when the server does not respond, and reloads into the sign-in when the session has ended.

// Seconds between polls, by the number of consecutive responses without news, or failures.
const PACE = [
  [1, 1],
  [120, 2.5],
  [240, 5],
  [Infinity, 10],
];
const SLOW = [
  [1, 15],
  [Infinity, 30],
];
const ON_DEMAND = [[Infinity, Infinity]];
const PACES = { slow: SLOW, "on-demand": ON_DEMAND };
const FAILING = [
  [1, 1],
  [3, 2],
  [5, 5],
  [Infinity, 10],
];
const SILENT_AFTER = 3;
const STOP = 286;
const MENU = "menu-live";

const timers = new Map(); // id of a part -> timer
const calm = new Map(); // id of a part -> consecutive responses without news
const versions = new Map(); // id of a part -> ETag of what it shows
let failures = 0;

// Ids of parts with a notification requested: hidden tabs poll for these too, at a slow pace.
export const awaited = new Set();
const asleep = (part) => document.hidden && !awaited.has(part.id);

const isPoll = (element) => element?.hasAttribute?.("data-live") ?? false;

// With jitter, so that tabs do not poll in step.
function pause(part) {
  const pace = PACES[part.dataset.live] ?? (document.hidden ? SLOW : PACE);
  const seconds = Math.max(at(pace, calm.get(part.id) ?? 0), failures ? at(FAILING, failures) : 0);
  return seconds * 1000 * (0.85 + 0.3 * Math.random());
}

const at = (pace, step) => pace.find(([until]) => step < until)[1];

function arm(part, wait = pause(part)) {
  clearTimeout(timers.get(part.id));
  if (asleep(part) || wait === Infinity || !part.getAttribute("hx-trigger")?.startsWith("news")) return;
  timers.set(
    part.id,
    setTimeout(() => ask(part.id), wait),
  );
}

function ask(id) {
  timers.delete(id);
  const part = document.getElementById(id);
  if (isPoll(part) && !asleep(part)) htmx.trigger(part, "news");
}

function rest(id) {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

// For good: htmx goes on asking at its own intervals for as long as the element is there.
function end(part) {
  rest(part.id);
  const last = part.cloneNode(true);
  for (const name of ["data-live", "hx-get", "hx-trigger"]) last.removeAttribute(name);
  part.replaceWith(last);
}

document.addEventListener("page:outdated", () => ask(MENU));

function armAll(wait) {
  for (const part of document.querySelectorAll("[data-live][id]")) arm(part, wait);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    for (const id of timers.keys()) rest(id);
    armAll();
    return;
  }
  calm.clear();
  armAll(0);
  // Refresh parts with their own interval, too.
  for (const part of document.querySelectorAll("[data-live]:not([hx-trigger^=news])")) {
    const url = part.getAttribute("hx-get");
    if (url) htmx.ajax("GET", url, { source: part, target: part, swap: part.getAttribute("hx-swap") });
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPoll(event.detail.elt) && asleep(event.detail.elt)) event.preventDefault();
});

function failed(event) {
  const part = event.detail.elt;
  if (!isPoll(part)) return;
  const status = event.detail.xhr?.status;
  // The menu must not take along what is being typed on a page that asks for nothing itself.
  if (status === 403) return part.id === MENU ? end(part) : location.reload();
  if (status === 404) {
    end(part);
    ask(MENU); // tells what became of the page's document
    return;
  }
  failures += 1;
  if (failures >= SILENT_AFTER) show(true);
  arm(part);
}

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:timeout", failed);
window.addEventListener("online", () => armAll(0));
// Tells other tabs about changes made here, also by a page that follows a submitted form.
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("news") : null;
const notifyTabs = (what = "rows") => tabs?.postMessage(what);

function soon() {
  calm.clear();
  armAll(250);
}

document.addEventListener("news:soon", () => {
  soon();
  notifyTabs();
});
tabs?.addEventListener("message", soon);
notifyTabs("page");

document.addEventListener("htmx:afterRequest", (event) => {
  const part = event.detail.elt;
  if (!isPoll(part) || event.detail.failed || !event.detail.successful) return;
  failures = 0;
  show(false);
  const version = event.detail.xhr.getResponseHeader("ETag");
  const same = version !== null && version === versions.get(part.id);
  if (!same && versions.has(part.id)) notifyTabs();
  versions.set(part.id, version);
  calm.set(part.id, same ? (calm.get(part.id) ?? 0) + 1 : 0);
  if (event.detail.xhr.status === STOP) return rest(part.id);
  arm(document.getElementById(part.id) ?? part);
});

// Unchanged parts are not swapped, which preserves input, focus and scroll positions.
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (!isPoll(part)) return;
  const version = event.detail.xhr.getResponseHeader("ETag");
  if (event.detail.xhr.status === 304 || (version && version === versions.get(part.id)))
    event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSettle", () => {
  for (const part of document.querySelectorAll("[data-live][id]")) {
    if (!timers.has(part.id)) arm(part);
  }
});

function show(paused) {
  const line = document.getElementById("live-paused");
  if (line) line.hidden = !paused;
}

// Announces changes of state to screen readers, but no seconds or percentages. A document may move between tables, so it
// is identified by number, not by row.
let before = new Map();

const rows = () => document.querySelectorAll("[data-doc][data-state]");

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!isPoll(event.detail.target)) return;
  before = new Map([...rows()].map((row) => [row.dataset.doc, row.dataset.state]));
});

document.addEventListener("htmx:afterSettle", () => {
  const voice = document.getElementById("live-voice");
  if (!voice || !before.size) return;
  const news = new Set();
  for (const row of rows()) {
    const was = before.get(row.dataset.doc);
    if (was === undefined || was === row.dataset.state) continue;
    const name = row.querySelector(".row-link")?.textContent.trim();
    const word = (row.querySelector("[aria-current=step] .step-label") ?? row.querySelector(".badge-word"))
      ?.textContent;
    if (name && word) news.add(`${name}: ${word.trim()}`);
  }
  before = new Map();
  if (news.size) voice.textContent = [...news].join(". ");
});

armAll();
