"""How large a model is."""

from __future__ import annotations

from torch import nn

from massive_kit.systems.kind import Facts


def parameter_facts(model: nn.Module) -> Facts:
    """Parameters of a model, each counted once: all, those trained, those without embeddings."""
    embeddings = {
        id(parameter)
        for module in model.modules()
        if isinstance(module, nn.Embedding)
        for parameter in module.parameters()
    }
    parameters = list(model.parameters())
    return {
        "parameters": sum(p.numel() for p in parameters),
        "parameters_without_embeddings": sum(
            p.numel() for p in parameters if id(p) not in embeddings
        ),
        "trained_parameters": sum(p.numel() for p in parameters if p.requires_grad),
    }


def linear_shapes(model: nn.Module) -> list[tuple[int, int]]:
    """Inputs and outputs of each linear layer, in order."""
    return [
        (module.in_features, module.out_features)
        for module in model.modules()
        if isinstance(module, nn.Linear)
    ]
