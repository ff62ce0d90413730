// Offers to restore unsent text, above the fields. Nothing is restored without a click.

const region = document.getElementById("kept");
const list = document.createElement("ul");
region?.append(list);

// `use` is omitted where the text no longer has a field.
export function offer({ label, text, now = "" }, { use, discard }) {
  if (!region) return null;
  const item = document.getElementById("kept-pattern").content.firstElementChild.cloneNode(true);
  const words = item.querySelector(".banner-text");
  const { typed, since } = words.dataset;
  const fill = (pattern) => pattern.replace(/\{(\w+)\}/g, (whole, name) => ({ label, text, now })[name] ?? whole);
  words.textContent = now ? `${fill(typed)} ${fill(since)}` : fill(typed);
  const button = item.querySelector("[data-kept-use]");
  button.hidden = !use;
  button.addEventListener("click", () => {
    close();
    use();
  });
  item.querySelector("[data-kept-discard]").addEventListener("click", () => {
    close();
    discard();
  });
  list.append(item);
  region.hidden = false;

  function close() {
    item.remove();
    region.hidden = !region.querySelector("li");
  }

  return close;
}
