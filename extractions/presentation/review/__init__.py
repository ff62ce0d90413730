"""The review screens: fields, reasons, shortcuts, queue, column review."""
