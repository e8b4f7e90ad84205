"""How late live guidance really was, of one record."""

from collections.abc import Mapping

import numpy as np

from otolith.service.guidance.guidance import Guidance


class Lateness:
    """Add every moment as it has been published."""

    def __init__(self) -> None:
        self._ms: list[float] = []
        self._declared = 0.0

    def add(self, moment: Guidance, published_ns: int) -> None:
        """``published_ns`` of the same clock as its sample."""
        self._ms.append((published_ns - moment.t_ns) / 1e6)
        self._declared = max(self._declared, moment.latency_ms)

    @property
    def figures(self) -> Mapping[str, float]:
        """Milliseconds: ``p50`` and ``p95`` from the sample to published, the greatest ``declared``; may be empty."""
        if not self._ms:
            return {}
        p50, p95 = np.percentile(self._ms, (50, 95)).tolist()
        return {"p50": round(p50, 3), "p95": round(p95, 3), "declared": self._declared}
