// Uploads: one request per file, three at a time, retried after a lost connection. A file keeps its key across retries,
// so that a lost response does not create a second file.

import { kindOf } from "../sniffing.js";
import { ask, renewed } from "./asking.js";
import { folderOf } from "./intake.js";
import {
  drop,
  form,
  label,
  make,
  many,
  of,
  offer,
  page,
  parsed,
  refuse,
  rowsIn,
  setState,
  swap,
  showSentence,
  words,
} from "./rows.js";
import { speedometer } from "./speed.js";
import { size } from "./units.js";

const AT_ONCE = 3;
const PATIENCE = 10 * 60 * 1000; // milliseconds; large files take long to upload and to inspect
const BUSY = new Set([408, 429, 503]); // the server is overloaded, or the upload timed out
const PAUSES = [2, 5, 15, 30, 60]; // seconds before each retry

const finished = new Set(); // listeners for rows rendered by the server

export function whenReceived(listener) {
  finished.add(listener);
}

export function add(files) {
  for (const file of files) {
    const folder = folderOf(file);
    look(make(file.name, file.size, { file, folder }));
  }
}

export function addBound(name, files) {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const row = make(name, bytes, { file: files[0], files });
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
    of(row).kind = kind;
    queue(row);
  }
}

export function queue(row) {
  offer(row);
  setState(row, "queued", words.queued);
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
    const here = size(Math.min(event.loaded, all)); // without the overhead of the form
    showSentence(row, percent < 100 ? `${here} / ${size(all)}${speed(event.loaded)}` : words.receiving);
  });
  const cut = () => (percent ? words.cut.replace("%(percent)s", percent) : words.cut_off);
  request.addEventListener("load", () => answered(row, request));
  request.addEventListener("error", () => later(row, cut(), queue));
  request.addEventListener("timeout", () => later(row, words.slow, queue));
  if (progress) {
    progress.value = 0;
    progress.hidden = false;
  }
  setState(row, "receiving", `${size(0)} / ${size(all)}`);
  request.send(filled(facts));
}

function filled(facts) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.set("batch", form.elements.batch.value);
  data.set("key", facts.key);
  data.set("password", facts.password);
  if (facts.folder) data.set("folder", facts.folder);
  if (facts.files) data.set("name", facts.name);
  for (const file of facts.files ?? [facts.file]) data.append("document", file, file.name);
  return data;
}

function answered(row, request) {
  of(row).request = null;
  if (request.status === 200) replace(row, request.responseText);
  else if (request.status === 401 || request.status === 403) return shutOut(row);
  else if (request.status === 413) refuse(row, said(request) || words.proxy);
  else if (BUSY.has(request.status)) later(row, said(request) || words.unavailable, queue);
  else stop(row, said(request) || words.server_error);
  next();
}

// The server's own refusals are one sentence of plain text; proxies and error pages are not shown.
function said(request) {
  const plain = request.getResponseHeader("Content-Type")?.startsWith("text/plain");
  return plain && request.responseText.length < 500 ? request.responseText.trim() : "";
}

// Retry with a new CSRF token; without a session the file waits for a sign-in.
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

// The response is the row as the page without JavaScript would render it.
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
  swap(row, fresh);
  for (const listener of finished) listener(fresh);
  return fresh;
}

// Not retried automatically: "Try again" is offered.
export function stop(row, sentence) {
  const progress = row.querySelector(".file-progress");
  if (progress) progress.hidden = true;
  if (sentence === words.signed_out) offer(row, "sign_in", "retry");
  else offer(row, "retry");
  label(row, "remove");
  setState(row, "stopped", sentence);
}

export function retry(row) {
  clearTimeout(of(row).timer);
  label(row, "stop");
  queue(row);
}

// Retried automatically, or at once with "Try again".
export function later(row, sentence, retrying) {
  const facts = of(row);
  if (!row.isConnected) return;
  facts.request = null;
  facts.retrying = retrying;
  const pause = PAUSES[Math.min(facts.tries, PAUSES.length - 1)];
  facts.tries += 1;
  facts.timer = setTimeout(() => facts.state === "waiting" && retrying(row), pause * 1000);
  offer(row, "retry");
  setState(row, "waiting", sentence);
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
  const reached = row.dataset.draft || ["receiving", "waiting", "stopped"].includes(facts.state);
  if (reached) tellRemoved(facts.key);
  drop(row);
  next();
}

function tellRemoved(key) {
  ask(`${page.dataset.files}${key}/remove/`, new FormData(), { keepalive: true }).catch(() => {
    // Offline: it stays on the server as a draft and reappears on the next load.
  });
}
