"""Recognise printed text in the picture of a page, by PP-OCRv6 networks on ONNX Runtime."""
