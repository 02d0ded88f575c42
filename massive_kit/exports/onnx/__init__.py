"""A trained encoder as an ONNX graph: written, made smaller, and compared with its run."""
