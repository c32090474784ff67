"""How well two samples can be told apart."""

from collections.abc import Sequence


def area_under_curve(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the area under the ROC curve (AUC) of telling `second` from `first` by size.

    It is the chance that one of `second` is larger than one of `first`, where equals count half:
    0.5 tells nothing, 0 and 1 tell everything (Mann and Whitney's U, divided by all pairs).
    """
    ranks = _mean_ranks([*first, *second])
    above = sum(ranks[len(first) :]) - len(second) * (len(second) + 1) / 2
    return above / (len(first) * len(second))


def _mean_ranks(values: Sequence[float]) -> list[float]:
    """Return each value's rank, from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end < len(order) and values[order[end]] == values[order[begin]]:
            end += 1
        for position in order[begin:end]:
            ranks[position] = (begin + 1 + end) / 2
        begin = end
    return ranks
