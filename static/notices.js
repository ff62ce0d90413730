// Following the link of a notice marks it as read, also when it opens in another tab.

const form = document.getElementById("read-notices");

document.addEventListener("click", follow);
document.addEventListener("auxclick", (event) => event.button === 1 && follow(event));

function follow(event) {
  const link = event.target.closest?.("[data-notice]");
  if (!link || !form) return;
  const body = new FormData(form);
  body.set("notice", link.dataset.notice);
  fetch(form.action, { method: "POST", body, headers: { "X-Part": "1" }, keepalive: true }).catch(() => {});
  delete link.dataset.notice;
  link.closest(".notice").classList.remove("notice-new");
  link.closest(".notice").querySelector(".notice-mark")?.remove();
}
