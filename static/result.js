// The result beside its pages: fields highlight their place and places find their field; dialogs, copying. Without
// JavaScript the same links jump to field and place, and :target marks them.

import { copyText } from "./clipboard.js";
import { openSurface } from "./surfaces.js";

const FIELD = ".field-row[data-path], td[data-path]";
let current = null;

document.addEventListener("click", (event) => {
  const shows = event.target.closest(FIELD)?.querySelector("[data-shows]");
  if (shows && !getSelection().toString()) {
    event.preventDefault();
    light(shows.dataset.shows);
    if (event.target.closest("[data-shows]")) turn("document");
    return;
  }
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault();
    openSurface(document.getElementById(opener.dataset.dialog), { from: opener });
  }
  const copies = event.target.closest("[data-copies], [data-copies-link]");
  if (copies) copy(copies);
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-shows]")) light(event.target.dataset.shows);
});

document.addEventListener("mouseover", (event) => {
  const shows = event.target.closest(FIELD)?.querySelector("[data-shows]");
  if (shows && shows.dataset.shows !== current) light(shows.dataset.shows, { scroll: false });
});

document.addEventListener("place:chosen", (event) => goToField(event.detail.path));

// On a small screen the tabs scroll: the open one stays in sight.
function showOpenTab() {
  const tab = document.querySelector("#result .tabs [aria-current]");
  const bar = tab?.parentElement;
  if (bar) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
}

showOpenTab();
document.addEventListener("htmx:afterSettle", showOpenTab);

const fieldOf = (path) => document.querySelector(`:is(.field-row, td)[data-path="${CSS.escape(path)}"]`);

function light(path, { scroll = true } = {}) {
  if (current !== null) fieldOf(current)?.classList.remove("current");
  current = path;
  fieldOf(path)?.classList.add("current");
  document.dispatchEvent(new CustomEvent("place:show", { detail: { path, scroll } }));
}

function turn(view) {
  document.dispatchEvent(new CustomEvent("panes:turn", { detail: { view } }));
}

async function goToField(path) {
  if (!fieldOf(path)) await openFields();
  turn("fields");
  const field = fieldOf(path);
  if (!field) return;
  field.closest("details")?.setAttribute("open", "");
  field.querySelector("[data-shows]")?.focus({ preventScroll: true });
  light(path, { scroll: false });
  field.scrollIntoView({ block: "nearest" });
}

function openFields() {
  history.replaceState(null, "", "?tab=fields");
  return htmx.ajax("GET", "?tab=fields", { target: "#result", swap: "outerHTML show:none" });
}

const textOf = ({ copies, copiesLink }) =>
  copiesLink ? new URL(copiesLink, location.href).href : document.getElementById(copies).textContent;

async function copy(button) {
  await copyText(textOf(button.dataset));
  const word = button.querySelector("span");
  const before = word.textContent;
  word.textContent = button.dataset.copied;
  setTimeout(() => {
    word.textContent = before;
  }, 2000);
}

function start() {
  for (const button of document.querySelectorAll("[data-copies], [data-copies-link]")) button.hidden = false;
}

start();
document.addEventListener("htmx:afterSettle", start);
