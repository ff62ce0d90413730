// On a phone the options fold into one line once something is chosen.

import { form } from "./rows.js";

const line = document.getElementById("upload-chosen");

export function watchChosen() {
  line.querySelector("button").addEventListener("click", () => {
    form.classList.remove("options-folded");
    (form.elements.preset ?? form.elements.schema).focus();
  });
  form.addEventListener("change", showChosen);
  showChosen();
  const wrong = form.querySelector(".errorlist, [aria-invalid=true], .upload-notice");
  form.classList.toggle("options-folded", Boolean(form.elements.schema.value || form.elements.preset?.value) && !wrong);
}

function showChosen() {
  const word = (name) => form.elements[name]?.selectedOptions?.[0]?.label.trim() ?? "";
  const known = (name) => (form.elements[name]?.value ? word(name) : "");
  const server = [...form.querySelectorAll("[data-server]")].find((note) => note.dataset.server === word("server"));
  const usual = server?.dataset.usual ? line.dataset.usually.replace("{usual}", server.dataset.usual) : "";
  const strong = document.createElement("strong");
  const [first, ...rest] = [known("preset"), word("schema"), known("classifier")].filter(Boolean);
  strong.textContent = first;
  line.querySelector(".upload-chosen-what").replaceChildren(strong, rest.map((part) => ` · ${part}`).join(""));
  const where = [known("team"), word("server") + usual].filter(Boolean);
  line.querySelector(".upload-chosen-where").textContent = where.join(" · ");
}
