import assert from "node:assert/strict";
import { test } from "node:test";

import { matching, mentionAt } from "../../static/mentioning.js";

test("a mention begins at a word's beginning and ends at the cursor", () => {
  assert.deepEqual(mentionAt("Ask @Ma", 7), { start: 5, part: "Ma" });
  assert.deepEqual(mentionAt("@", 1), { start: 1, part: "" });
  assert.deepEqual(mentionAt("(@Marie Du", 10), { start: 2, part: "Marie Du" });
  assert.equal(mentionAt("marie@example", 13), null);
  assert.equal(mentionAt("@Marie said so yesterday", 24), null);
  assert.equal(mentionAt("nobody", 6), null);
});

test("names are found by any of their words, without accents or case", () => {
  const names = ["Bob Martin", "Marie Dupont", "Élodie Roux"];
  assert.deepEqual(matching(names, "mar"), ["Marie Dupont", "Bob Martin"]);
  assert.deepEqual(matching(names, "elo"), ["Élodie Roux"]);
  assert.deepEqual(matching(names, "x"), []);
  assert.equal(matching(names, "").length, 3);
});
