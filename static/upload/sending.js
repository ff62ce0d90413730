// Submits uploaded files as documents, with the options as they are when the button is pressed. A file that is still
// uploading is submitted on arrival.

import { ask } from "./asking.js";
import { options } from "./options.js";
import { saved } from "./panels.js";
import { later, replace, stop } from "./receiving.js";
import { byKey, form, many, of, offer, page, rowsIn, setState, words } from "./rows.js";

const AT_ONCE = 3;
const UNDERWAY = ["looking", "queued", "receiving", "waiting"];
let shown = null;
let showing = Promise.resolve();

export const toBeSent = () => many("ready") + rowsIn(...UNDERWAY).filter((row) => !of(row).go).length;

export function sendAll() {
  for (const row of rowsIn(...UNDERWAY)) of(row).go = true;
  for (const row of rowsIn("ready")) want(row);
}

export function want(row) {
  clearTimeout(of(row).timer);
  of(row).go = true;
  setState(row, "wanted", "…");
  next();
}

function next() {
  while (many("going") < AT_ONCE) {
    const [row] = rowsIn("wanted");
    if (!row) return;
    send(row);
  }
}

async function send(row) {
  const facts = of(row);
  facts.go = false;
  facts.held = false;
  offer(row);
  setState(row, "going", words.sending);
  await saved(facts.key);
  row = byKey(facts.key) ?? row; // the save may have replaced the row
  setState(row, "going", words.sending);
  const data = options();
  if (facts.again) data.set("again", "1");
  try {
    const url = `${page.dataset.files}${facts.key}/send/`;
    const response = await ask(url, data);
    if (response.ok) {
      const fresh = replace(row, await response.text());
      if (fresh === null) showSent();
      else if (fresh && of(fresh).state === "asks") hold(fresh);
    } else if (response.status === 503) later(row, words.unavailable, want);
    else stop(row, response.status === 403 ? words.signed_out : words.server_error);
  } catch {
    later(row, words.cut_off, want);
  }
  next();
}

// Refused on submission, for example over the budget: stays until an option changes or it is retried.
function hold(row) {
  of(row).held = true;
  offer(row, "retry");
}

// Debounced; a list that already refreshes itself is only hurried.
export function showSent() {
  clearTimeout(shown);
  shown = setTimeout(() => {
    const sent = document.getElementById("sent");
    const url = address();
    history.replaceState(null, "", url);
    if ("live" in sent.dataset) document.dispatchEvent(new Event("news:soon"));
    else showing = showing.then(() => htmx.ajax("GET", url, { source: "#sent", target: "#sent", swap: "outerHTML" }));
  }, 150);
}

export const address = () => `${page.dataset.url}?sent=${form.elements.batch.value}`;
