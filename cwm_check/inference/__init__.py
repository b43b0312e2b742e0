"""Tokens in, tokens out: decoding by ONNX Runtime."""
