"""The committed metric reference is the one that the registry writes."""

from pathlib import Path

from otolith.dsp.metrics.page import render
from otolith.dsp.metrics.registry import METRICS

PAGE = Path(__file__).parents[3] / "docs/reference/metrics.md"


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), (
        "run: python -m otolith.dsp.metrics.page > docs/reference/metrics.md"
    )


def test_every_metric_has_its_formula_on_the_page() -> None:
    page = render()
    for metric in METRICS.values():
        assert f"### `{metric.id}`" in page
        assert f"{metric.symbol} = {metric.formula}" in page
