// Enter confirms a row, or saves what was typed, and goes on; Esc puts back what stood there, then goes back a row.
// A row is saved behind the back of the one that is being looked at; what was not saved says so and keeps its text.

const rows = [...document.querySelectorAll("[data-column] [data-row]")];
const count = document.querySelector("[data-count]");
const done = new Set();
const waiting = new Set();

document.querySelector("[data-column]")?.classList.add("column-scripted");

for (const row of rows) {
  const input = row.elements.text;
  input.addEventListener("focus", () => input.select());
  input.addEventListener("keydown", (event) => pressed(event, row, input));
  row.addEventListener("submit", (event) => {
    event.preventDefault();
    save(row);
    goOn(row);
  });
}

for (const choice of document.querySelectorAll("[data-column-choice] select")) {
  choice.addEventListener("change", () => {
    // Another schema has other fields.
    if (choice.name === "schema") choice.form.elements.field.disabled = true;
    choice.form.requestSubmit();
  });
}

function pressed(event, row, input) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = rows.indexOf(row);
  if (event.key === "Escape") {
    event.preventDefault();
    if (input.value !== input.dataset.before) {
      input.value = input.dataset.before;
      input.select();
    } else goTo(at - 1);
  }
  const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (way) {
    event.preventDefault();
    goTo(at + way);
  }
}

function goTo(at) {
  const row = rows[at];
  if (!row) return;
  row.elements.text.focus({ preventScroll: true });
  row.parentElement.scrollIntoView({ block: "nearest" });
}

function goOn(row) {
  const at = rows.indexOf(row);
  const open = (one) => !done.has(one) && !waiting.has(one);
  const next = rows.slice(at + 1).find(open) ?? rows.find(open);
  if (next) goTo(rows.indexOf(next));
}

async function save(row) {
  if (waiting.has(row)) return;
  const input = row.elements.text;
  const text = input.value;
  waiting.add(row);
  say(row, row.dataset.saving);
  const deed = text === input.dataset.before ? "confirm" : "set";
  const asked = { do: deed, path: row.elements.path.value, text, version: Number(row.elements.version.value) };
  const answer = await fetch(row.dataset.address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": row.elements.csrfmiddlewaretoken.value },
    body: JSON.stringify(asked),
  }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  waiting.delete(row);
  if (answer?.ok && told?.entries) saved(row, told.entries[asked.path], text);
  else refused(row, told);
}

function saved(row, entry, text) {
  const input = row.elements.text;
  row.elements.version.value = entry.version;
  input.dataset.before = entry.text;
  if (input.value === text) input.value = entry.text;
  row.querySelector("[data-said]").classList.remove("refused");
  row.querySelector("[data-said]").innerHTML = entry.badge;
  input.removeAttribute("aria-invalid");
  row.parentElement.classList.remove("column-row-need", "column-row-broke");
  if (entry.mark === "broke") row.parentElement.classList.add("column-row-broke");
  row.parentElement.classList.add("column-row-done");
  done.add(row);
  count.textContent = count.dataset.words.replace("{n}", done.size);
  const last = document.querySelector("[data-done]");
  if (done.size === rows.length && last.hidden) {
    last.hidden = false;
    last.querySelector("a").focus();
  }
}

function refused(row, told) {
  const clash = told?.clash;
  if (clash) {
    row.elements.version.value = clash.version;
    row.elements.text.dataset.before = clash.theirs;
  }
  const words = clash
    ? row.dataset.clash.replace("{who}", clash.who).replace("{theirs}", clash.theirs)
    : (told?.error ?? told?.closed ?? row.dataset.lost);
  say(row, words);
  row.querySelector("[data-said]").classList.add("refused");
  row.elements.text.setAttribute("aria-invalid", "true");
  done.delete(row);
  // Back to where something is still to be answered, as soon as nothing else is being typed.
  if (rows.every((one) => done.has(one) || one === row || waiting.has(one))) goTo(rows.indexOf(row));
}

function say(row, words) {
  const said = row.querySelector("[data-said]");
  said.textContent = words;
}
