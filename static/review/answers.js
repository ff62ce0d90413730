// A person's answers to a field: its value, that it is correct, absent or illegible, where it stands. Each is queued for
// saving, and the focus moves to the next field that needs one.

import { emit, inputOf, pathOf } from "./elements.js";

export class Answers {
  constructor(fields, counters, saving) {
    this.fields = fields;
    this.counters = counters;
    this.saving = saving;
  }

  // `how`: "set" confirms, "leave" only saves.
  save(row, how, more = {}) {
    const { fields } = this;
    const input = inputOf(row);
    const path = pathOf(row);
    fields.saved.set(input, input.value);
    return this.saving.send({ do: how, path, text: input.value, version: fields.versionOf(path), ...more });
  }

  leave(row) {
    if (!this.fields.ended && this.fields.isDirty(row)) this.save(row, "leave");
  }

  confirmAndGoOn(row) {
    if (this.fields.ended) return;
    const next = this.fields.nextAsking(row);
    this.fields.setAsks(row, false);
    this.save(row, "set");
    this.counters.count();
    this.fields.moveOn(next);
  }

  answerAndGoOn(row, word) {
    const { fields } = this;
    if (fields.ended) return;
    const next = fields.nextAsking(row);
    const input = inputOf(row);
    const path = pathOf(row);
    if (word !== "revert") fields.setAsks(row, false);
    input.value = fields.saved.get(input);
    emit("value:restored", { input });
    this.saving.send({ do: word, path, version: fields.versionOf(path) });
    this.counters.count();
    fields.moveOn(word === "revert" ? row : next);
  }

  place(row, { page, boxes, text }) {
    const input = inputOf(row);
    const path = pathOf(row);
    if (text) {
      input.value = text;
      this.fields.saved.set(input, text);
    }
    this.saving.send({ do: "place", path, page, boxes, text, version: this.fields.versionOf(path) });
  }

  placeAndGoOn(row, place) {
    const next = this.fields.nextAsking(row);
    this.fields.setAsks(row, false);
    this.place(row, place);
    this.counters.count();
    this.fields.moveOn(next);
  }
}
