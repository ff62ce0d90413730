// The schema editor. The server turns the form into JSON and back; here its answers are put in place while a person
// types. Without this script every button submits the page.

const form = document.getElementById("schema-form");
const PAUSE = 400; // milliseconds without typing before the schema is checked
const MOST_STEPS = 100;
const steps = [];
let typed = 0;
let waiting;
let dirty = false;
let dragged = "";

const part = (id, root = document) => root.querySelector(`#${id}`);
const json = () => part("schema-json");
const text = (area) => area.value.replaceAll("\r\n", "\n");

/** Submit the form as it is, and put the answer in place. `kept` names the side that is being typed into. */
async function check(action, kept = "") {
  clearTimeout(waiting);
  const asked = typed;
  const body = new URLSearchParams(new FormData(form));
  body.append("do", action);
  let answer;
  // What a button does must not be lost because somebody types on before the answer is here.
  part("schema-fields").inert = Boolean(action);
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!response.ok) throw new Error(String(response.status));
    answer = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    say(form.dataset.sentence);
    return;
  } finally {
    part("schema-fields").inert = false;
  }
  if (asked !== typed) return; // typed on meanwhile: the next answer is on its way
  place(answer, kept);
  if (action) moveFocus(part("schema-editor", answer).dataset.focus, action);
}

function place(answer, kept) {
  const problem = "problem" in part("schema-editor", answer).dataset;
  for (const id of ["schema-findings", "schema-preview"]) swap(id, answer);
  if (problem) return;
  if (kept !== "form") swap("schema-fields", answer);
  if (kept !== "json") json().value = part("schema-json", answer).value;
  part("schema-json-was").value = part("schema-json-was", answer).value;
  form.elements.edited.value = "";
  remember(text(part("schema-json", answer)));
}

function swap(id, answer) {
  part(id).replaceChildren(...part(id, answer).childNodes);
}

function say(sentence) {
  const line = document.createElement("p");
  line.className = "finding finding-blocks";
  line.textContent = sentence;
  part("schema-findings").querySelector("[role=status]").prepend(line);
}

/** After a button the focus goes on with the row that it was about. */
function moveFocus(at, action) {
  const row = at && document.getElementById(`row-${at}`);
  if (!row) return;
  const [word] = action.split(":");
  const button = row.querySelector(`button[value="${word}:${at}"]:not([aria-disabled])`);
  const name = row.querySelector("input[name^=name-]");
  if (word === "up" || word === "down") (button ?? name).focus();
  else if (word === "add" || word === "copy") name.select();
  else name.focus();
  row.scrollIntoView({ block: "nearest" });
}

function remember(written) {
  if (steps.at(-1) !== written) steps.push(written);
  if (steps.length > MOST_STEPS) steps.shift();
  form.querySelector("[data-undo]").hidden = steps.length < 2;
}

function undo() {
  if (steps.length < 2) return;
  steps.pop();
  json().value = steps.at(-1);
  touch("json");
  check("json");
}

function touch(side) {
  typed += 1;
  dirty = true;
  form.elements.edited.value = side;
}

/** A choice always has an empty row for one more value. */
function addChoice(box) {
  const last = box.lastElementChild;
  if (![...last.querySelectorAll("input")].some((input) => input.value)) return;
  const more = last.cloneNode(true);
  for (const input of more.querySelectorAll("input")) input.value = "";
  box.append(more);
}

form.addEventListener("input", (event) => {
  if (event.target.closest(".schema-about")) {
    dirty = true;
    return;
  }
  const side = event.target === json() ? "json" : "form";
  const choices = event.target.closest(".schema-choices");
  if (choices) addChoice(choices);
  touch(side);
  clearTimeout(waiting);
  waiting = setTimeout(() => check("", side), PAUSE);
});

form.addEventListener("change", (event) => {
  if (event.target.matches("[data-kind]")) check("");
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  if (event.target.closest("[data-undo]")) undo();
  if (!button) return;
  if (["save", "publish", "try"].includes(button.value)) {
    dirty = false;
    return;
  }
  event.preventDefault();
  if (button.getAttribute("aria-disabled") === "true") return;
  const side = button.value === "json" || button.value === "form" ? button.value : form.elements.edited.value || "form";
  touch(side);
  check(button.value);
});

window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

// Dragging a row by its handle. Into the upper half of another one: before it; the lower half: behind it, or into it.
function target(event) {
  if (event.target.closest("[data-drop-end]")) {
    const count = form.querySelectorAll(".indent-0.schema-row").length;
    return { box: form.querySelector("[data-drop-end]"), at: String(count) };
  }
  const row = event.target.closest(".schema-row");
  if (!row) return null;
  const place = row.getBoundingClientRect();
  const at = row.dataset.at;
  if (event.clientY < place.top + place.height / 2) return { box: row, at, side: "before" };
  if (row.classList.contains("schema-row-group")) return { box: row, at: `${at}.0`, side: "after" };
  const numbers = at.split(".");
  return { box: row, at: [...numbers.slice(0, -1), Number(numbers.at(-1)) + 1].join("."), side: "after" };
}

function unmark() {
  for (const row of form.querySelectorAll("[data-drop]")) delete row.dataset.drop;
}

form.addEventListener("pointerdown", (event) => {
  const row = event.target.closest("[data-handle]")?.closest(".schema-row");
  if (row) row.draggable = true;
});

form.addEventListener("pointerup", (event) => {
  event.target.closest(".schema-row")?.removeAttribute("draggable");
});

form.addEventListener("dragstart", (event) => {
  const row = event.target.closest?.(".schema-row");
  if (!row?.draggable) return;
  dragged = row.dataset.at;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", row.querySelector("input[name^=name-]").value);
});

form.addEventListener("dragover", (event) => {
  const over = dragged && target(event);
  unmark();
  if (!over || over.at === dragged || over.at.startsWith(`${dragged}.`)) return;
  event.preventDefault();
  over.box.dataset.drop = over.side ?? "before";
});

form.addEventListener("drop", (event) => {
  const over = dragged && target(event);
  if (!over) return;
  event.preventDefault();
  touch("form");
  check(`move:${dragged}:${over.at}`);
});

form.addEventListener("dragend", () => {
  for (const row of form.querySelectorAll("[draggable]")) row.removeAttribute("draggable");
  dragged = "";
  unmark();
});

document.addEventListener("keydown", (event) => {
  const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (!undoes || event.target.matches("input, textarea, select")) return;
  event.preventDefault();
  undo();
});

remember(text(json()));
