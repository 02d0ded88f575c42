"""What paths say of locale and partition, and what they do not say."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from massive_kit.data.intake.partition_names import canonical_partition
from massive_kit.data.intake.path_hints import PathHints, lacking, path_hints
from massive_kit.languages import LanguageTable


@pytest.mark.parametrize(
    ("path", "locale", "partition"),
    [
        ("en/train.tsv", "en", "train"),
        ("train_EN.tsv", "EN", "train"),
        ("de.test.conll", "de", "test"),
        ("de-st.valid.conll", "de-st", "dev"),
        ("atis/dev/seq.in", None, "dev"),
        ("data/hau/devel.jsonl", "hau", "dev"),
        ("nap.test.conll", "nap", "test"),
        ("de-x-muc.test.conll", "de-x-muc", "test"),
        ("it.test.conll", "it", "test"),
        ("train_no.tsv", "no", "train"),
        ("sr-Latn-RS.test.conll", "sr-Latn-RS", "test"),
        ("es-419/test.tsv", "es-419", "test"),
        ("pt_PT.Test.json", "pt_PT", "test"),
        ("massive.validation/data-00000-of-00001.arrow", None, "dev"),
        ("de-DE/test-00000-of-00001.parquet", "de-DE", "test"),
        ("train/fr-FR.jsonl", "fr-FR", "train"),
        ("eng.train", "eng", "train"),
        ("eng.testa", "eng", "dev"),
        ("deu.testb", "deu", "test"),
        # The nearer word counts, and two words at once say nothing.
        ("train/test.tsv", None, "test"),
        ("train_dev.tsv", None, None),
        ("en-US_de-DE.tsv", None, None),
        # Words that are not codes.
        ("seq.in", None, None),
        ("nlu/raw/label", None, None),
        ("my corpus/train", None, "train"),
        ("my-corpus/in-domain.test.tsv", None, "test"),
    ],
)
def test_hints(path: str, locale: str | None, partition: str | None) -> None:
    hints = path_hints(PurePosixPath(path), LanguageTable.shipped())
    assert (hints.locale, hints.partition) == (locale, partition)


def test_what_looks_like_a_locale_and_is_none_is_told() -> None:
    hints = path_hints(PurePosixPath("train_ZH.tsv"), LanguageTable.shipped())
    assert (hints.locale, hints.partition) == (None, "train")
    problem = lacking("locale", "train_ZH.tsv", 1, hints)
    hints = path_hints(PurePosixPath("de-muc.test.conll"), LanguageTable.shipped())
    told = "'de-muc' is no locale code; call a dialect de-x-muc"
    assert told in lacking("locale", "de-muc.test.conll", 1, hints).found
    hints = path_hints(PurePosixPath("train_ZH.tsv"), LanguageTable.shipped())
    problem = lacking("locale", "train_ZH.tsv", 1, hints)
    assert "of the path's 'ZH' can be more than one locale; did you" in problem.found


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Test", "test"),
        ("TRAIN", "train"),
        ("valid", "dev"),
        ("val", "dev"),
        ("devel", "dev"),
        ("development", "dev"),
        ("validation", "dev"),
        ("MMNLU-22", "MMNLU-22"),
        ("heldout", "heldout"),
    ],
)
def test_names_of_partitions(name: str, canonical: str) -> None:
    assert canonical_partition(name) == canonical


@pytest.mark.parametrize(
    ("row_locale", "path_locale", "expected"),
    [
        (None, "en-GB", "en-GB"),
        ("en", "en-GB", "en-GB"),
        ("EN", "en_GB", "en_GB"),
        ("en-US", "en-GB", "en-US"),
        ("de", "en-GB", "de"),
        ("e", "en-GB", "e"),
        ("en", None, "en"),
        (None, None, None),
    ],
)
def test_a_row_that_names_a_language_alone_is_of_the_path_s_locale(
    row_locale: str | None, path_locale: str | None, expected: str | None
) -> None:
    assert PathHints(path_locale).locale_of(row_locale) == expected
