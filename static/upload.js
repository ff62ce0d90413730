// The upload page: one row per file, inspected on drop and submitted in its own request, so that one bad file does not
// block the others. Without JavaScript the same form posts all files at once.

import { commandsAct } from "./surfaces.js";
import { whenSignedIn } from "./upload/asking.js";
import { keepChoices } from "./upload/choices.js";
import { watchChosen } from "./upload/chosen.js";
import { watchFolded } from "./upload/folded.js";
import { watchChoices } from "./upload/fresh.js";
import { takeDrops, takeEarly, takeFolders, takeFrom, takePastes } from "./upload/intake.js";
import { watchMetadata } from "./upload/metadata.js";
import { watchSent } from "./upload/notice.js";
import { lookSoon, watchOptions } from "./upload/outlook.js";
import { openPages } from "./upload/pages/editor.js";
import { toggle, watchPanels } from "./upload/panels.js";
import { addPhotos, startPhotos } from "./upload/photos.js";
import { watchPresets } from "./upload/presets.js";
import { add, goOn, queue, remove, resume, retry, whenReceived } from "./upload/receiving.js";
import { adopt, form, list, many, of, rowsIn, whenChanged } from "./upload/rows.js";
import { address, sendAll, toBeSent, want } from "./upload/sending.js";

document.documentElement.classList.add("scripted");
watchSent();
if (form) start();

function start() {
  const input = form.elements.document;
  input.removeAttribute("required");
  takeFrom(input, add);
  takeFolders(document.getElementById("folder"), add);
  takeFrom(document.getElementById("camera"), addPhotos);
  takePastes(add);
  takeDrops(add);
  startPhotos();
  watchMetadata();
  watchPresets();
  keepChoices();
  watchChosen();
  watchFolded();
  watchChoices();
  watchPanels();
  watchOptions();
  watchTeam();
  list.addEventListener("click", answer);
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".file-answers input")) return;
    event.preventDefault();
    if (event.target.type === "password") event.target.parentElement.querySelector("button").click();
    else event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formAction && event.submitter.hasAttribute("formaction")) return;
    event.preventDefault();
    sendAll();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat && commandsAct(event)) sendAll();
  });
  whenReceived(received);
  whenChanged(count);
  whenChanged(offerFolders);
  window.addEventListener("online", resume);
  whenSignedIn(() => {
    goOn(want);
    lookSoon();
  });
  window.addEventListener("beforeunload", (event) => {
    if (many("looking", "queued", "receiving", "waiting", "stopped", "wanted", "going")) event.preventDefault();
  });
  for (const row of list.children) adopt(row, {});
  if (list.childElementCount) lookSoon();
  takeEarly(form);
  count();
}

// A team with its own service has different schemas.
function watchTeam() {
  form.elements.team?.addEventListener?.("change", (event) => {
    if ("reload" in event.target.dataset)
      location.assign(`${address()}&team=${encodeURIComponent(event.target.value)}`);
  });
}

// Asked only where files came in folders.
function offerFolders() {
  const wish = document.getElementById("upload-folders");
  if (list.querySelector(".file-folder")) wish.hidden = false;
}

function received(row) {
  if (!row) return lookSoon();
  if (location.search !== new URL(address(), location).search) history.replaceState(history.state, "", address());
  const facts = of(row);
  if (facts.state === "ready" && facts.go) return want(row);
  if (facts.state === "locked" && (facts.go || facts.password)) row.querySelector(".file-unlock input").focus();
  facts.go = false;
  lookSoon();
}

function answer(event) {
  const button = event.target.closest("[data-does]");
  const row = button?.closest(".file");
  if (!row) return;
  switch (button.dataset.does) {
    case "remove":
      remove(row);
      return lookSoon();
    case "unlock":
      of(row).password = row.querySelector(".file-unlock input").value;
      return queue(row);
    case "retry":
      return row.dataset.draft ? want(row) : retry(row);
    case "again":
      of(row).again = true;
      return want(row);
    case "pages":
      return openPages(row);
    case "options":
      return toggle(row);
  }
}

function count() {
  const sentences = document.getElementById("upload-count-words").dataset;
  const due = toBeSent();
  const parts = [
    [sentences.ready, many("ready")],
    [sentences.receiving, rowsIn("looking", "queued", "receiving", "waiting").length],
    [sentences.sending, many("wanted", "going")],
    [sentences.asking, many("locked", "known", "asks", "stopped")],
    [sentences.refused, many("refused")],
  ];
  const line = parts.filter(([, number]) => number).map(([text, number]) => text.replace("{n}", number));
  const counts = document.getElementById("upload-counts");
  if (counts.textContent !== line.join(" · ")) counts.textContent = line.join(" · ");
  const word = document.getElementById("upload-button-word");
  const { none, one, many: several } = word.dataset;
  word.textContent = due === 0 ? none : due === 1 ? one : several.replace("{n}", due);
  document.getElementById("upload-button").disabled = due === 0;
}
