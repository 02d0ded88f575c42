"""Commands that need optional packages name the extra that installs them."""

from __future__ import annotations

from importlib.util import find_spec

from massive_kit.errors import MissingExtraError

# What a package of each extra is imported as.
_MODULES = {
    "train": ("torch", "transformers", "tokenizers", "safetensors", "accelerate"),
    "llm": ("torch", "transformers", "peft", "gguf", "openai"),
    "deploy": ("onnxruntime", "tokenizers"),
    "export": ("torch", "transformers", "tokenizers", "onnx", "onnxruntime"),
    "feedback": ("scipy",),
    "figures": ("matplotlib",),
    "romanise": ("uroman",),
    "search": ("torch", "transformers", "ray", "optuna"),
}


def require_extra(extra: str, what: str) -> None:
    """Ends the command if the packages of an extra are not all installed.

    Args:
        extra: Its name; "" needs nothing.
        what: What needs it, for the message.

    Raises:
        MissingExtraError: One is missing.
    """
    if any(find_spec(module) is None for module in _MODULES.get(extra, ())):
        raise MissingExtraError(extra, what)
