// Choosing a preset fills all fields; changing a field leaves the preset.

import { fill } from "./metadata.js";
import { form } from "./rows.js";

const NAMES = ["schema", "classifier", "server", "pdf_page_start", "pdf_page_end"];

export function watchPresets() {
  form.addEventListener("change", (event) => {
    if (event.target.name !== "preset") return;
    const option = event.target.selectedOptions[0];
    if (!option.dataset.options) return;
    const { metadata, ...options } = JSON.parse(option.dataset.options);
    for (const name of NAMES) form.elements[name].value = options[name] ?? "";
    fill(Object.entries(metadata));
  });
  form.addEventListener("input", (event) => {
    const select = form.elements.preset;
    if (!select) return;
    if (NAMES.includes(event.target.name) || event.target.closest(".metadata")) select.value = "";
  });
}
