"""Rewrites from counts: which other interpretation those mean whom the system misunderstands.

Of an interpretation `h` that fails, an episode that still ends in success says what its user meant.
Of each candidate `g`, the chain gives the share of the successes after `h` that it expects to end
in `g`: `P(reach g from h) * P(success | g) / P(success from h)` (Ponnusamy et al. 2020). The chain
forgets where a user came from, so the share is only a prior, worth `prior` episodes; the episodes
themselves are the evidence:

    share(g | h) = (episodes of h that ended in g + prior * chain share)
                   / (episodes of h that ended elsewhere in success + prior)

The best `g` becomes a rewrite where there is enough evidence, those who come to `g` from `h`
succeed there more often than with `h` by `margin`, the rewrite should succeed more often than `h`
does by `gain`, and of the turns of `h` the share `led` led to `g`. How often `g` succeeds with
everybody is no measure: a system that is mostly wrong understands `g` of many who mean other
things, and they say nothing of those who come from `h`. The last rule is for those whom the system
never understands: of them no success tells, and the few that there are belong to something else.
All comparisons take lower bounds of Beta posteriors on the side of the rewrite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from massive_kit.feedback.beta import CONFIDENCE, lower_bound
from massive_kit.feedback.chain import AbsorbingChain, Floats, Numbers
from massive_kit.feedback.counting import LocaleCounts
from massive_kit.feedback.rewrites import Evidence, Rewrite

# Numbers of a block of solutions in memory: 128 MB.
_BLOCK = 16_000_000


@dataclass(frozen=True, slots=True)
class MiningRules:
    """When a rewrite is made.

    Attributes:
        turns: Least turns of the failing interpretation and of its target.
        episodes: Least episodes that led from one to the other.
        prior: Episodes that the chain's word is worth.
        margin: By so much those who come from what fails succeed more often with the target.
        gain: By so much the rewrite should succeed more often.
        led: At least this share of the turns of what fails led to the target.
        confidence: Of the lower bounds.
    """

    turns: int = 5
    episodes: int = 3
    prior: float = 5.0
    margin: float = 0.3
    gain: float = 0.03
    led: float = 0.1
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class MinedLocale:
    """What was mined of a locale.

    Attributes:
        rewrites: The rewrites, in the order of what fails.
        chain: The chain.
        stranded: Interpretations from which no end was ever seen.
    """

    rewrites: tuple[Rewrite, ...]
    chain: AbsorbingChain
    stranded: int


def mined(locale: str, counts: LocaleCounts, rules: MiningRules) -> MinedLocale:
    """The rewrites of a locale.

    Args:
        locale: Its name.
        counts: What was counted.
        rules: When a rewrite is made.
    """
    chain = counts.chain()
    ended = counts.ended.counted()
    enough = (
        (ended.counts >= rules.episodes)
        & (chain.totals[ended.first] >= rules.turns)
        & (chain.totals[ended.second] >= rules.turns)
    )
    sources, targets = ended.first[enough], ended.second[enough]
    elsewhere = np.bincount(ended.first, ended.counts, len(chain)).astype(np.int64)
    candidates = _Candidates(
        sources,
        targets,
        ended.counts[enough],
        counts.reached.counted().of(sources, targets),
        elsewhere[sources],
        _chain_shares(chain, sources, targets),
    )
    interpretations = counts.numbers.interpretations
    rewrites = [
        Rewrite(locale, interpretations[source], interpretations[target], evidence)
        for source, target, evidence in candidates.accepted(chain, rules)
    ]
    rewrites.sort(key=lambda rewrite: str(rewrite.source))
    return MinedLocale(tuple(rewrites), chain, int(chain.stranded.sum()))


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Pairs of what fails and what may be meant; arrays of one length.

    Attributes:
        sources: What fails, ascending.
        targets: What may be meant.
        ended: Episodes that led from one to the other.
        reached: Episodes in which the one came after the other, however they ended.
        of: Episodes of the source that ended elsewhere in success.
        chain: The chain's shares.
    """

    sources: Numbers
    targets: Numbers
    ended: Numbers
    reached: Numbers
    of: Numbers
    chain: Floats

    def accepted(
        self, chain: AbsorbingChain, rules: MiningRules
    ) -> Iterator[tuple[int, int, Evidence]]:
        """The best target of each source, where it is good enough."""
        weight = self.ended + rules.prior * self.chain
        total = self.of + rules.prior
        best = self._best(weight / total)
        source, target = self.sources[best], self.targets[best]
        share_low = lower_bound(weight[best], (total - weight)[best], rules.confidence)
        successes, turns = chain.successes, chain.totals
        target_low = lower_bound(successes[target], (turns - successes)[target], rules.confidence)
        reached_low = lower_bound(
            self.ended[best], (self.reached - self.ended)[best], rules.confidence
        )
        rate = chain.success_rates[source]
        ended = np.minimum(self.ended[best], turns[source])
        led_low = lower_bound(ended, turns[source] - ended, rules.confidence)
        good = (
            (reached_low - rate > rules.margin)
            & ((1 - rate) * share_low - rate > rules.gain)
            & (led_low >= rules.led)
        )
        for place in np.flatnonzero(good).tolist():
            pair, start, end = best[place], int(source[place]), int(target[place])
            yield (
                start,
                end,
                Evidence(
                    int(turns[start]),
                    int(successes[start]),
                    int(self.ended[pair]),
                    int(self.of[pair]),
                    float(self.chain[pair]),
                    float(weight[pair] / total[pair]),
                    float(share_low[place]),
                    float(led_low[place]),
                    int(self.reached[pair]),
                    float(reached_low[place]),
                    int(turns[end]),
                    int(successes[end]),
                    float(target_low[place]),
                ),
            )

    def _best(self, shares: Floats) -> Numbers:
        """The place of the best candidate of each source."""
        order = np.lexsort((self.targets, -shares, self.sources))
        _, first = np.unique(self.sources[order], return_index=True)
        best: Numbers = order[first]
        return best


def _chain_shares(chain: AbsorbingChain, sources: Numbers, targets: Numbers) -> Floats:
    """`P(reach target) * P(success | target) / P(success)`, of each pair."""
    shares = np.zeros(len(sources))
    distinct = np.unique(targets)
    size = max(1, _BLOCK // max(1, len(chain)))
    for start in range(0, len(distinct), size):
        block = distinct[start : start + size]
        reached = chain.reaching(block.tolist())
        there = np.flatnonzero(np.isin(targets, block))
        columns = np.searchsorted(block, targets[there])
        shares[there] = reached[sources[there], columns]
    shares *= chain.success_rates[targets]
    shares /= np.maximum(chain.absorption[sources, 0], 1e-300)
    return np.minimum(shares, 1)
