"""Tokenizers with fewer subwords, which cut the text that these are from as it was cut before.

Subwords of one letter stay as well, so that other text is cut into smaller subwords rather than
being unknown. A unigram model or one of word pieces takes the best of the cuts that are left. One
of byte pairs keeps what its merges pass through, so that the same merges are made in the same
order.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from massive_kit.engine.tokenizers import backend_of
from massive_kit.errors import ConfigError, Problem

# Of a byte that no subword spells, where the model falls back on bytes: <0x00>.
_BYTE_LENGTH = 6


@dataclass(frozen=True, slots=True)
class TrimmedTokenizer:
    """A tokenizer, and which subwords of another it has.

    Attributes:
        tokenizer: The tokenizer.
        full_ids: Shape (subwords,), the other's id of each of its ids, ascending.
    """

    tokenizer: PreTrainedTokenizerFast
    full_ids: NDArray[np.int32]


def trimmed_tokenizer(
    tokenizer: Any, occurring: NDArray[np.int32], most: int | None = None
) -> TrimmedTokenizer:
    """A tokenizer of the subwords that occur, the special ones and those of one letter.

    Args:
        tokenizer: The whole one.
        occurring: Ids of subwords, the most frequent first.
        most: How many subwords there may be; where that is fewer, those that are left out are cut
            into smaller ones.

    Raises:
        ConfigError: It has more letters than that, or does not number its subwords in a way that
            can be kept.
    """
    state = json.loads(backend_of(tokenizer).to_str())
    model = state["model"]
    ids = _ids(model) | {token["content"]: token["id"] for token in state["added_tokens"]}
    names = {number: name for name, number in ids.items()}
    stays = {token["content"] for token in state["added_tokens"]}
    stays |= {name for name in ids if _is_letter(name, model)}
    stays |= {tokenizer.unk_token} & ids.keys()
    # Bodies tell padding by its id, so that it must keep it, and with it all below.
    stays |= {names[number] for number in range((tokenizer.pad_token_id or 0) + 1)}
    ways = _ways(model)
    stays |= _passed_through(stays, ways)
    if most is not None and len(stays) > most:
        what = f"model.vocabulary is {most:,}, and letters alone are {len(stays):,} subwords"
        raise ConfigError("the tokenizer does not fit the recipe", [Problem("recipe", what)])
    for number in occurring.tolist():
        if number not in names or names[number] in stays:
            continue
        more = _passed_through({names[number]}, ways) - stays
        if most is not None and len(stays) + len(more) > most:
            break
        stays |= more
    full_ids = np.array(sorted(ids[name] for name in stays), np.int32)
    new_ids = {number: place for place, number in enumerate(full_ids.tolist())}
    _rewrite(state, new_ids, stays)
    backend = Tokenizer.from_str(json.dumps(state, ensure_ascii=False))
    wanted = {name: new_ids[ids[name]] for name in stays}
    if backend.get_vocab(with_added_tokens=True) != wanted:
        problem = Problem(
            "recipe",
            "the tokenizer numbers its subwords in an order of its own, and cannot be trimmed",
            todo="-o model.vocabulary=whole",
        )
        raise ConfigError("the tokenizer does not fit the recipe", [problem])
    trimmed = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_max_length=tokenizer.model_max_length,
        padding_side=tokenizer.padding_side,
        **tokenizer.special_tokens_map,
    )
    return TrimmedTokenizer(trimmed, full_ids)


def _ids(model: Mapping[str, Any]) -> dict[str, int]:
    """The id of each subword of a model's own vocabulary."""
    if model["type"] == "Unigram":
        return {name: number for number, (name, _) in enumerate(model["vocab"])}
    return dict(model["vocab"])


def _is_letter(name: str, model: Mapping[str, Any]) -> bool:
    """Whether a subword is one letter or one byte, at whatever place in a word."""
    if len(name) == _BYTE_LENGTH and name.startswith("<0x") and name.endswith(">"):
        return True
    begins = model.get("continuing_subword_prefix") or ""
    ends = model.get("end_of_word_suffix") or ""
    return len(name.removeprefix(begins).removesuffix(ends)) == 1 or len(name) == 1


def _ways(model: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """For each subword the pairs that a merge makes it of; nothing where none are merged."""
    ways = defaultdict(list)
    prefix = model.get("continuing_subword_prefix") or ""
    for left, right in _merges(model) if model["type"] == "BPE" else ():
        ways[left + right.removeprefix(prefix)].append((left, right))
    return dict(ways)


def _passed_through(subwords: set[str], ways: Mapping[str, Sequence[tuple[str, str]]]) -> set[str]:
    """Some subwords, and all that merges may pass through on their way to them."""
    passed: set[str] = set()
    waiting = [*subwords]
    while waiting:
        subword = waiting.pop()
        if subword not in passed:
            passed.add(subword)
            waiting += [part for pair in ways.get(subword, ()) for part in pair]
    return passed


def _merges(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = (pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"])
    return [(left, right) for left, right in pairs]


def _rewrite(state: dict[str, Any], new_ids: Mapping[int, int], stays: set[str]) -> None:
    """Gives a tokenizer's state, in place, the subwords that stay, under their new ids."""
    state["truncation"] = state["padding"] = None
    model = state["model"]
    if model["type"] == "Unigram":
        model["vocab"] = [pair for number, pair in enumerate(model["vocab"]) if number in new_ids]
        if model.get("unk_id") is not None:
            model["unk_id"] = new_ids[model["unk_id"]]
    else:
        model["vocab"] = {
            name: new_ids[number] for name, number in model["vocab"].items() if name in stays
        }
    if model["type"] == "BPE":
        prefix = model.get("continuing_subword_prefix") or ""
        model["merges"] = [
            [left, right]
            for left, right in _merges(model)
            if {left, right, left + right.removeprefix(prefix)} <= stays
        ]
    for token in state["added_tokens"]:
        token["id"] = new_ids[token["id"]]
    state["added_tokens"].sort(key=lambda token: token["id"])
    _renumber(state.get("post_processor"), new_ids)


def _renumber(processor: Any, new_ids: Mapping[int, int]) -> None:
    """Writes new ids where what puts special subwords around a text names them."""
    if not isinstance(processor, dict):
        return
    for inner in processor.get("processors", ()):
        _renumber(inner, new_ids)
    for special in ("sep", "cls"):
        if special in processor:
            name, number = processor[special]
            processor[special] = [name, new_ids[number]]
    specials = processor.get("special_tokens")
    for special in specials.values() if isinstance(specials, dict) else ():
        special["ids"] = [new_ids[number] for number in special["ids"]]
