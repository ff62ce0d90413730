// Photos to be combined into one document, in an order of choice.

import { doubtsAbout } from "./quality.js";
import { addBound, remove } from "./receiving.js";
import { of, rowsIn, whenChanged, words } from "./rows.js";

const bench = document.getElementById("photos");
const strip = bench?.querySelector("ol");
const pattern = document.getElementById("photo");
const files = new WeakMap(); // item -> file

export function startPhotos() {
  const offer = document.getElementById("photos-offer");
  const pictures = () => rowsIn("queued", "receiving", "ready").filter((row) => isPicture(row) && of(row).file);
  whenChanged(() => {
    offer.hidden = pictures().length < 2;
  });
  offer.querySelector("button").addEventListener("click", () => {
    const rows = pictures();
    addPhotos(rows.map((row) => of(row).file));
    for (const row of rows) remove(row);
  });
  strip.addEventListener("click", (event) => {
    const does = event.target.closest("[data-photo]")?.dataset.photo;
    if (does) move(event.target.closest("li"), does);
  });
  bench.querySelector("[data-bind]").addEventListener("click", bind);
  bench.querySelector("[data-discard]").addEventListener("click", clear);
}

const isPicture = (row) => ["png", "jpeg"].includes(of(row).kind) && !of(row).files;

export function addPhotos(some) {
  for (const file of some) {
    const item = pattern.content.firstElementChild.cloneNode(true);
    files.set(item, file);
    item.querySelector("img").src = URL.createObjectURL(file);
    strip.append(item);
    doubtsAbout(file).then((doubt) => {
      item.querySelector(".photo-doubt").textContent = doubt ? words[doubt] : "";
    });
  }
  number();
  bench.querySelector("[data-bind]").focus();
}

function move(item, does) {
  const button = item.querySelector(`[data-photo=${does}]`);
  if (does === "earlier") item.previousElementSibling?.before(item);
  else if (does === "later") item.nextElementSibling?.after(item);
  else {
    const beside = item.nextElementSibling ?? item.previousElementSibling;
    URL.revokeObjectURL(item.querySelector("img").src);
    item.remove();
    (beside?.querySelector("[data-photo=remove]") ?? document.getElementById("id_document")).focus();
  }
  number();
  if (does !== "remove") (button.disabled ? item.querySelector("[data-photo=remove]") : button).focus();
}

function number() {
  const items = [...strip.children];
  bench.hidden = !items.length;
  items.forEach((item, index) => {
    const name = words.photo.replace("%(number)s", index + 1);
    item.querySelector("img").alt = name;
    for (const button of item.querySelectorAll("button")) {
      button.setAttribute("aria-label", button.dataset.label.replace("{name}", name));
    }
    item.querySelector("[data-photo=earlier]").disabled = index === 0;
    item.querySelector("[data-photo=later]").disabled = index === items.length - 1;
    item.querySelector(".photo-number").textContent = index + 1;
  });
  const { one, many } = bench.querySelector("[data-bind]").dataset;
  bench.querySelector("[data-bind]").textContent = items.length === 1 ? one : many.replace("{n}", items.length);
}

function bind() {
  const chosen = [...strip.children].map((item) => files.get(item));
  const now = new Date();
  const two = (part) => String(part).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const name = `${words.photos} ${day} ${two(now.getHours())}.${two(now.getMinutes())}.pdf`;
  addBound(name, chosen);
  clear();
}

function clear() {
  for (const image of strip.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  strip.replaceChildren();
  number();
  document.getElementById("id_document").focus();
}
