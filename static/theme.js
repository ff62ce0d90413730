// The theme is a cookie read by the server; this switches it without a reload.

const YEAR = 31536000;
// Where the portal begins: "/", or the path below which it is served.
const ROOT = new URL("..", import.meta.url).pathname;

for (const form of document.querySelectorAll("[data-theme-choice]")) {
  form.addEventListener("submit", (event) => {
    const theme = event.submitter?.value;
    if (!theme) return;
    event.preventDefault();
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${theme}; path=${ROOT}; max-age=${YEAR}; samesite=lax${secure}`;
    if (theme === "auto") delete document.documentElement.dataset.bsTheme;
    else document.documentElement.dataset.bsTheme = theme;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === theme));
    }
  });
}
