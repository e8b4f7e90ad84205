"""Generalised least squares with a full covariance of what is known, and what remains unexplained."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.calibration.known import Known
from otolith.dsp.calibration.readings import Readings

Array = NDArray[np.float64]

COVERAGE: Final = 2.0
"""Coverage factor of every expanded uncertainty: about 95 % (GUM, JCGM 100:2008, 6.3.3)."""
OUTLIER: Final = 16.27
"""Chi squared of three components that one good reading in a thousand exceeds."""
_RIDGE: Final = 1e-9
"""Of each variance: keeps a covariance invertible whose sources are all common."""
_ROUNDS: Final = 3
"""The noise of counts weighs by the gains, which are what is sought: the weights settle within so many."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """How loads depend on counts: linear in its ``p`` coefficients and in the counts."""

    design: Callable[[Array], Array]
    """Net counts ``(m, k)`` to ``(m, q, p)``: loads per unit of each coefficient."""
    response: Callable[[Array], Array]
    """Coefficients ``(p,)`` to ``(q, k)``: loads per count."""
    components: tuple[int, ...]
    """Which of Fx Fy Fz Mx My Mz the q loads are."""
    signs: tuple[float, ...]
    """What those are multiplied by."""
    doubt: Callable[[Array, Array], Array] | None = None
    """Net counts and coefficients to ``(s, m, q)``: what one standard uncertainty of each of the model's own s numbers
    (where its cells stand) does to all loads."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients with their uncertainty, and every state's residual: what the plate says less what was known."""

    coefficients: Array
    """``(p,)``."""
    covariance: Array
    """``(p, p)``; enlarged by chi squared over ``dof`` where that is above 1 (Birge 1932, Phys. Rev. 40:207)."""
    residuals: Array
    """``(m, q)``, in the order of the model's loads."""
    expected: Array
    """``(m, q)`` standard deviations that the known uncertainties let expect of the residuals."""
    surprise: Array
    """``(m,)`` how much of chi squared goes with each state: about q is usual."""
    chi2: float
    dof: int

    @property
    def birge(self) -> float:
        """Root of chi squared over its degrees of freedom: 1 where the uncertainties explain all scatter."""
        return math.sqrt(self.chi2 / self.dof) if self.dof else math.nan

    @property
    def consistent(self) -> bool:
        """Whether chi squared is what the stated uncertainties let expect, at about 98 %: no lack of fit is seen."""
        return bool(self.chi2 <= self.dof + 2.0 * math.sqrt(2.0 * self.dof))

    @property
    def u(self) -> Array:
        """``(p,)`` standard uncertainties."""
        found: Array = np.sqrt(np.diag(self.covariance))
        return found

    @property
    def outlier(self) -> int | None:
        """The state that fits worst, where that is more than chance; to be repeated, not to be dropped unseen."""
        worst = int(np.argmax(self.surprise))
        return worst if self.surprise[worst] > OUTLIER * max(1.0, self._typical) else None

    @property
    def _typical(self) -> float:
        return float(np.median(self.surprise) / self.residuals.shape[1])


def fit(model: Model, readings: Readings, known: Known) -> Fit:
    """Coefficients by generalised least squares; see :class:`Fit`.

    y = H c with covariance V = known sources + noise of readings + noise of the zero: c = (H' V⁻¹ H)⁻¹ H' V⁻¹ y.
    Raises ValueError where there are fewer equations than coefficients, or they do not tell these apart.
    """
    net, loaded = readings.net, ~readings.empty
    target, spread = _target(model, known, loaded)
    design = model.design(net)
    m, q, p = design.shape
    if m * q < p or np.linalg.matrix_rank(_scaled(design.reshape(m * q, p))) < p:
        raise ValueError("these loads do not determine the coefficients: use more places")
    H = design.reshape(m * q, p)
    c = np.array(np.linalg.lstsq(H, target, rcond=None)[0], dtype=np.float64)
    for _ in range(_ROUNDS):
        V = spread + _reading_noise(model.response(c), readings) + _own(model, net, c)
        V += np.diag(_RIDGE * np.diag(V))
        weighted = np.linalg.solve(np.linalg.cholesky(V), np.column_stack([H, target]))
        c[:] = np.linalg.lstsq(weighted[:, :p], weighted[:, p], rcond=None)[0]
    covariance = np.linalg.inv(weighted[:, :p].T @ weighted[:, :p])
    residuals, chi2 = H @ c - target, float(np.sum((weighted[:, :p] @ c - weighted[:, p]) ** 2))
    expected = np.sqrt(np.maximum(np.diag(V - H @ covariance @ H.T), 0.0))
    inverse = np.array(np.linalg.inv(V), dtype=np.float64)
    surprise = _surprise(inverse @ residuals, inverse - inverse @ H @ covariance @ H.T @ inverse, (m, q))
    dof = len(target) - p
    scale = max(1.0, chi2 / dof) if dof else 1.0
    return Fit(c, covariance * scale, residuals.reshape(m, q), expected.reshape(m, q), surprise, chi2, dof)


def _surprise(weighted: Array, left: Array, shape: tuple[int, int]) -> Array:
    """``(m,)``: by how much chi squared would fall if a state's loads were free (Baarda 1968, with blocks).

    With ``weighted`` V⁻¹ r and ``left`` its covariance. Of residuals alone it would blame the wrong state, since
    those that share a weight or a place are pulled along.
    """
    (m, q), rows = shape, weighted.reshape(shape)
    blocks = left.reshape(m, q, m, q)[range(m), :, range(m), :]
    found: Array = np.einsum("ma,mab,mb->m", rows, np.linalg.pinv(blocks, hermitian=True), rows)
    return found


def _target(model: Model, known: Known, loaded: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Known loads ``(m q,)`` and their covariance."""
    pick, signs = list(model.components), np.array(model.signs)
    target = (known.wrench[loaded][:, pick] * signs).ravel()
    sources = (known.sources[:, loaded][:, :, pick] * signs).reshape(len(known.sources), -1)
    return target, sources.T @ sources


def _own(model: Model, net: Array, c: Array) -> Array | float:
    """``(m q, m q)`` of the model's own numbers."""
    if model.doubt is None:
        return 0.0
    sources = model.doubt(net, c)
    flat = sources.reshape(len(sources), sources.shape[1] * sources.shape[2])
    found: Array = flat.T @ flat
    return found


def _reading_noise(response: Array, readings: Readings) -> Array:
    """``(m q, m q)``: the readings' own noise in blocks, and that of the zeros, each behind many readings."""
    u, (q, k) = readings.u_net, response.shape
    m = len(u)
    noise = np.zeros((m, q, m, q))
    noise[range(m), :, range(m), :] = np.einsum("ak,mk,bk->mab", response, u**2, response)
    zeros = np.vstack([readings.u[readings.empty], readings.u_wander])
    weights = np.column_stack([readings.between[~readings.empty], np.ones(m)])
    sources = np.einsum("me,ek,ak->maek", weights, zeros, response).reshape(m * q, len(zeros) * k)
    found: Array = noise.reshape(m * q, m * q) + sources @ sources.T
    return found


def _scaled(H: Array) -> Array:
    """Columns of length 1 (van der Sluis 1969): the condition of the places, not of the units."""
    lengths = np.linalg.norm(H, axis=0)
    return H / np.where(lengths > 0.0, lengths, 1.0)
