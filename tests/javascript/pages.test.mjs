import assert from "node:assert/strict";
import { test } from "node:test";
import * as pages from "../../static/upload/pages/arrangement.js";

const plain = (...parts) => parts.map((part) => part.map((page) => [page, 0, 1]));
const numbers = (parts) => parts.map((part) => part.map(([page]) => page));
const THREE = plain([1, 2, 3]);

test("a cut makes two documents, a join makes one of them again", () => {
  const cut = pages.cutBefore(THREE, 2);

  assert.deepEqual(numbers(cut), [[1], [2, 3]]);
  assert.deepEqual(numbers(pages.joinBefore(cut, 1)), [[1, 2, 3]]);
  assert.equal(pages.cutBefore(cut, 2), cut);
  assert.equal(pages.joinBefore(cut, 0), cut);
  assert.deepEqual(numbers(THREE), [[1, 2, 3]]);
});

test("what is proposed is cut at once, and pages that show nothing are left out", () => {
  const cut = pages.cutAll(plain([1, 2, 3, 4]), { cuts: [2, 4], empty: [3] });

  assert.deepEqual(numbers(cut), [[1], [2, 3], [4]]);
  assert.deepEqual(pages.outcome(cut), { files: 3, out: 1, untouched: false });
  assert.deepEqual(pages.cutAll(cut, { cuts: [2, 4], empty: [3] }), cut);
});

test("pages move before or after others, several in their order, and empty documents go", () => {
  const parts = plain([1, 2], [3], [4, 5]);

  assert.deepEqual(numbers(pages.move(parts, new Set([4]), 1, false)), [[4, 1, 2], [3], [5]]);
  assert.deepEqual(numbers(pages.move(parts, new Set([3]), 2, true)), [
    [1, 2, 3],
    [4, 5],
  ]);
  assert.deepEqual(numbers(pages.move(parts, new Set([5, 1]), 3, true)), [[2], [3, 1, 5], [4]]);
  assert.equal(pages.move(parts, new Set([1, 2]), 2, true), parts);
});

test("one place earlier or later passes the border of a document on its own", () => {
  const parts = plain([1, 2], [3, 4]);

  assert.deepEqual(numbers(pages.nudge(parts, new Set([1]), true)), [
    [2, 1],
    [3, 4],
  ]);
  assert.deepEqual(numbers(pages.nudge(parts, new Set([2]), true)), [[1], [2, 3, 4]]);
  assert.deepEqual(numbers(pages.nudge(parts, new Set([3]), false)), [[1, 2, 3], [4]]);
  assert.equal(pages.nudge(parts, new Set([4]), true), parts);
  assert.equal(pages.nudge(parts, new Set([1]), false), parts);
});

test("what becomes of it counts documents and pages that are left out", () => {
  const turned = pages.rotate(THREE, new Set([2]), -90);
  const without = pages.keep(pages.cutBefore(THREE, 3), new Set([3]), false);

  assert.deepEqual(turned[0][1], [2, 270, 1]);
  assert.deepEqual(pages.outcome(THREE), { files: 1, out: 0, untouched: true });
  assert.deepEqual(pages.outcome(turned), { files: 1, out: 0, untouched: false });
  assert.deepEqual(pages.outcome(without), { files: 1, out: 1, untouched: false });
  assert.ok(pages.allKept(without, new Set([1, 2])));
  assert.ok(!pages.allKept(without, new Set([2, 3])));
});

test("pages are told as ranges", () => {
  assert.equal(pages.ranges([3, 4, 5, 9]), "3–5, 9");
  assert.equal(pages.ranges([5, 4]), "5, 4");
});

test("undo steps back and redo forth, until something else is done", () => {
  const history = pages.makeHistory();
  history.add("a");
  history.add("b");

  assert.equal(history.undo("c"), "b");
  assert.equal(history.undo("b"), "a");
  assert.equal(history.undo("a"), undefined);
  assert.equal(history.redo("a"), "b");
  history.add("b");
  assert.equal(history.redo("d"), undefined);
});
