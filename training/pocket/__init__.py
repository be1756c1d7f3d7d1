"""The pocket model: synthetic data, a small Llama in PyTorch, LoRA, and the writer of the GGUF adapter."""
