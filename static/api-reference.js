// The page of the API: searches the operations, copies examples, and marks in the list what is being read.

import { copyText } from "./clipboard.js";

const operations = new Map();
for (const article of document.querySelectorAll("article[data-operation]")) {
  const entry = document.querySelector(`li[data-operation="${article.dataset.operation}"]`);
  operations.set(article, { entry, link: entry.querySelector("a"), words: article.dataset.words });
}

const box = document.querySelector("[data-reference-search]");
const input = box.querySelector("input");
const none = document.querySelector("[data-none]");

function search() {
  const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const [article, { entry, words }] of operations) {
    const fits = wanted.every((word) => words.includes(word));
    article.hidden = entry.hidden = !fits;
    found += fits;
  }
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-operation]:not([hidden])");
  }
  none.textContent = found ? "" : none.dataset.none;
}

// On a phone the list would stand between the reader and the first operation.
const list = document.querySelector(".reference-list");
const phone = window.matchMedia("(max-width: 899px)");
const fold = () => {
  list.open = !phone.matches;
};
phone.addEventListener("change", fold);
fold();
list.addEventListener("click", (event) => {
  if (event.target.closest("a")) fold();
});

box.hidden = false;
input.addEventListener("input", search);
input.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !input.value) return;
  event.preventDefault();
  input.value = "";
  search();
});
search(); // browsers keep what was typed across a reload

// A link to an operation that the search hides shows everything again.
window.addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("[hidden]")) return;
  input.value = "";
  search();
  target.scrollIntoView();
});

const seen = new Set();
const observer = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) seen[entry.isIntersecting ? "add" : "delete"](entry.target);
    const first = [...operations.keys()].find((article) => seen.has(article));
    for (const [article, { link }] of operations) {
      if (article === first) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  },
  { rootMargin: "-60px 0px -50% 0px" },
);
for (const article of operations.keys()) observer.observe(article);

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copyText(document.getElementById(button.dataset.copies).textContent);
    button.querySelector("span").textContent = button.dataset.copied;
  });
}
