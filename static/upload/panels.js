// What one file has of its own: numbers of pages in its row, and under it a strip of its pages and its options.

import { ask } from "./asking.js";
import { byKey, list, of, page, swap, parsed, say, words } from "./rows.js";
import { pairsOf } from "./metadata.js";
import { lookSoon } from "./outlook.js";

export function watchPanels() {
  list.addEventListener("change", (event) => {
    const row = event.target.closest(".file");
    if (!row?.dataset.draft || !event.target.name) return;
    const metadata = event.target.closest(".metadata");
    if (metadata) return keep(row, [["metadata", pairsOf(metadata)]]);
    const names = event.target.name.startsWith("pdf_page") ? ["pdf_page_start", "pdf_page_end"] : [event.target.name];
    keep(row, names.map((name) => [name, row.querySelector(`[name="${name}"]`).value]));
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
  const answer = await fetch(`${page.dataset.files}${of(row).key}/`, { headers: { "HX-Request": "true" } });
  row = byKey(of(row).key) ?? row; // the server's row may have come in between
  if (!answer.ok || row.querySelector("[data-panel]")) return;
  const panel = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-panel]");
  row.append(document.adoptNode(panel));
  row.querySelector("[data-does=options]").setAttribute("aria-expanded", "true");
  const strip = panel.querySelector("[data-strip]");
  if (strip) await draw(strip);
  panel.querySelector(".sheet-choice, select")?.focus();
}

// What was chosen for a file goes to the server one save after another, the last choice last; sending waits for it.
const chosen = new Map(); // key -> fields that are not saved yet
const saving = new Map(); // key -> the save that goes on

export const saved = (key) => saving.get(key) ?? Promise.resolve();

function keep(row, fields) {
  const { key } = of(row);
  chosen.set(key, new Map([...(chosen.get(key) ?? []), ...fields]));
  if (!saving.has(key)) saving.set(key, save(key).finally(() => saving.delete(key)));
}

async function save(key) {
  while (chosen.has(key)) {
    const fields = [...chosen.get(key)];
    chosen.delete(key);
    const data = new FormData();
    for (const [name, value] of fields) write(data, name, value);
    try {
      const answer = await ask(`${page.dataset.files}${key}/`, data);
      const fresh = answer.ok ? parsed(await answer.text()) : null;
      if (!chosen.has(key)) show(byKey(key), fresh, fields);
    } catch {
      const row = byKey(key);
      if (row) say(row, row.dataset.state, words.cut_off);
    }
  }
}

// Metadata is all its pairs at once.
function write(data, name, value) {
  if (name !== "metadata") return data.set(name, value);
  for (const [key, text] of value) {
    data.append("metadata_key", key);
    data.append("metadata_value", text);
  }
}

function show(row, fresh, fields) {
  if (!row) return;
  if (!fresh) return say(row, row.dataset.state, words.server_error);
  fresh.dataset.name = row.dataset.name ?? "";
  fresh.dataset.kind = row.dataset.kind ?? "";
  of(row).held = false;
  if (fresh.dataset.state === "asks") restore(fresh, fields);
  mark(swap(row, fresh));
  lookSoon();
}

// A wrong number stays in its field, to be put right.
function restore(row, fields) {
  for (const [name, value] of fields) {
    const input = row.querySelector(`.file-answers [name="${name}"]`);
    if (input) input.value = value;
  }
}

// The strip

async function draw(more) {
  const strip = more.closest(".chooser").querySelector(".chooser-strip");
  more.disabled = true;
  const answer = await fetch(more.dataset.strip, { headers: { "HX-Request": "true" } });
  more.disabled = false;
  if (!answer.ok) return;
  const told = new DOMParser().parseFromString(`<ol>${await answer.text()}</ol>`, "text/html");
  const next = told.querySelector("[data-next]")?.dataset.next;
  const sheets = [...told.querySelectorAll(".sheet-choice")];
  strip.append(...sheets.map((sheet) => document.adoptNode(sheet)));
  if (!strip.querySelector("[tabindex='0']")) strip.firstElementChild?.setAttribute("tabindex", "0");
  if (next) more.dataset.strip = next;
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

// The first choice is a single page; the second one is the other end.
function choose(sheet) {
  const row = sheet.closest(".file");
  const number = Number(sheet.dataset.page);
  const strip = sheet.closest(".chooser-strip");
  const anchor = Number(strip.dataset.anchor ?? 0);
  focusOn(sheet);
  if (anchor) {
    delete strip.dataset.anchor;
    setRange(row, Math.min(anchor, number), Math.max(anchor, number));
  } else {
    strip.dataset.anchor = number;
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
  for (const one of sheet.parentElement.children) one.setAttribute("tabindex", one === sheet ? "0" : "-1");
  sheet.focus();
}
