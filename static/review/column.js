// One field across many documents. Enter confirms or saves the row and moves on; Esc reverts, then moves back. Rows are
// saved in the background; a row that could not be saved says so and keeps its text.

import { drop, keep, kept } from "../kept.js";
import { offer } from "../kept-offers.js";
import { takesText, topSurface } from "../surfaces.js";

const rows = [...document.querySelectorAll("[data-column] [data-row]")];
const count = document.querySelector("[data-count]");
const LATECOMERS = 700; // milliseconds
const done = new Set();
const waiting = new Set();
const saved = new Map(rows.map((row) => [row, row.elements.text.dataset.before])); // row → the text on the server
const isDirty = (row) => row.elements.text.value !== saved.get(row);

document.querySelector("[data-column]")?.classList.add("column-scripted");

for (const row of rows) {
  const input = row.elements.text;
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => pressed(event, row, input));
  input.addEventListener("input", () => note(row));
  row.addEventListener("submit", (event) => {
    event.preventDefault();
    save(row);
    goOn(row);
  });
}

// The first row was focused before this module loaded.
document.activeElement?.closest("[data-column] [data-row]")?.elements.text.select();

for (const choice of document.querySelectorAll("[data-column-choice] select")) {
  choice.addEventListener("change", () => {
    // A different schema has different fields.
    if (choice.name === "schema") choice.form.elements.field.disabled = true;
    choice.form.requestSubmit();
  });
}

function pressed(event, row, input) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = rows.indexOf(row);
  if (event.key === "Escape") {
    event.preventDefault();
    if (isDirty(row)) {
      input.value = saved.get(row);
      note(row);
      input.select();
    } else goTo(at - 1);
  }
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (way) {
    event.preventDefault();
    goTo(at + way);
  }
}

function goTo(at) {
  const row = rows[at];
  if (!row) return;
  row.elements.text.focus({ preventScroll: true });
  row.parentElement.scrollIntoView({ block: "nearest" });
}

function goOn(row) {
  const at = rows.indexOf(row);
  const open = (other) => !done.has(other) && !waiting.has(other);
  const next = rows.slice(at + 1).find(open) ?? rows.find(open);
  if (next) goTo(rows.indexOf(next));
}

// keepalive lets the request outlive the page.
function post(row, answer) {
  return fetch(row.dataset.address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": row.elements.csrfmiddlewaretoken.value },
    body: JSON.stringify(answer),
    keepalive: true,
  }).catch(() => null);
}

async function save(row) {
  if (waiting.has(row)) return;
  const input = row.elements.text;
  const text = input.value;
  waiting.add(row);
  showStatus(row, row.dataset.saving);
  const { path, version } = row.elements;
  const verb = isDirty(row) ? "set" : "confirm";
  const response = await post(row, { do: verb, path: path.value, text, version: Number(version.value) });
  const reply = await response?.json().catch(() => null);
  waiting.delete(row);
  if (response?.ok && reply?.entries) accepted(row, reply.entries[path.value], text);
  else refused(row, reply);
}

function accepted(row, entry, text) {
  const input = row.elements.text;
  row.elements.version.value = entry.version;
  saved.set(row, entry.text);
  if (input.value === text) input.value = entry.text;
  note(row);
  row.querySelector("[data-said]").classList.remove("refused");
  row.querySelector("[data-said]").innerHTML = entry.badge;
  input.removeAttribute("aria-invalid");
  row.parentElement.classList.remove("column-row-need", "column-row-broke");
  if (entry.mark === "broke") row.parentElement.classList.add("column-row-broke");
  row.parentElement.classList.add("column-row-done");
  done.add(row);
  count.textContent = count.dataset.words.replace("{n}", done.size);
  const last = document.querySelector("[data-done]");
  if (done.size === rows.length && last.hidden) {
    last.hidden = false;
    if (nobodyTypes()) last.querySelector("a").focus();
  }
}

function refused(row, reply) {
  const clash = reply?.clash;
  if (clash) {
    row.elements.version.value = clash.version;
    saved.set(row, clash.theirs);
  }
  const words = clash
    ? row.dataset.clash.replace("{who}", clash.who).replace("{theirs}", clash.theirs)
    : (reply?.error ?? reply?.closed ?? row.dataset.lost);
  showStatus(row, words);
  row.querySelector("[data-said]").classList.add("refused");
  row.elements.text.setAttribute("aria-invalid", "true");
  done.delete(row);
  // Return to the refused row once nothing else is being typed.
  const settled = (other) => done.has(other) || other === row || waiting.has(other);
  if (rows.every(settled) && nobodyTypes()) goTo(rows.indexOf(row));
}

// Whether focus can move without interrupting someone who is typing.
function nobodyTypes() {
  const at = document.activeElement;
  if (topSurface()) return false;
  const row = at?.closest("[data-row]");
  return row ? !isDirty(row) || waiting.has(row) : !takesText(at);
}

function showStatus(row, words) {
  row.querySelector("[data-said]").textContent = words;
}

// Unsent text is stored under the same key as on the review screen of its document.

function placeOf(row) {
  return `review/${row.elements.key.value}`;
}

function nameOf(row) {
  return `value:${row.elements.path.value}`;
}

function note(row) {
  const input = row.elements.text;
  if (!isDirty(row)) return drop(placeOf(row), nameOf(row));
  return keep(placeOf(row), nameOf(row), {
    text: input.value,
    version: Number(row.elements.version.value),
    label: input.getAttribute("aria-label"),
  });
}

// After a reload the last save may arrive later than the page itself; and "5" may be stored as "5.00".
async function offerAll() {
  const left = rows.filter((row) => kept(placeOf(row), nameOf(row)));
  if (!left.length) return;
  await new Promise((wake) => setTimeout(wake, LATECOMERS));
  for (const row of left) {
    const path = row.elements.path.value;
    const { text } = kept(placeOf(row), nameOf(row)) ?? {};
    const response = await post(row, { do: "compare", path, text });
    const reply = response?.ok ? await response.json().catch(() => null) : null;
    if (reply?.entries[path]) refresh(row, reply.entries[path]);
    if (reply?.same) drop(placeOf(row), nameOf(row));
    offerKept(row);
  }
}

function refresh(row, { text, version }) {
  if (isDirty(row)) return;
  row.elements.text.value = text;
  saved.set(row, text);
  row.elements.version.value = version;
}

function offerKept(row) {
  const input = row.elements.text;
  const facts = kept(placeOf(row), nameOf(row));
  if (!facts) return;
  if (facts.text === input.value) return drop(placeOf(row), nameOf(row));
  const changed = facts.version !== Number(row.elements.version.value);
  const use = () => {
    goTo(rows.indexOf(row));
    input.value = facts.text;
    note(row);
  };
  const label = input.getAttribute("aria-label");
  offer(
    { label, text: facts.text, now: changed ? input.value : "" },
    { use, discard: () => drop(placeOf(row), nameOf(row)) },
  );
}

offerAll();

// Saved but not confirmed, as when leaving a field on the review screen.
window.addEventListener("pagehide", () => {
  for (const row of rows) {
    const { text, path, version } = row.elements;
    if (!isDirty(row) || waiting.has(row)) continue;
    post(row, { do: "leave", path: path.value, text: text.value, version: Number(version.value) });
  }
});
