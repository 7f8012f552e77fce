"""Pretraining of Foresplit's forecasting model: synthetic series, training, export to ONNX."""
