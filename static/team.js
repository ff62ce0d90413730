// The team page: shows "Save" beside a changed role, and copies invitation links.

import { copyText } from "./clipboard.js";

for (const form of document.querySelectorAll(".role-form")) {
  const select = form.querySelector("select");
  const before = select.value;
  const show = () => form.classList.toggle("unchanged", select.value === before);
  select.addEventListener("change", show);
  show();
}

for (const button of document.querySelectorAll("[data-copies-value]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copiesValue);
    field.select();
    await copyText(field.value);
    button.querySelector("span").textContent = button.dataset.copied;
  });
}

document.querySelector("[data-made] input")?.select();
