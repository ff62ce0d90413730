// Choices that were changed and not sent yet survive a reload, in the history entry of the page.

import { fill, pairsOf } from "./metadata.js";
import { form } from "./rows.js";

const NAMES = ["preset", "schema", "classifier", "server", "pdf_page_start", "pdf_page_end"];

export function keepChoices() {
  if (history.state?.choices) restore(history.state.choices);
  for (const kind of ["change", "input"]) form.addEventListener(kind, keep);
}

function keep() {
  const entries = NAMES.filter((name) => form.elements[name]).map((name) => [name, form.elements[name].value]);
  const choices = { ...Object.fromEntries(entries), metadata: pairsOf(document.getElementById("metadata")) };
  history.replaceState({ ...history.state, choices }, "");
}

function restore({ metadata, ...choices }) {
  for (const [name, value] of Object.entries(choices)) {
    const control = form.elements[name];
    // What is not offered any more is not chosen.
    const offered = control?.options ? [...control.options].some((option) => option.value === value) : control;
    if (offered) control.value = value;
  }
  fill(metadata);
}
