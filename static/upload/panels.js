// Options of a single file: the page range in its row, and a panel with a strip of its pages.

import { ask } from "./asking.js";
import { pairsOf } from "./metadata.js";
import { lookSoon } from "./outlook.js";
import { byKey, list, of, page, parsed, setState, swap, words } from "./rows.js";

export function watchPanels() {
  list.addEventListener("change", (event) => {
    const row = event.target.closest(".file");
    if (!row?.dataset.draft || !event.target.name) return;
    const metadata = event.target.closest(".metadata");
    if (metadata) return keep(row, [["metadata", pairsOf(metadata)]]);
    const names = event.target.name.startsWith("pdf_page") ? ["pdf_page_start", "pdf_page_end"] : [event.target.name];
    keep(
      row,
      names.map((name) => [name, row.querySelector(`[name="${name}"]`).value]),
    );
  });
  list.addEventListener("submit", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const sheet = event.target.closest(".sheet-choice");
    if (sheet) return choose(sheet);
    const more = event.target.closest("[data-strip]");
    if (more) return draw(more);
    const all = event.target.closest("[data-does=all-pages]");
    if (all) setRange(all.closest(".file"), "", "");
  });
  list.addEventListener("keydown", (event) => event.target.matches(".sheet-choice") && walk(event));
}

export async function toggle(row) {
  const button = row.querySelector("[data-does=options]");
  const open = row.querySelector("[data-panel]");
  if (open) {
    open.remove();
    button.setAttribute("aria-expanded", "false");
    return;
  }
  const response = await fetch(`${page.dataset.files}${of(row).key}/`, { headers: { "HX-Request": "true" } });
  row = byKey(of(row).key) ?? row; // the row may have been replaced meanwhile
  if (!response.ok || row.querySelector("[data-panel]")) return;
  const panel = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-panel]");
  row.append(document.adoptNode(panel));
  row.querySelector("[data-does=options]").setAttribute("aria-expanded", "true");
  const strip = panel.querySelector("[data-strip]");
  if (strip) await draw(strip);
  panel.querySelector(".sheet-choice, select")?.focus();
}

// Saves for a file run one after another, so that the latest choice wins; sending waits for them.
const chosen = new Map(); // key -> fields that are not saved yet
const saving = new Map(); // key -> the pending save

export const saved = (key) => saving.get(key) ?? Promise.resolve();

function keep(row, fields) {
  const { key } = of(row);
  chosen.set(key, new Map([...(chosen.get(key) ?? []), ...fields]));
  if (!saving.has(key))
    saving.set(
      key,
      save(key).finally(() => saving.delete(key)),
    );
}

async function save(key) {
  while (chosen.has(key)) {
    const fields = [...chosen.get(key)];
    chosen.delete(key);
    const data = new FormData();
    for (const [name, value] of fields) write(data, name, value);
    try {
      const response = await ask(`${page.dataset.files}${key}/`, data);
      const fresh = response.ok ? parsed(await response.text()) : null;
      if (!chosen.has(key)) show(byKey(key), fresh, fields);
    } catch {
      const row = byKey(key);
      if (row) setState(row, of(row).state, words.cut_off);
    }
  }
}

// Metadata is always saved as a whole.
function write(data, name, value) {
  if (name !== "metadata") return data.set(name, value);
  for (const [key, text] of value) {
    data.append("metadata_key", key);
    data.append("metadata_value", text);
  }
}

function show(row, fresh, fields) {
  if (!row) return;
  if (!fresh) return setState(row, of(row).state, words.server_error);
  of(row).held = false;
  if (fresh.dataset.state === "asks") restore(fresh, fields);
  mark(swap(row, fresh));
  lookSoon();
}

// Keep an invalid number in its field for correction.
function restore(row, fields) {
  for (const [name, value] of fields) {
    const input = row.querySelector(`.file-answers [name="${name}"]`);
    if (input) input.value = value;
  }
}

// The page strip

const following = new WeakMap(); // "More pages" button → URL of the next batch
const anchors = new WeakMap(); // strip → first chosen end of a page range

async function draw(more) {
  const strip = more.closest(".chooser").querySelector(".chooser-strip");
  more.disabled = true;
  const response = await fetch(following.get(more) ?? more.dataset.strip, { headers: { "HX-Request": "true" } });
  more.disabled = false;
  if (!response.ok) return;
  const part = new DOMParser().parseFromString(`<ol>${await response.text()}</ol>`, "text/html");
  const next = part.querySelector("[data-next]")?.dataset.next;
  const sheets = [...part.querySelectorAll(".sheet-choice")];
  strip.append(...sheets.map((sheet) => document.adoptNode(sheet)));
  if (!strip.querySelector("[tabindex='0']")) strip.firstElementChild?.setAttribute("tabindex", "0");
  if (next) following.set(more, next);
  else more.remove();
  mark(strip.closest(".file"));
}

function range(row) {
  const value = (name) => Number(row.querySelector(`.file-answers [name="${name}"]`)?.value || 0);
  const all = Number(row.querySelector(".chooser")?.dataset.pages ?? 1);
  return [value("pdf_page_start") || 1, value("pdf_page_end") || all];
}

function mark(row) {
  const [first, last] = range(row);
  for (const sheet of row.querySelectorAll(".sheet-choice")) {
    const number = Number(sheet.dataset.page);
    sheet.setAttribute("aria-selected", String(first <= number && number <= last));
  }
}

// The first click selects a page, the second one the other end of the range.
function choose(sheet) {
  const row = sheet.closest(".file");
  const number = Number(sheet.dataset.page);
  const strip = sheet.closest(".chooser-strip");
  const anchor = anchors.get(strip);
  focusOn(sheet);
  if (anchor) {
    anchors.delete(strip);
    setRange(row, Math.min(anchor, number), Math.max(anchor, number));
  } else {
    anchors.set(strip, number);
    setRange(row, number, number);
  }
}

function setRange(row, first, last) {
  const inputs = { pdf_page_start: first, pdf_page_end: last };
  for (const [name, value] of Object.entries(inputs)) {
    row.querySelector(`.file-answers [name="${name}"]`).value = value;
  }
  mark(row);
  keep(row, Object.entries(inputs));
}

function walk(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return; // Ctrl+Enter sends
  const sheets = [...event.target.parentElement.children];
  const at = sheets.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: sheets.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    focusOn(sheets[Math.max(0, Math.min(to, sheets.length - 1))]);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    choose(event.target);
  }
}

function focusOn(sheet) {
  for (const other of sheet.parentElement.children) other.setAttribute("tabindex", other === sheet ? "0" : "-1");
  sheet.focus();
}
