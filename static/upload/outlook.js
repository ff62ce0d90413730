// What will happen when the button is pressed, asked of the server after every change: credits, time, and which files
// need an answer because they were read before or have not the pages that are asked for.

import { ask } from "./asking.js";
import { byKey, form, list, many, of, page, rowsIn, swap } from "./rows.js";
import { options } from "./sending.js";

const PAUSE = 350; // milliseconds without a change
let timer = null;
let asking = false;
let stale = false;

export function lookSoon() {
  clearTimeout(timer);
  timer = setTimeout(look, many("queued", "receiving") ? 4 * PAUSE : PAUSE);
}

async function look() {
  if (asking) {
    stale = true;
    return;
  }
  if (!list.querySelector("[data-draft]")) {
    document.querySelector("#outlook .outlook-line").textContent = "";
    return;
  }
  asking = true;
  const data = options();
  for (const row of rowsIn("known", "asks")) data.append("asking", of(row).key);
  try {
    const answer = await ask(page.dataset.outlook, data);
    if (answer.ok) show(await answer.text());
  } catch {
    // No connection: the line stays as it was, and the button says what is wrong when it is pressed.
  }
  asking = false;
  if (stale) {
    stale = false;
    lookSoon();
  }
}

function show(html) {
  const told = new DOMParser().parseFromString(html, "text/html");
  const line = document.querySelector("#outlook .outlook-line");
  line.replaceChildren(...told.querySelector(".outlook-line").childNodes);
  for (const fresh of told.querySelector("template").content.querySelectorAll(".file")) {
    const row = byKey(fresh.dataset.draft);
    if (!row || !["ready", "known", "asks"].includes(row.dataset.state) || of(row).again || of(row).held) continue;
    if (row.dataset.state === fresh.dataset.state && fresh.dataset.state !== "known") continue;
    if (row.innerText === fresh.innerText && row.dataset.state === fresh.dataset.state) continue;
    fresh.dataset.name = row.dataset.name ?? "";
    fresh.dataset.kind = row.dataset.kind ?? "";
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
