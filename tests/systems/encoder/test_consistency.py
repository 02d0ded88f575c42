"""An encoder learns that an utterance means the same in two cuts, if that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from massive_kit.data.task_data import TaskData
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.session import open_session
from massive_kit.errors import ConfigError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.dataset import encode_utterances
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.training import prepare
from massive_kit.systems.recipes import load_recipe, parse_recipe
from massive_kit.systems.subwords.placement import Placement
from massive_kit.systems.subwords.word_places import reached, word_places
from tests.stopped_runs import assert_it_goes_on


def consistent(
    recipe: Recipe, tokenizer: Path, settings: dict[str, Any] | None = None, **model: Any
) -> EncoderRecipe:
    values = recipe.model_dump(mode="json")
    values["objective"] |= {
        "auxiliary": {"consistency": 5.0},
        "auxiliary_settings": {"consistency": settings or {}},
    }
    values["model"] |= {"tokenizer": str(tokenizer)} | model
    values["training"] |= {"dev_rows": 10, "log_steps": 1}
    made = parse_recipe(values, "consistent")
    assert isinstance(made, EncoderRecipe)
    return made


def prepared(recipe: EncoderRecipe, task_data: TaskData, folder: Path) -> FitInputs:
    session = open_session(recipe.training, recipe.optimiser, RunFolder(folder).workspace)
    inputs = prepare(recipe, task_data, session).fit_inputs
    assert inputs is not None
    return inputs


def besides(inputs: FitInputs, batch: dict[str, Any]) -> float:
    """How much the loss of a batch is above that of its labels."""
    inputs.model.eval()
    with torch.no_grad():
        both = inputs.model(**batch).loss
        kept, inputs.model.soft_losses = inputs.model.soft_losses, None
        labels = inputs.model(**batch).loss
        inputs.model.soft_losses = kept
    return float(both - labels)


def test_words_are_found_in_a_batch_of_any_cut() -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    end = "</s>"
    backend = Tokenizer(models.Unigram([(end, 0.0), *((c, -1.0) for c in "abc")], unk_id=0))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    backend.post_processor = processors.TemplateProcessing(
        single=f"$A {end}", special_tokens=[(end, 0)]
    )
    data = encode_utterances(
        ["ab c abc", "a", "abc b"],
        [["ab", "c", "abc"], ["a"], ["abc", "b"]],
        PreTrainedTokenizerFast(tokenizer_object=backend, eos_token=end),
        placement=Placement.raw_text,
        max_length=4,
    )
    assert reached(data).tolist() == [True, True, False, True, True, False]
    assert word_places(data, np.array([1, 0])).tolist() == [0, 4, 6, 6]
    assert word_places(data, np.array([1])).tolist() == [0]


def test_words_beyond_the_limit_are_not_compared(
    recipes: dict[str, Recipe], task_data: TaskData, unigram_tokenizer: Path, tmp_path: Path
) -> None:
    recipe = consistent(recipes["encoder"], unigram_tokenizer, max_length=12)
    batches: Any = prepared(recipe, task_data, tmp_path).batches
    cuts = batches.others["consistency"]
    assert 0 < cuts.compared.sum() < len(cuts.compared)
    rows = np.arange(0, len(cuts), 5)
    batch = cuts.__getitems__(rows)
    assert batch["words"].shape[1] < sum(np.diff(cuts.first.token_offsets)[rows])
    assert batch["words"].amax() < batch["input_ids"].numel()
    for data, places in zip((cuts.first, cuts.again), batch["words"].numpy(), strict=True):
        # What is compared is text, never what closes or fills a row.
        padded = data.batch(rows)
        assert padded["text_mask"].numpy().ravel()[places].all()


def test_two_equal_cuts_are_no_distance_apart(
    recipes: dict[str, Recipe], task_data: TaskData, unigram_tokenizer: Path, tmp_path: Path
) -> None:
    rows = np.arange(20)
    best = consistent(recipes["encoder"], unigram_tokenizer, {"sampling": 1e-9})
    inputs = prepared(best, task_data, tmp_path)
    inputs.model.eval()
    assert besides(inputs, inputs.batches.__getitems__(rows)) == pytest.approx(0, abs=1e-5)
    inputs = prepared(consistent(recipes["encoder"], unigram_tokenizer), task_data, tmp_path)
    inputs.model.eval()
    batch = inputs.batches.__getitems__(rows)
    assert besides(inputs, batch) > 1e-4
    # It needs no label.
    batch["intent_labels"].fill_(-100)
    batch["slot_labels"].fill_(-100)
    assert inputs.model(**batch).loss.item() == pytest.approx(besides(inputs, batch), rel=1e-4)
    inputs.objective(inputs.model, batch).backward()
    assert all(p.grad is not None for p in inputs.model.parameters())
    plain = {name: value for name, value in batch.items() if "labels" not in name}
    assert inputs.model(**plain).loss is None


def test_it_draws_two_cuts_together(
    recipes: dict[str, Recipe], task_data: TaskData, unigram_tokenizer: Path, tmp_path: Path
) -> None:
    recipe = consistent(recipes["encoder"], unigram_tokenizer, {"sampling": 1.0})
    apart = {}
    for learnt in (False, True):
        inputs = prepared(recipe, task_data, tmp_path)
        soft, batch = inputs.model.soft_losses, inputs.batches.__getitems__(np.arange(20))
        inputs.model.soft_losses = soft if learnt else None
        optimiser = torch.optim.AdamW(inputs.model.parameters(), lr=3e-3)
        inputs.model.train()
        for _ in range(30):
            optimiser.zero_grad()
            inputs.model(**batch).loss.backward()
            optimiser.step()
        inputs.model.soft_losses = soft
        apart[learnt] = besides(inputs, batch)
    assert apart[True] < 0.5 * apart[False]


def test_each_pass_has_cuts_of_its_own(
    recipes: dict[str, Recipe], task_data: TaskData, unigram_tokenizer: Path, tmp_path: Path
) -> None:
    for smoothing in (0.0, 0.3):
        recipe = consistent(recipes["encoder"], unigram_tokenizer, subword_sampling=smoothing)
        inputs = prepared(recipe, task_data, tmp_path)
        assert inputs.copies == 2
        count = len(inputs.lengths) // 2
        first, second = (inputs.batches.__getitems__(np.arange(20) + start) for start in (0, count))
        assert torch.equal(first["input_ids"], second["input_ids"]) == (smoothing == 0)
        cuts = [batch["auxiliary"]["consistency"]["input_ids"] for batch in (first, second)]
        assert cuts[0].shape != cuts[1].shape or not torch.equal(*cuts)
        assert cuts[0].shape != first["input_ids"].shape or not torch.equal(
            cuts[0], first["input_ids"]
        )


def test_without_it_nothing_is_cut_twice(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = recipes["encoder"]
    assert isinstance(recipe, EncoderRecipe)
    inputs = prepared(recipe, task_data, tmp_path)
    assert inputs.copies == 1
    assert inputs.model.soft_losses is None
    assert "auxiliary" not in inputs.batches.__getitems__(np.arange(3))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("sampling=0", "sampling is 0; expected greater than 0"),
        ("sampling=2", "sampling is 2; expected less than or equal to 1"),
        ("alpha=0", "alpha is 0; expected greater than 0"),
        ("layer=3", "unknown key 'layer'"),
    ],
)
def test_wrong_settings_are_told(settings: str, sentence: str) -> None:
    overrides = [
        "model.tokenizer=unigram",
        "objective.auxiliary.consistency=5",
        f"objective.auxiliary_settings.consistency.{settings}",
    ]
    with pytest.raises(ConfigError) as caught:
        load_recipe("tiny", overrides)
    assert sentence in str(caught.value)


def test_a_tokenizer_that_is_still_to_be_trained_is_refused_before_that() -> None:
    overrides = ["objective.auxiliary.consistency=5", "model.subword_sampling=0.5"]
    with pytest.raises(ConfigError) as caught:
        load_recipe("tiny", overrides)
    told = "objective.auxiliary.consistency and model.subword_sampling with a BPE tokenizer"
    assert told in str(caught.value)


def test_a_tokenizer_whose_cuts_have_no_probabilities_is_refused(
    recipes: dict[str, Recipe], task_data: TaskData, small_encoder: Path, tmp_path: Path
) -> None:
    recipe = consistent(recipes["encoder"], small_encoder)
    with pytest.raises(ConfigError, match=r"objective.auxiliary.consistency with a BPE tokenizer"):
        train_run(recipe, task_data, tmp_path / "run")


@pytest.mark.slow
def test_a_run_that_goes_on_ends_as_an_unbroken_one(
    recipes: dict[str, Recipe], task_data: TaskData, unigram_tokenizer: Path, tmp_path: Path
) -> None:
    recipe = consistent(recipes["encoder"], unigram_tokenizer, {"sampling": 1.0})
    whole = train_run(recipe, task_data, tmp_path / "whole")
    assert_it_goes_on(recipe, task_data, whole, tmp_path / "stopped")
