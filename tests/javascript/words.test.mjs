import assert from "node:assert/strict";
import { test } from "node:test";
import { following, inOrderOfWork } from "../../static/review/order.js";
import { lookAhead } from "../../static/review/lookahead.js";
import { linesOf, search } from "../../static/viewer-words.js";

// The words of one line.
const line = (text, y = 1) => text.split(" ").map((word, at) => [at, y, at + 0.8, y + 1, word]);
const texts = (hits) => hits.map(({ number, words }) => [number, words.map((word) => word[4]).join(" ")]);

test("words are found without case and accents, across the gaps between them", () => {
  const pages = { 1: line("Facture de l'Été dernier"), 2: line("dernier mot") };

  assert.deepEqual(texts(search(pages, ["1", "2"], "ete DERNIER")), [["1", "l'Été dernier"]]);
  assert.deepEqual(texts(search(pages, ["1", "2"], "dernier")), [
    ["1", "dernier"],
    ["2", "dernier"],
  ]);
});

test("a number is found that is printed with gaps", () => {
  assert.deepEqual(texts(search({ 1: line("Total 1 284,50 EUR") }, ["1"], "1284,50")), [["1", "1 284,50"]]);
  assert.deepEqual(search({ 1: line("Total") }, ["1"], "  "), []);
});

test("words at one height make one box", () => {
  const words = [...line("due by noon"), ...line("today", 3)];

  assert.deepEqual(linesOf(words), [
    [0, 1, 2.8, 2],
    [0, 3, 0.8, 4],
  ]);
});

test("what is being typed is completed from the nearest page, once each", () => {
  const pages = { 1: line("Acme Ltd. London"), 3: line("Acme GmbH Berlin") };

  const offered = (typed, near) => lookAhead(pages, typed, { near, most: 3 });

  assert.deepEqual(
    offered("acme", 3).map(({ text, page }) => [text, page]),
    [["Acme", 3]],
  );
  assert.deepEqual(
    offered("acme g", 1).map(({ text, page, boxes }) => [text, page, boxes.length]),
    [["Acme GmbH", 3, 2]],
  );
});

test("no more is offered than there is room for", () => {
  const pages = { 1: line("aa ab ac ad ae") };

  assert.equal(lookAhead(pages, "a", { near: 1, most: 2 }).length, 2);
});

const broken = (row) => row.startsWith("broken");

test("what is unsure comes before what breaks a rule", () => {
  assert.deepEqual(inOrderOfWork(["broken 1", "unsure 1", "unsure 2"], broken), ["unsure 1", "unsure 2", "broken 1"]);
});

test("the next row is of the same kind, then any, and after the last one the first", () => {
  const all = ["unsure 1", "broken 1", "sure", "unsure 2", "broken 2"];
  const asking = inOrderOfWork(
    all.filter((row) => row !== "sure"),
    broken,
  );
  const next = (row, step) => following(row, asking, all, broken, step);

  assert.equal(next(null), "unsure 1");
  assert.equal(next(null, -1), "broken 2");
  assert.equal(next("unsure 1"), "unsure 2");
  assert.equal(next("broken 1"), "broken 2");
  assert.equal(next("unsure 2"), "unsure 1");
  assert.equal(next("unsure 2", -1), "unsure 1");
  assert.equal(next("sure"), "unsure 2");
  assert.equal(following("sure", [], all, broken), null);
  assert.equal(following("broken 1", ["broken 1"], all, broken), null);
});
