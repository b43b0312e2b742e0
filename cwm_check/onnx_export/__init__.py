"""Weights of a language model in, an ONNX graph out."""
