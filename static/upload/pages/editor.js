// Arranges the pages of a file before it is sent: turned, left out, in another order, cut into several documents.

import { closeSurface, openSurface } from "../../surfaces.js";
import { ask } from "../asking.js";
import { lookSoon } from "../outlook.js";
import { saved } from "../panels.js";
import { adopt, byKey, drop, list, of, page, setState, words as pageWords } from "../rows.js";
import * as arrangement from "./arrangement.js";
import { watchCuts } from "./cuts.js";
import { watchDragging } from "./dragging.js";
import { makeDrawing } from "./drawing.js";
import { makeKeeping } from "./keeping.js";
import { makeSelection } from "./selection.js";
import { watchThumbnails } from "./thumbnails.js";

const dialog = document.getElementById("arranger");

export async function openPages(row) {
  const { key } = of(row);
  await saved(key);
  let response = null;
  try {
    response = await fetch(`${page.dataset.files}${key}/arrange/`, { headers: { "HX-Request": "true" } });
  } catch {
    return setState(row, of(row).state, pageWords.cut_off);
  }
  const text = await response.text();
  if (!response.ok) return setState(row, of(row).state, response.status === 409 ? text : pageWords.server_error);
  const root = new DOMParser().parseFromString(text, "text/html").querySelector(".arranger");
  dialog.replaceChildren(document.adoptNode(root));
  start(root);
}

function start(root) {
  const words = root.querySelector("[data-arranger-words]").dataset;
  const first = JSON.parse(root.querySelector("#arrangement").textContent);
  const keeping = makeKeeping(root, (trouble, sentence) => complain(root, sentence || (trouble && words.unsaved)));
  const history = arrangement.makeHistory(keeping.past());
  const thumbnails = watchThumbnails(root.dataset.sheets, root.querySelector(".arranger-parts"));
  const drawing = makeDrawing(root, words, thumbnails.observe);
  const selection = makeSelection(
    drawing,
    () => state.parts,
    () => showTools(root, state),
  );
  const state = { parts: first, history, keeping, drawing, selection, words, root };

  openSurface(dialog);
  drawing.draw(state.parts);
  selection.start();
  showOutcome(root, words, state);
  watchDragging(drawing.space, {
    chosen: (number) => selection.around(number),
    drop: (pages, target, after) => change(state, arrangement.move(state.parts, pages, target, after)),
  });
  root.addEventListener("click", (event) => clicked(event, state));
  root.addEventListener("keydown", (event) => pressed(event, state));
  const cuts = watchCuts(root, drawing, (found) => change(state, arrangement.cutAll(state.parts, found)));
  state.cuts = cuts;
  dialog.addEventListener("close", () => ended([thumbnails, cuts], keeping), { once: true });
}

function ended(watchers, keeping) {
  for (const watcher of watchers) watcher.close();
  keeping.flush();
  lookSoon();
}

function change(state, parts, { remembered = true } = {}) {
  if (JSON.stringify(parts) === JSON.stringify(state.parts)) return;
  if (remembered) state.history.add(state.parts);
  state.parts = parts;
  state.drawing.draw(parts);
  state.selection.show();
  showOutcome(state.root, state.words, state);
  state.keeping.keep(parts, state.history.past());
}

const DOES = {
  cut: (state, pages) => arrangement.cutBefore(state.parts, first(state, pages)),
  left: (state, pages) => arrangement.rotate(state.parts, pages, -90),
  right: (state, pages) => arrangement.rotate(state.parts, pages, 90),
  keep: (state, pages) => arrangement.keep(state.parts, pages, !arrangement.allKept(state.parts, pages)),
  earlier: (state, pages) => arrangement.nudge(state.parts, pages, false),
  later: (state, pages) => arrangement.nudge(state.parts, pages, true),
  over: (state) => [
    state.parts
      .flat()
      .map(([number]) => number)
      .sort((one, two) => one - two)
      .map((number) => [number, 0, 1]),
  ],
};

// The first of the pages in their present order.
const first = (state, pages) => state.parts.flat().find(([number]) => pages.has(number))[0];

function act(state, does, pages = state.selection.chosen()) {
  if (does === "undo" || does === "redo") {
    const parts = state.history[does](state.parts);
    if (parts) change(state, parts, { remembered: false });
  } else change(state, DOES[does](state, pages));
}

function clicked(event, state) {
  const cut = event.target.closest(".arranger-cut");
  if (cut) return act(state, "cut", new Set([Number(cut.parentElement.dataset.page)]));
  const sheet = event.target.closest(".arranger-page");
  if (sheet) return state.selection.click(Number(sheet.parentElement.dataset.page), event);
  const button = event.target.closest("[data-arranges]");
  if (!button) return;
  const does = button.dataset.arranges;
  if (does === "close") closeSurface(dialog);
  else if (does === "make") make(state);
  else if (does === "accept") state.cuts.accept();
  else if (does === "recognise") state.cuts.recognise();
  else if (does === "join") change(state, arrangement.joinBefore(state.parts, Number(button.dataset.part)));
  else act(state, does);
}

const KEYS = { c: "cut", r: "right", R: "left", Delete: "keep", Backspace: "keep" };

function pressed(event, state) {
  const control = event.ctrlKey || event.metaKey;
  const handled = () => event.preventDefault();
  if (control && event.key.toLowerCase() === "z") {
    handled();
    return act(state, event.shiftKey ? "redo" : "undo");
  }
  const item = event.target.closest(".arranger-sheet");
  if (!item) return;
  const number = Number(item.dataset.page);
  if (control && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    handled();
    return act(state, event.key === "ArrowLeft" ? "earlier" : "later", state.selection.around(number));
  }
  if (control && event.key.toLowerCase() === "a") {
    handled();
    return state.selection.all();
  }
  if (event.altKey || control) return;
  if (KEYS[event.key]) {
    handled();
    act(state, KEYS[event.key], state.selection.around(number));
  } else if (state.selection.walk(number, event)) handled();
}

function showTools(root, state) {
  const button = (name) => root.querySelector(`.arranger-tools [data-arranges=${name}]`);
  const pages = state.selection.chosen();
  const parts = state.parts;
  button("undo").disabled = !state.history.canUndo();
  button("redo").disabled = !state.history.canRedo();
  button("cut").disabled = state.drawing.startsPart(parts, first(state, pages));
  const { out, in: back } = button("keep").dataset;
  button("keep").lastElementChild.textContent = arrangement.allKept(parts, pages) ? out : back;
  button("over").disabled = arrangement.outcome(parts).untouched;
}

const counted = (n, one, several) => (n === 1 ? one : several.replace("{n}", n));

function showOutcome(root, words, state) {
  const { files, out, untouched } = arrangement.outcome(state.parts);
  const left = out ? ` · ${counted(out, words.left, words.lefts)}` : "";
  root.querySelector(".arranger-outcome").textContent = counted(files, words.outcome, words.outcomes) + left;
  const button = root.querySelector("[data-arranges=make]");
  button.disabled = !files;
  button.textContent = untouched ? words.whole : counted(files, words.make, words.makes);
  showTools(root, state);
}

function complain(root, sentence) {
  const trouble = root.querySelector(".arranger-trouble");
  trouble.hidden = !sentence;
  trouble.textContent = sentence;
}

async function make(state) {
  const { root, words } = state;
  const button = root.querySelector("[data-arranges=make]");
  complain(root, "");
  button.disabled = true;
  button.textContent = words.making;
  const sentence = await made(state).catch(() => words.failed);
  if (!sentence) return closeSurface(dialog);
  complain(root, sentence);
  showOutcome(root, words, state);
}

// Why the files could not be made; empty if they were.
async function made({ root, keeping, words, parts }) {
  keeping.keep(parts, []);
  if (!(await keeping.flush())) return words.unsaved;
  const response = await ask(root.dataset.split, new FormData());
  const plain = response.headers.get("Content-Type")?.startsWith("text/plain");
  const text = await response.text();
  if (!response.ok) return plain ? text : words.failed;
  replaceRows(new DOMParser().parseFromString(text, "text/html").querySelector("[data-replaced]"));
  keeping.forget();
  return "";
}

// The rows of the files that were made, where the row of the whole stood; rows that stay as they are keep their panels.
function replaceRows(answer) {
  const old = answer.dataset.replaced.split(" ").filter(Boolean).map(byKey).filter(Boolean);
  const mark = old[0] ?? null;
  const rows = [...answer.querySelectorAll(".file")].map((row) => document.adoptNode(row));
  for (const row of rows) {
    list.insertBefore(row, mark);
    adopt(row, {});
  }
  for (const row of old) drop(row);
  rows[0]?.querySelector("[data-does=pages]")?.focus();
}
