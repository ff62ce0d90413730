// A row for each file: looked at before it is sent, sent with its own request, three at a time. One bad file stops no
// other. Without this module the same form sends all files at once.

import { kindOf } from "./sniffing.js";

const AT_ONCE = 3;
const PATIENCE = 10 * 60 * 1000; // a file may take long to arrive, and longer still to be looked at
const PAUSES = [2, 5, 15, 30, 60]; // seconds before a broken connection is tried again

const page = document.getElementById("upload");
const form = document.getElementById("upload-form");
const list = document.getElementById("files");
const pattern = document.getElementById("file-row");
const words = JSON.parse(document.getElementById("upload-words").textContent);
const files = new Map(); // row -> {file, password, tries, request}

document.documentElement.classList.add("scripted");
if (form) start();

function start() {
  const input = form.elements.document;
  input.removeAttribute("required");
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) add([...event.clipboardData.files]);
  });
  takeDrops();
  list.addEventListener("click", answer);
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      const does = event.target.type === "password" ? "unlock" : "send";
      event.target.closest(".file").querySelector(`[data-does="${does}"]`)?.click();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) sendAll();
  });
  document.addEventListener("click", changeMetadata);
  for (const row of [...document.querySelectorAll(".metadata-row")].slice(1)) {
    if (isBlank(row)) row.remove();
  }
  window.addEventListener("online", resume);
  window.addEventListener("beforeunload", (event) => {
    if (rows("ready", "sending", "waiting", "queued").length) event.preventDefault();
  });
  count();
}

// Adding

function takeDrops() {
  let depth = 0;
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const show = (dragging) => document.documentElement.classList.toggle("dragging", dragging);
  window.addEventListener("dragenter", (event) => {
    if (holdsFiles(event)) show((depth += 1) > 0);
  });
  window.addEventListener("dragleave", () => show((depth = Math.max(0, depth - 1)) > 0));
  window.addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", (event) => {
    show((depth = 0) > 0);
    if (!holdsFiles(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
}

function add(chosen) {
  for (const file of chosen) {
    const row = pattern.content.firstElementChild.cloneNode(true);
    row.querySelector(".file-name").textContent = file.name;
    row.querySelector(".file-name").title = file.name;
    row.querySelector(".file-size").textContent = size(file.size);
    const remove = row.querySelector(".file-remove");
    remove.setAttribute("aria-label", remove.getAttribute("aria-label").replace("{name}", file.name));
    list.append(row);
    files.set(row, { file, password: "", tries: 0, request: null });
    look(row, file);
  }
  count();
}

async function look(row, file) {
  const kind = file.size ? await kindOf(file) : "";
  row.querySelector(".file-pages").hidden = kind !== "pdf";
  if (!file.size) refuse(row, words.empty);
  else if (file.size > Number(page.dataset.limit)) refuse(row, words.size);
  else if (!["pdf", "png", "jpeg"].includes(kind)) refuse(row, words[kind] ?? words.type);
  else say(row, "ready", words.ready);
}

// Answers of a person

function answer(event) {
  const button = event.target.closest("[data-does]");
  if (!button) return;
  const row = button.closest(".file");
  const held = files.get(row);
  switch (button.dataset.does) {
    case "remove":
      held?.request?.abort();
      focusBeside(row);
      files.delete(row);
      row.remove();
      count();
      break;
    case "unlock":
      if (held) held.password = row.querySelector(".file-unlock input").value;
    // falls through: unlocking is sending once more
    case "send":
      if (held) queue(row);
  }
}

function focusBeside(row) {
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  (neighbour?.querySelector(".file-remove") ?? form.elements.document).focus();
}

function changeMetadata(event) {
  const adds = event.target.closest("[data-adds]");
  const row = event.target.closest("[data-removes]")?.closest(".metadata-row");
  const all = [...document.querySelectorAll(".metadata-row")];
  if (row) {
    if (all.length > 1) row.remove();
    for (const input of row.querySelectorAll("input")) input.value = "";
  } else if (adds && all.length < Number(adds.parentElement.dataset.most)) {
    const fresh = all.at(-1).cloneNode(true);
    for (const input of fresh.querySelectorAll("input")) {
      input.value = "";
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, all.length + 1));
    }
    adds.before(fresh);
    fresh.querySelector("input").focus();
  }
}

function isBlank(row) {
  return [...row.querySelectorAll("input")].every((input) => !input.value);
}

// Sending

function sendAll() {
  for (const row of rows("ready")) queue(row);
}

function queue(row) {
  say(row, "queued", "…");
  next();
}

function next() {
  while (rows("sending").length < AT_ONCE) {
    const [row] = rows("queued");
    if (!row) break;
    send(row);
  }
  count();
}

function send(row) {
  const held = files.get(row);
  const request = new XMLHttpRequest();
  held.request = request;
  request.open("POST", page.dataset.url);
  request.setRequestHeader("HX-Request", "true");
  request.timeout = PATIENCE;
  const progress = row.querySelector(".file-progress");
  let percent = 0;
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    percent = Math.round((100 * event.loaded) / event.total);
    if (progress) progress.value = percent;
    tell(row, percent < 100 ? `${size(event.loaded)} / ${size(event.total)}` : words.receiving);
  });
  request.addEventListener("load", () => answered(row, request));
  request.addEventListener("error", () => later(row, words.cut.replace("%(percent)s", percent)));
  request.addEventListener("timeout", () => later(row, words.slow));
  if (progress) progress.hidden = false;
  say(row, "sending", "…");
  request.send(filled(row, held));
}

function filled(row, held) {
  const data = new FormData(form);
  data.delete("document");
  data.set("document", held.file, held.file.name);
  data.set("password", held.password);
  for (const end of ["start", "end"]) {
    const input = row.querySelector(`[data-page="${end}"]`);
    data.set(`pdf_page_${end}`, input ? input.value : (held.pages?.[end] ?? ""));
  }
  return data;
}

function answered(row, request) {
  if (request.status === 200) replace(row, request.responseText);
  else if (request.status === 413) refuse(row, words.proxy);
  else if (request.status === 403) ready(row, words.signed_out);
  else ready(row, words.server_error);
  next();
}

// The answer is the same row as the page without a script shows it.
function replace(row, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".file");
  if (!fresh) return ready(row, words.server_error);
  const held = files.get(row);
  files.delete(row);
  if (fresh.dataset.state === "taken") {
    row.remove();
    return showSent();
  }
  held.request = null;
  held.pages = {};
  for (const end of ["start", "end"]) {
    held.pages[end] = row.querySelector(`[data-page="${end}"]`)?.value ?? "";
    const input = fresh.querySelector(`[data-page="${end}"]`);
    if (input) input.value = held.pages[end];
  }
  fresh.querySelector(".file-size").textContent = size(held.file.size);
  row.replaceWith(fresh);
  files.set(fresh, held);
  if (fresh.dataset.state === "locked") fresh.querySelector(".file-unlock input").focus();
}

// A broken connection is tried again by itself; the same file from the same page makes no second document.
function later(row, sentence) {
  const held = files.get(row);
  if (!held) return;
  const pause = PAUSES[Math.min(held.tries, PAUSES.length - 1)];
  held.tries += 1;
  held.timer = setTimeout(() => row.dataset.state === "waiting" && queue(row), pause * 1000);
  say(row, "waiting", sentence);
  next();
}

function resume() {
  for (const row of rows("waiting")) {
    clearTimeout(files.get(row)?.timer);
    queue(row);
  }
}

function showSent() {
  const sent = document.getElementById("sent");
  const batch = form.elements.batch.value;
  const url = `${page.dataset.url}?sent=${batch}`;
  history.replaceState(null, "", url);
  htmx.ajax("GET", url, { source: sent, target: sent, swap: "outerHTML" });
}

// Telling

function rows(...states) {
  return [...list.children].filter((row) => states.includes(row.dataset.state));
}

function say(row, state, sentence) {
  row.dataset.state = state;
  tell(row, sentence);
  count();
}

function tell(row, sentence) {
  const word = row.querySelector(".file-word") ?? row.querySelector(".file-story");
  word.textContent = sentence;
}

function ready(row, sentence) {
  const progress = row.querySelector(".file-progress");
  if (progress) progress.hidden = true;
  say(row, "ready", sentence);
}

function refuse(row, sentence) {
  const story = row.querySelector(".file-story");
  const strong = document.createElement("strong");
  strong.textContent = words.not_sent;
  story.replaceChildren(strong, ` ${sentence}`);
  story.setAttribute("role", "alert");
  row.querySelector(".file-answers").replaceChildren();
  row.querySelector(".file-icon use").setAttribute("href", icon("ban"));
  row.dataset.state = "refused";
  count();
}

function icon(name) {
  const [sprite] = pattern.content.querySelector(".file-icon use").getAttribute("href").split("#");
  return `${sprite}#${name}`;
}

function count() {
  const told = document.getElementById("upload-count-words").dataset;
  const sending = rows("queued", "sending", "waiting").length;
  const ready = rows("ready").length;
  const parts = [
    [told.ready, ready],
    [told.sending, sending],
    [told.asking, rows("locked", "known").length],
    [told.refused, rows("refused").length],
  ];
  const line = parts.filter(([, number]) => number).map(([text, number]) => text.replace("{n}", number));
  const counts = document.getElementById("upload-counts");
  if (counts.textContent !== line.join(" · ")) counts.textContent = line.join(" · ");
  const word = document.getElementById("upload-button-word");
  const { none, one, many } = word.dataset;
  word.textContent = ready === 0 ? none : ready === 1 ? one : many.replace("{n}", ready);
  document.getElementById("upload-button").disabled = ready === 0;
}

function size(bytes) {
  const megabytes = bytes >= 1e6;
  const number = bytes / (megabytes ? 1e6 : 1e3);
  const shape = {
    style: "unit",
    unit: megabytes ? "megabyte" : "kilobyte",
    maximumFractionDigits: number < 10 ? 1 : 0,
  };
  return new Intl.NumberFormat(document.documentElement.lang, shape).format(number);
}
