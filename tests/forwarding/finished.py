"""What the service says of a document that it has read."""

from __future__ import annotations

import io

from PIL import Image

DATA = {"total": 12.5, "lines": [{"name": "Tea"}]}
DONE = {
    "status": "FINISHED",
    "extraction_step": "LOCATION",
    "content": "# Invoice",
    "extracted_data": DATA,
    "credit_used": 3,
    "extraction_time": 41.09,
    "classifier_result": "Invoice",
    "x_locations": {"total": [{"page": 1, "bbox": [0.1, 0.1, 0.2, 0.2]}]},
}


def picture() -> bytes:
    image = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(image, "JPEG")
    return image.getvalue()
