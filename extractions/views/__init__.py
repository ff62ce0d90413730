"""Request in, response out: gate, form, one verb, render."""
