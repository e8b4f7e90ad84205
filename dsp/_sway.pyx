"""Streaming sway of a trace: a ring allocated once, sums in O(1), ranges and mean distance by a scan when asked."""

from libc.math cimport INFINITY, NAN, sqrt

cimport cython
import numpy as np

from otolith.dsp._sway cimport Rolling, rolling_clear, rolling_push
from otolith.dsp.sway import Sums, sway_of


@cython.final
cdef class SwayWindow:
    """Sway of the newest ``window`` samples of a trace at ``rate`` Hz; memory is taken once, here.

    NaN samples (nobody on the board) take their place in the window and count for nothing else; the path has no step
    to, from or over them, nor over a :meth:`gap`. Any chunking gives the same bits. Every figure is exact to about
    1e-12 whatever came before: the running sums are replaced after each ``window`` samples by sums of these alone.

    One writer: call from one thread at a time, :meth:`figures` included; a second one that comes in while the GIL is
    released gets a ValueError. Raises ValueError for a window under 3 samples.
    """

    def __init__(self, Py_ssize_t window, *, double rate):
        if self._busy:
            self._refuse()
        if window < 3:
            raise ValueError(f"a window needs at least 3 samples, not {window}")
        if not 0.0 < rate < INFINITY:
            raise ValueError(f"the sample rate must be a positive number of Hz, not {rate}")
        self._ring = np.empty((3, window))
        self.window = window
        self.rate = rate
        self._rolling.xs = &self._ring[0, 0]
        self._rolling.ys = &self._ring[1, 0]
        self._rolling.steps = &self._ring[2, 0]
        self._rolling.window = window
        rolling_clear(&self._rolling)

    def push(self, double x, double y):
        """Take one sample, mm; allocates nothing."""
        if self._busy or self.window == 0:
            self._refuse()
        rolling_push(&self._rolling, x, y)

    def run(self, const double[:, ::1] cop not None):
        """Take a block ``(n, 2)``, mm, C-contiguous; without the GIL."""
        cdef Py_ssize_t i
        if self._busy or self.window == 0:
            self._refuse()
        if cop.shape[1] != 2:
            raise ValueError(f"a trace has the shape (n, 2), not (n, {cop.shape[1]})")
        self._busy = True
        with nogil:
            for i in range(cop.shape[0]):
                rolling_push(&self._rolling, cop[i, 0], cop[i, 1])
        self._busy = False

    def gap(self):
        """Samples are missing before the next one: no step of the path across."""
        if self._busy or self.window == 0:
            self._refuse()
        self._rolling.joined = False

    def reset(self):
        """Forget everything."""
        if self._busy or self.window == 0:
            self._refuse()
        rolling_clear(&self._rolling)

    def figures(self):
        """The window as it stands: O(1) for path, RMS and ellipse, one scan for ranges and mean distance."""
        cdef const Rolling* r = &self._rolling
        cdef double x, y, left = INFINITY, right = -INFINITY, back = INFINITY, front = -INFINITY, distance = 0.0
        cdef double mx = NAN, my = NAN, n = <double>r.now.n
        cdef Py_ssize_t i
        if self._busy or self.window == 0:
            self._refuse()
        if r.now.n == 0:
            return sway_of(Sums(), self.rate)
        mx = r.now.sx / n
        my = r.now.sy / n
        self._busy = True
        with nogil:
            for i in range(r.filled):
                x = r.xs[i]
                y = r.ys[i]
                if x == x:
                    left, right = min(left, x), max(right, x)
                    back, front = min(back, y), max(front, y)
                    x = x - r.now.x0 - mx
                    y = y - r.now.y0 - my
                    distance += sqrt(x * x + y * y)
        self._busy = False
        return sway_of(
            Sums(
                n=r.now.n,
                mean_ml=r.now.x0 + mx,
                mean_ap=r.now.y0 + my,
                sxx=r.now.sxx - n * mx * mx,
                syy=r.now.syy - n * my * my,
                sxy=r.now.sxy - n * mx * my,
                path=r.now.path,
                distance=distance,
                range_ml=right - left,
                range_ap=front - back,
            ),
            self.rate,
        )

    cdef _refuse(self):
        if self.window == 0:
            raise ValueError("this window was never set up: __init__ did not run")
        raise ValueError("this window is being filled by another thread: it has one writer at a time")
