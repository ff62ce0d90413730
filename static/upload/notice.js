// An optional browser notification when all documents have finished.

import { awaited } from "../live.js";

let wanted = false;

export function watchSent() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("#tell-me");
    if (!button) return;
    wanted = (await Notification.requestPermission()) === "granted";
    if (wanted) awaited.add("sent");
    offer();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "sent") return;
    const words = document.getElementById("tell-me")?.dataset.done;
    const over = event.detail.xhr.status === 286;
    if (wanted && over && words && document.hidden)
      new Notification(document.title.split(" · ").pop(), { body: words });
  });
  document.addEventListener("htmx:afterSettle", offer);
  offer();
}

function offer() {
  const button = document.getElementById("tell-me");
  if (!button || !("Notification" in window) || Notification.permission === "denied") return;
  button.hidden = false;
  if (!wanted) return;
  button.disabled = true;
  button.textContent = button.dataset.asked;
}
