// From the page to the service: files that lie here become documents, with the options as they stand at the press of
// the button. A file that is still on its way goes on by itself when it is here.

import { ask } from "./asking.js";
import { later, replace, stop } from "./receiving.js";
import { saved } from "./panels.js";
import { byKey, form, many, of, offer, page, rowsIn, say, words } from "./rows.js";

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
  say(row, "wanted", "…");
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
  say(row, "going", words.sending);
  await saved(facts.key);
  row = byKey(facts.key) ?? row; // the row of the last save
  say(row, "going", words.sending);
  const data = options();
  if (facts.again) data.set("again", "1");
  try {
    const url = `${page.dataset.files}${facts.key}/send/`;
    const answer = await ask(url, data);
    if (answer.ok) {
      const fresh = replace(row, await answer.text());
      if (fresh === null) showSent();
      else if (fresh?.dataset.state === "asks") hold(fresh);
    } else stop(row, answer.status === 403 ? words.signed_out : words.server_error);
  } catch {
    later(row, words.cut_off, want);
  }
  next();
}

// Refused as it was sent, such as over the cap: that stays told until something is changed or it is tried again.
function hold(row) {
  of(row).held = true;
  offer(row, "retry");
}

export function options() {
  const data = new FormData(form);
  data.delete("document");
  data.delete("password");
  return data;
}

// The part below is asked for once for any number of documents; one that refreshes itself anyhow is asked sooner.
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
