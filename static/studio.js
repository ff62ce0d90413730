// A team's schema: copies the JSON that is to be pasted at the service.

import { copyText } from "./clipboard.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  await copyText(document.getElementById(button.dataset.copies).value);
  const done = button.parentElement.querySelector("[data-copied]");
  if (done) done.hidden = false;
});
