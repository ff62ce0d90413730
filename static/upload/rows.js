// One row per file, indexed by state. What is known about a file is in `held`; the attribute data-state only styles the
// row.

import { newKey } from "../new-key.js";
import { size } from "./units.js";

export const page = document.getElementById("upload");
export const form = document.getElementById("upload-form");
export const list = document.getElementById("files");
export const words = JSON.parse(document.getElementById("upload-words").textContent);
const pattern = document.getElementById("file-row");
const ASKING = ["locked", "known", "asks", "stopped", "refused"];
const MANY = 14; // beyond this many rows the list scrolls, so that the button stays visible

const HELP = { retry: "[data-does=retry]", sign_in: "[data-signs-in]" };
const held = new WeakMap(); // row -> {name, state, kind, file, files, key, password, tries, request, go, again}
const places = new Map(); // state -> rows, in order of arrival
const listeners = new Set();
let waiting = false;

export const of = (row) => held.get(row);
export const rowsIn = (...states) => states.flatMap((state) => [...(places.get(state) ?? [])]);
export const many = (...states) => states.reduce((sum, state) => sum + (places.get(state)?.size ?? 0), 0);
export const byKey = (key) => list.querySelector(`[data-draft="${key}"]`);

// Batched: called once per frame, however many rows changed.
export function whenChanged(listener) {
  listeners.add(listener);
}

function changed() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    list.classList.toggle("files-many", list.childElementCount > MANY);
    for (const listener of listeners) listener();
  });
}

export function adopt(row, facts) {
  const name = row.querySelector(".file-name").lastChild.textContent; // behind its folder
  const key = row.dataset.draft ?? newKey();
  held.set(row, { name, key, kind: "", file: null, files: null, password: "", tries: 0, ...facts });
  put(row, row.dataset.state);
}

export function make(name, bytes, facts) {
  const row = pattern.content.firstElementChild.cloneNode(true);
  const shown = row.querySelector(".file-name");
  shown.textContent = name;
  shown.title = facts.folder ? `${facts.folder}/${name}` : name;
  if (facts.folder) {
    const folder = document.createElement("span");
    folder.className = "file-folder";
    folder.textContent = `${facts.folder}/`;
    shown.prepend(folder);
  }
  row.querySelector(".file-size").textContent = size(bytes);
  list.append(row);
  adopt(row, facts);
  label(row, "stop");
  return row;
}

export function put(row, state) {
  const facts = held.get(row);
  places.get(facts.state)?.delete(row);
  facts.state = state;
  row.dataset.state = state;
  if (!places.has(state)) places.set(state, new Set());
  places.get(state).add(row);
  if (ASKING.includes(state)) comeForward(row);
  changed();
}

// In a long list, rows that need an answer move to the top.
function comeForward(row) {
  if (list.childElementCount <= MANY || row.contains(document.activeElement)) return;
  const first = [...list.children].find((other) => !ASKING.includes(held.get(other)?.state));
  if (first && first.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING) first.before(row);
}

export function drop(row) {
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  if (row.contains(document.activeElement)) {
    (beside?.querySelector(".file-remove") ?? form.elements.document).focus();
  }
  places.get(held.get(row).state)?.delete(row);
  row.remove();
  changed();
}

// Replaces our row by the server's, preserving focus and the open panel.
export function swap(row, fresh) {
  const facts = held.get(row);
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  const panel = row.querySelector("[data-panel]");
  places.get(facts.state)?.delete(row);
  if (panel && fresh.dataset.draft) {
    fresh.append(panel);
    fresh.querySelector("[data-does=options]")?.setAttribute("aria-expanded", "true");
  }
  row.replaceWith(fresh);
  held.set(fresh, facts);
  put(fresh, fresh.dataset.state);
  if (panel?.contains(focused)) focused.focus();
  else if (focused) (again(fresh, focused) ?? fresh.querySelector(".file-remove")).focus();
  return fresh;
}

function again(row, element) {
  if (element.name) return row.querySelector(`:scope > .file-answers [name="${element.name}"]`);
  return element.dataset.does ? row.querySelector(`:scope [data-does="${element.dataset.does}"]`) : null;
}

export function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector(".file");
}

export function showSentence(row, sentence) {
  const word = row.querySelector(".file-word");
  if (word) word.textContent = sentence;
}

export function setState(row, state, sentence) {
  showSentence(row, sentence);
  put(row, state);
}

export function refuse(row, sentence) {
  const story = row.querySelector(".file-story");
  const strong = document.createElement("strong");
  strong.textContent = words.not_sent;
  story.replaceChildren(strong, ` ${sentence}`);
  story.setAttribute("role", "alert");
  row.querySelector(".file-answers").replaceChildren();
  draw(row, "ban");
  label(row, "remove");
  put(row, "refused");
}

export function draw(row, name) {
  const use = row.querySelector(".file-icon use");
  use?.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${name}`);
}

// Buttons for a row that is stuck. Rows rendered by the server get them once sending fails.
export function offer(row, ...wanted) {
  for (const [name, find] of Object.entries(HELP)) {
    const there = row.querySelector(find);
    const button = there ?? pattern.content.querySelector(find).cloneNode(true);
    button.hidden = !wanted.includes(name);
    if (!there && !button.hidden) row.querySelector(".file-answers").prepend(button);
  }
}

// The cross cancels a pending upload and removes a finished one.
export function label(row, does) {
  const button = row.querySelector(".file-remove");
  button.setAttribute("aria-label", button.dataset[does].replace("{name}", held.get(row).name));
}
