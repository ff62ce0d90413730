// The current options of the form: what is sent along with a file.

import { form } from "./rows.js";

export function options() {
  const data = new FormData(form);
  data.delete("document");
  data.delete("password");
  return data;
}
