// From the browser to the portal: each file by its own request, three at a time, again by itself after a broken line.
// One key goes with a file through all its tries, so that an answer that got lost makes no second file.

import { ask, renewed } from "./asking.js";
import { drop, form, label, make, many, of, offer, page, parsed, refuse, rowsIn } from "./rows.js";
import { say, size, swap, tell, words } from "./rows.js";
import { speedometer } from "./speed.js";
import { kindOf } from "../sniffing.js";

const AT_ONCE = 3;
const PATIENCE = 10 * 60 * 1000; // a file may take long to arrive, and longer still to be looked at
const PAUSES = [2, 5, 15, 30, 60]; // seconds before a broken connection is tried again

const finished = new Set(); // listeners for rows that the server answered

export function whenReceived(listener) {
  finished.add(listener);
}

export function add(files) {
  for (const file of files) look(make(file.name, file.size, { file }));
}

export function addBound(name, files) {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const row = make(name, bytes, { file: files[0], files, name });
  if (bytes > Number(page.dataset.limit)) refuse(row, words.size);
  else queue(row);
}

async function look(row) {
  const { file } = of(row);
  let kind = "";
  try {
    kind = file.size ? await kindOf(file) : "";
  } catch {
    return refuse(row, words.unreadable);
  }
  if (!row.isConnected) return;
  if (!file.size) refuse(row, words.empty);
  else if (file.size > Number(page.dataset.limit)) refuse(row, words.size);
  else if (!["pdf", "png", "jpeg"].includes(kind)) refuse(row, words[kind] ?? words.type);
  else {
    row.dataset.kind = kind;
    queue(row);
  }
}

export function queue(row) {
  offer(row);
  say(row, "queued", words.queued);
  next();
}

function next() {
  while (many("receiving") < AT_ONCE) {
    const [row] = rowsIn("queued");
    if (!row) return;
    receive(row);
  }
}

function receive(row) {
  const facts = of(row);
  const request = new XMLHttpRequest();
  facts.request = request;
  request.open("POST", page.dataset.files);
  request.setRequestHeader("HX-Request", "true");
  request.timeout = PATIENCE;
  const progress = row.querySelector(".file-progress");
  const all = (facts.files ?? [facts.file]).reduce((sum, file) => sum + file.size, 0);
  const speed = speedometer();
  let percent = 0;
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    percent = Math.round((100 * event.loaded) / event.total);
    if (progress) progress.value = percent;
    const here = size(Math.min(event.loaded, all)); // the form around the file counts for nobody
    tell(row, percent < 100 ? `${here} / ${size(all)}${speed(event.loaded)}` : words.receiving);
  });
  const cut = () => (percent ? words.cut.replace("%(percent)s", percent) : words.cut_off);
  request.addEventListener("load", () => answered(row, request));
  request.addEventListener("error", () => later(row, cut(), queue));
  request.addEventListener("timeout", () => later(row, words.slow, queue));
  if (progress) {
    progress.value = 0;
    progress.hidden = false;
  }
  say(row, "receiving", `${size(0)} / ${size(all)}`);
  request.send(filled(facts));
}

function filled(facts) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.set("batch", form.elements.batch.value);
  data.set("key", facts.key);
  data.set("password", facts.password);
  if (facts.files) data.set("name", facts.name ?? facts.file.name);
  for (const file of facts.files ?? [facts.file]) data.append("document", file, file.name);
  return data;
}

function answered(row, request) {
  of(row).request = null;
  if (request.status === 200) replace(row, request.responseText);
  else if (request.status === 413) refuse(row, words.proxy);
  else if (request.status === 403) return shutOut(row);
  else stop(row, words.server_error);
  next();
}

// Once more with a new secret; else the file waits until somebody has signed in.
async function shutOut(row) {
  const facts = of(row);
  const again = !facts.renewed && (await renewed());
  facts.renewed = again;
  if (!row.isConnected) return next();
  if (again) queue(row);
  else stop(row, words.signed_out);
  next();
}

export function goOn(sending) {
  for (const row of rowsIn("stopped")) {
    if (row.dataset.draft) sending(row);
    else retry(row);
  }
}

// The answer is the same row as the page without a script shows it.
export function replace(row, html) {
  const fresh = parsed(html);
  if (!fresh) return stop(row, words.server_error);
  const facts = of(row);
  facts.tries = 0;
  facts.renewed = false;
  if (fresh.dataset.state === "taken") {
    drop(row);
    for (const listener of finished) listener(null);
    return null;
  }
  fresh.dataset.name = row.dataset.name || fresh.querySelector(".file-name").textContent;
  fresh.dataset.kind = row.dataset.kind ?? "";
  swap(row, fresh);
  for (const listener of finished) listener(fresh);
  return fresh;
}

// Not by itself: somebody has to press "Try again".
export function stop(row, sentence) {
  const progress = row.querySelector(".file-progress");
  if (progress) progress.hidden = true;
  if (sentence === words.signed_out) offer(row, "sign_in", "retry");
  else offer(row, "retry");
  label(row, "remove");
  say(row, "stopped", sentence);
}

export function retry(row) {
  clearTimeout(of(row).timer);
  label(row, "stop");
  queue(row);
}

// A broken connection is tried again by itself, and sooner by who cannot wait.
export function later(row, sentence, retrying) {
  const facts = of(row);
  if (!row.isConnected) return;
  facts.request = null;
  facts.retrying = retrying;
  const pause = PAUSES[Math.min(facts.tries, PAUSES.length - 1)];
  facts.tries += 1;
  facts.timer = setTimeout(() => row.dataset.state === "waiting" && retrying(row), pause * 1000);
  offer(row, "retry");
  say(row, "waiting", sentence);
  next();
}

export function resume() {
  for (const row of rowsIn("waiting")) {
    clearTimeout(of(row).timer);
    of(row).retrying(row);
  }
}

export function remove(row) {
  const facts = of(row);
  facts.request?.abort();
  clearTimeout(facts.timer);
  const reached = row.dataset.draft || ["receiving", "waiting", "stopped"].includes(row.dataset.state);
  if (reached) tellRemoved(facts.key);
  drop(row);
  next();
}

function tellRemoved(key) {
  ask(`${page.dataset.files}${key}/remove/`, new FormData(), { keepalive: true }).catch(() => {
    // Without a connection it stays there unsent, and is shown again when the page is loaded again.
  });
}
