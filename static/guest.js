// The door of guests: posts the token, which stands behind the # so that no server and no log sees it in an address.

function comeIn() {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  const form = document.querySelector("[data-door]");
  form.querySelector("[name=token]").value = token;
  form.hidden = true;
  document.querySelector("[data-waits]").hidden = false;
  form.submit();
}

// A link that is pasted into the address bar of this very page loads nothing anew.
addEventListener("hashchange", comeIn);
comeIn();
