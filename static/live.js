// Parts that refresh themselves are htmx's work. This adds what a reader needs: rest while the tab is hidden, a word
// when something ends, a line when the server stays silent, and the sign-in when the session is over.

const SILENT_AFTER = 3;
let failures = 0;

const isPoll = (element) => element?.hasAttribute?.("data-live") ?? false;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPoll(event.detail.elt) && document.hidden) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const part of document.querySelectorAll("[data-live]")) {
    const url = part.getAttribute("hx-get");
    if (url) htmx.ajax("GET", url, { source: part, target: part, swap: part.getAttribute("hx-swap") });
  }
});

function failed(event) {
  if (!isPoll(event.detail.elt)) return;
  if (event.detail.xhr?.status === 403) {
    location.reload();
    return;
  }
  failures += 1;
  if (failures >= SILENT_AFTER) show(true);
}

document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:timeout", failed);

document.addEventListener("htmx:afterRequest", (event) => {
  if (!isPoll(event.detail.elt) || event.detail.failed || !event.detail.successful) return;
  failures = 0;
  show(false);
});

function show(paused) {
  const line = document.getElementById("live-paused");
  if (line) line.hidden = !paused;
}

// Changes of state are announced, once each; seconds and percentages never. Lists may move a document from one table to
// another, so it is known by its number, not by its row.
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
    const word = row.querySelector(".badge-word")?.textContent.trim();
    if (name && word) news.add(`${name}: ${word}`);
  }
  before = new Map();
  if (news.size) voice.textContent = [...news].join(". ");
});
