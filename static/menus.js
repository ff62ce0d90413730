// Menus are <details>: close them on Escape and on a click elsewhere. The navigation of small screens is a link to its
// own place, which :target opens; here it becomes a button.

function close(menu) {
  menu.open = false;
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) close(menu);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    close(menu);
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

for (const opener of document.querySelectorAll("[data-opens]")) {
  const target = document.getElementById(opener.dataset.opens);
  if (!target) continue;
  const show = (open) => {
    target.classList.toggle("open", open);
    opener.setAttribute("aria-expanded", String(open));
  };
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-controls", target.id);
  show(false);
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    show(!target.classList.contains("open"));
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      opener.click();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && target.classList.contains("open")) {
      show(false);
      opener.focus();
    }
  });
}
