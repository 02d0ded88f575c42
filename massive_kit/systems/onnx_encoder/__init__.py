"""A trained encoder as an ONNX graph, which predicts without PyTorch."""
