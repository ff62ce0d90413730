"""What pages say and how: sentences, badges, fields, steps, lists. Knows no request, writes no rows."""
