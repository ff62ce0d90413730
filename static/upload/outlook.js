// A preview of submission, fetched after every change: credits, time, and which files need an answer because they were
// read before or lack the chosen pages.

import { ask } from "./asking.js";
import { options } from "./options.js";
import { byKey, form, list, many, of, page, rowsIn, swap } from "./rows.js";

const PAUSE = 350; // milliseconds without a change
let timer = null;
let pending = false;
let stale = false;

export function lookSoon() {
  clearTimeout(timer);
  timer = setTimeout(look, many("queued", "receiving") ? 4 * PAUSE : PAUSE);
}

async function look() {
  if (pending) {
    stale = true;
    return;
  }
  if (!list.querySelector("[data-draft]")) {
    document.querySelector("#outlook .outlook-line").textContent = "";
    return;
  }
  pending = true;
  const data = options();
  for (const row of rowsIn("known", "asks")) data.append("asking", of(row).key);
  try {
    const response = await ask(page.dataset.outlook, data);
    if (response.ok) show(await response.text());
  } catch {
    // Offline: keep the line; submitting will report the problem.
  }
  pending = false;
  if (stale) {
    stale = false;
    lookSoon();
  }
}

function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const line = document.querySelector("#outlook .outlook-line");
  line.replaceChildren(...answer.querySelector(".outlook-line").childNodes);
  for (const fresh of answer.querySelector("template").content.querySelectorAll(".file")) {
    const row = byKey(fresh.dataset.draft);
    if (!row) continue;
    const { state, again, held } = of(row);
    if (!["ready", "known", "asks"].includes(state) || again || held) continue;
    const same = state === fresh.dataset.state;
    if (same && (state !== "known" || row.textContent === fresh.textContent)) continue;
    swap(row, document.adoptNode(fresh));
  }
}

export function watchOptions() {
  const changed = () => {
    for (const row of rowsIn("asks")) of(row).held = false;
    lookSoon();
  };
  form.addEventListener("change", (event) => event.target.type !== "file" && changed());
  form.addEventListener("input", (event) => event.target.closest(".metadata") && changed());
}
