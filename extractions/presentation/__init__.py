"""What pages say and how: sentences, badges, fields, steps, lists. Reads rows, writes nothing, knows no request."""
