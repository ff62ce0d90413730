// A row for each file, and how many there are of each state. Rows are told apart by their state alone; what is known of
// the file behind one lies in `held`.

export const page = document.getElementById("upload");
export const form = document.getElementById("upload-form");
export const list = document.getElementById("files");
export const words = JSON.parse(document.getElementById("upload-words").textContent);
const pattern = document.getElementById("file-row");
const ASKING = ["locked", "known", "asks", "stopped", "refused"];
const MANY = 14; // rows from which on the list scrolls in itself, so that the button stays in sight

const HELP = { retry: "[data-does=retry]", sign_in: "[data-signs-in]" };
const BYTES = { style: "unit", unit: "byte", unitDisplay: "long" };

const held = new WeakMap(); // row -> {file, files, key, password, tries, request, go, again}
const places = new Map(); // state -> rows, in the order in which they came into it
const listeners = new Set();
let waiting = false;

export const of = (row) => held.get(row);
export const rowsIn = (...states) => states.flatMap((state) => [...(places.get(state) ?? [])]);
export const many = (...states) => states.reduce((sum, state) => sum + (places.get(state)?.size ?? 0), 0);
export const byKey = (key) => list.querySelector(`[data-draft="${key}"]`);

// Called once after any number of changes, so that five hundred files are counted once.
export function whenChanged(listener) {
  listeners.add(listener);
}

function changed() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    list.classList.toggle("files-many", list.childElementCount > MANY);
    for (const listener of listeners) listener();
  });
}

export function adopt(row, facts) {
  held.set(row, { file: null, files: null, key: row.dataset.draft ?? newKey(), password: "", tries: 0, ...facts });
  put(row, row.dataset.state);
}

export function make(name, bytes, facts) {
  const row = pattern.content.firstElementChild.cloneNode(true);
  row.querySelector(".file-name").textContent = name;
  row.querySelector(".file-name").title = name;
  row.querySelector(".file-size").textContent = size(bytes);
  row.dataset.name = name;
  list.append(row);
  adopt(row, facts);
  label(row, "stop");
  return row;
}

export function put(row, state) {
  places.get(row.dataset.state)?.delete(row);
  row.dataset.state = state;
  if (!places.has(state)) places.set(state, new Set());
  places.get(state).add(row);
  if (ASKING.includes(state)) comeForward(row);
  changed();
}

// Among many, what needs somebody is found at the top.
function comeForward(row) {
  if (list.childElementCount <= MANY || row.contains(document.activeElement)) return;
  const first = [...list.children].find((other) => !ASKING.includes(other.dataset.state));
  if (first && first.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING) first.before(row);
}

export function drop(row) {
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  if (row.contains(document.activeElement)) {
    (beside?.querySelector(".file-remove") ?? form.elements.document).focus();
  }
  places.get(row.dataset.state)?.delete(row);
  row.remove();
  changed();
}

// The server's row takes the place of ours; what is open or focused in it stays so.
export function swap(row, fresh) {
  const facts = held.get(row);
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  const panel = row.querySelector("[data-panel]");
  places.get(row.dataset.state)?.delete(row);
  if (panel && fresh.dataset.draft) {
    fresh.append(panel);
    fresh.querySelector("[data-does=options]")?.setAttribute("aria-expanded", "true");
  }
  row.replaceWith(fresh);
  held.set(fresh, facts);
  put(fresh, fresh.dataset.state);
  if (panel?.contains(focused)) focused.focus();
  else if (focused) (again(fresh, focused) ?? fresh.querySelector(".file-remove")).focus();
  return fresh;
}

function again(row, element) {
  if (element.name) return row.querySelector(`:scope > .file-answers [name="${element.name}"]`);
  return element.dataset.does ? row.querySelector(`:scope [data-does="${element.dataset.does}"]`) : null;
}

export function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html").querySelector(".file");
}

export function tell(row, sentence) {
  const word = row.querySelector(".file-word");
  if (word) word.textContent = sentence;
}

export function say(row, state, sentence) {
  tell(row, sentence);
  put(row, state);
}

export function refuse(row, sentence) {
  const story = row.querySelector(".file-story");
  const strong = document.createElement("strong");
  strong.textContent = words.not_sent;
  story.replaceChildren(strong, ` ${sentence}`);
  story.setAttribute("role", "alert");
  row.querySelector(".file-answers").replaceChildren();
  draw(row, "ban");
  label(row, "remove");
  put(row, "refused");
}

export function draw(row, name) {
  const use = row.querySelector(".file-icon use");
  use?.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${name}`);
}

// What helps when a file does not get on. Rows of the server have no such buttons until sending fails.
export function offer(row, ...wanted) {
  for (const [name, find] of Object.entries(HELP)) {
    const there = row.querySelector(find);
    const button = there ?? pattern.content.querySelector(find).cloneNode(true);
    button.hidden = !wanted.includes(name);
    if (!there && !button.hidden) row.querySelector(".file-answers").prepend(button);
  }
}

// The cross stops what is on its way, and removes what lies here.
export function label(row, does) {
  const button = row.querySelector(".file-remove");
  button.setAttribute("aria-label", button.dataset[does].replace("{name}", row.dataset.name ?? ""));
}

// As portal/templatetags/portal.py writes it.
export function size(bytes) {
  if (bytes < 1000) return new Intl.NumberFormat(document.documentElement.lang, BYTES).format(bytes);
  const megabytes = bytes >= 1e6;
  const number = bytes / (megabytes ? 1e6 : 1e3);
  const shape = {
    style: "unit",
    unit: megabytes ? "megabyte" : "kilobyte",
    maximumFractionDigits: number < 10 ? 1 : 0,
  };
  return new Intl.NumberFormat(document.documentElement.lang, shape).format(number);
}

// crypto.randomUUID is missing where the page comes by plain http from another machine.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
