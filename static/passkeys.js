// Says in words why no passkey was given; allauth's scripts only report the exception.
const box = document.getElementById("passkey-trouble");

const reasons = {
  NotAllowedError: "refused",
  AbortError: "refused",
  InvalidStateError: "known",
  SecurityError: "insecure",
};

function reasonOf(exception) {
  return window.PublicKeyCredential ? (reasons[exception?.name] ?? "other") : "insecure";
}

document.addEventListener("allauth.error", (event) => {
  if (!box) return;
  event.preventDefault();
  box.querySelector("[data-words]").textContent = box.dataset[reasonOf(event.detail.exception)];
  box.hidden = false;
});
