"""The real-time path in one pass: counts to loads, CoP, causal filter and rolling sway."""

from libc.math cimport INFINITY, NAN, isfinite

cimport cython
import numpy as np

from otolith.dsp._filter cimport cascade_next
from otolith.dsp._sway cimport SwayWindow, rolling_push
from otolith.dsp.filters import checked, steady_state


cdef struct Sample:
    double force
    double x, y
    double smooth_x, smooth_y


cdef double[::1] _finite(object values, Py_ssize_t count, str what, str each="cells"):
    """A private copy of one number per cell, or ValueError."""
    cdef object copy = np.array(values, dtype=np.float64)
    if copy.shape != (count,) or not np.isfinite(copy).all():
        raise ValueError(f"{what} needs one finite number for each of the {count} {each}")
    return copy


cdef double[::1] _by_columns(object matrix, Py_ssize_t loads):
    """A private copy of a matrix ``(loads, channels)``, channel after channel, or ValueError."""
    cdef object copy = np.array(matrix, dtype=np.float64)
    if copy.ndim != 2 or copy.shape[0] != loads or not copy.size or not np.isfinite(copy).all():
        raise ValueError(f"a matrix of gains needs one row of finite numbers for each of the {loads} loads")
    return np.ascontiguousarray(copy.T).ravel()


@cython.final
cdef class CopStream:
    """Counts of vertical cells in, loads, CoP, filtered CoP and rolling sway out: the whole real-time path, one pass.

    ``x``, ``y`` mm per cell (x right, y forward), ``gain`` N per count, ``zero`` counts. Plates that measure wrenches
    are k loads with levers (:mod:`otolith.dsp.plates.levers`): each adds ``weight`` times itself to the vertical force,
    ``x`` and ``y`` times itself to what that force divides to be the CoP; ``gain`` may be a matrix ``(k, c)`` then, of
    c channels. Below ``threshold`` newtons
    (or with a NaN among the counts) nobody stands on the board: CoP is NaN, the filter stops, and it starts again at
    rest on the next valid sample. ``sos`` ``(s, 6)`` filters the CoP (None: not at all); ``window`` samples of the
    filtered trace make the sway. Any chunking gives the same bits, by :meth:`run` or by :meth:`push`.

    One writer: call from one thread at a time, :meth:`figures` included; a second thread that comes in while
    :meth:`run` works without the GIL gets a ValueError. Raises ValueError for arguments that make no stream.
    """

    cdef double[::1] _x, _y, _weight, _gain, _zero
    cdef double[:, ::1] _sos, _rest
    cdef double[:, :, ::1] _state
    cdef const double* _sections
    cdef const double* _at_rest
    cdef double* _carried
    cdef Py_ssize_t _section_count
    cdef SwayWindow _sway
    cdef bint _busy, _plain, _full
    cdef Sample _latest
    cdef readonly Py_ssize_t cells
    cdef readonly Py_ssize_t channels
    cdef readonly Py_ssize_t window
    cdef readonly double rate
    cdef readonly double threshold

    def __init__(
        self, x, y, gain, zero, *, weight=None, double rate, double threshold=20.0, sos=None, Py_ssize_t window
    ):
        cdef Py_ssize_t cells = len(x)
        if self._busy:
            self._refuse()
        self.cells = 0
        if cells < 1:
            raise ValueError("a board has at least one cell")
        if not 0.0 < threshold < INFINITY:
            raise ValueError(f"the force threshold must be a positive number of newtons, not {threshold}")
        self._x = _finite(x, cells, "x")
        self._y = _finite(y, cells, "y")
        self._full = np.ndim(gain) == 2
        self._gain = _by_columns(gain, cells) if self._full else _finite(gain, cells, "the gain")
        self._plain = weight is None and not self._full
        self._weight = _finite(np.ones(cells) if weight is None else weight, cells, "the weight", "loads")
        self.channels = self._gain.shape[0] // cells if self._full else cells
        self._zero = _finite(zero, self.channels, "the zero", "channels" if self._full else "cells")
        self._set_filter(sos)
        self._sway = SwayWindow(window, rate=rate)
        self.cells = cells
        self.window = window
        self.rate = rate
        self.threshold = threshold
        self._busy = False
        self.reset()

    cdef _set_filter(self, object sos):
        self._section_count = 0
        if sos is None:
            return
        self._sos = checked(sos).copy()
        self._rest = steady_state(sos)
        self._section_count = self._sos.shape[0]
        self._state = np.empty((self._section_count, 2, 2))
        self._sections = &self._sos[0, 0]
        self._at_rest = &self._rest[0, 0]
        self._carried = &self._state[0, 0, 0]

    cdef inline bint _settle(self, double force, double mx, double my) noexcept nogil:
        """From force and moments to the newest sample of the trace; False while nobody stands on the board."""
        cdef Sample* s = &self._latest
        cdef double lever
        s.force = force
        s.x = s.y = NAN
        if force >= self.threshold:
            lever = 1.0 / force
            s.x = mx * lever
            s.y = my * lever
            if not (isfinite(s.x) and isfinite(s.y)):
                s.x = s.y = NAN
        s.smooth_x = s.x
        s.smooth_y = s.y
        if self._section_count:
            s.smooth_x = cascade_next(self._sections, self._at_rest, self._section_count, self._carried, 2, s.x)
            s.smooth_y = cascade_next(self._sections, self._at_rest, self._section_count, self._carried + 1, 2, s.y)
        rolling_push(&self._sway._rolling, s.smooth_x, s.smooth_y)
        return s.x == s.x

    cdef inline bint _step(self, const double* counts, double* loads, Py_ssize_t cells) noexcept nogil:
        cdef double load, force = 0.0, mx = 0.0, my = 0.0
        cdef Py_ssize_t j
        for j in range(cells):
            load = (counts[j] - (&self._zero[0])[j]) * (&self._gain[0])[j]
            loads[j] = load
            force += load
            mx += load * (&self._x[0])[j]
            my += load * (&self._y[0])[j]
        return self._settle(force, mx, my)

    cdef inline bint _step_levers(self, const double* counts, double* loads, Py_ssize_t k) noexcept nogil:
        """The same for loads that are not all vertical, or that several channels make up."""
        cdef double force = 0.0, mx = 0.0, my = 0.0
        cdef Py_ssize_t j
        if not self._full:
            for j in range(k):
                loads[j] = (counts[j] - (&self._zero[0])[j]) * (&self._gain[0])[j]
        elif k == 6:
            self._six(counts, loads)
        else:
            self._mix(counts, loads, k)
        for j in range(k):
            force += loads[j] * (&self._weight[0])[j]
            mx += loads[j] * (&self._x[0])[j]
            my += loads[j] * (&self._y[0])[j]
        return self._settle(force, mx, my)

    cdef inline void _six(self, const double* counts, double* loads) noexcept nogil:
        """One plate: sums of whole columns, in registers."""
        cdef const double* column = &self._gain[0]
        cdef double[6] sums
        cdef double above
        cdef Py_ssize_t i, j
        for j in range(6):
            sums[j] = 0.0
        for i in range(self.channels):
            above = counts[i] - (&self._zero[0])[i]
            for j in range(6):
                sums[j] += column[j] * above
            column += 6
        for j in range(6):
            loads[j] = sums[j]

    cdef inline void _mix(self, const double* counts, double* loads, Py_ssize_t k) noexcept nogil:
        cdef const double* column = &self._gain[0]
        cdef double above
        cdef Py_ssize_t i, j
        for j in range(k):
            loads[j] = 0.0
        for i in range(self.channels):
            above = counts[i] - (&self._zero[0])[i]
            for j in range(k):
                loads[j] += column[j] * above
            column += k

    cdef Py_ssize_t _run(
        self, const double* counts, double* loads, double* force, double* cop, double* smooth, Py_ssize_t n
    ) noexcept nogil:
        cdef Py_ssize_t i, unloaded = 0, k = self.cells
        for i in range(n):
            if not self._plain:
                unloaded += not self._step_levers(counts, loads, k)
            elif k == 4:
                unloaded += not self._step(counts, loads, 4)
            else:
                unloaded += not self._step(counts, loads, k)
            counts += self.channels
            loads += k
            force[i] = self._latest.force
            cop[2 * i] = self._latest.x
            cop[2 * i + 1] = self._latest.y
            smooth[2 * i] = self._latest.smooth_x
            smooth[2 * i + 1] = self._latest.smooth_y
        return unloaded

    def run(
        self,
        const double[:, ::1] counts not None,
        double[:, ::1] loads not None,
        double[::1] force not None,
        double[:, ::1] cop not None,
        double[:, ::1] smooth not None,
    ):
        """Take ``counts`` ``(n, c)``; fill ``loads`` ``(n, k)``, ``force`` ``(n,)``, ``cop`` and ``smooth`` ``(n, 2)``.

        Returns the number of samples without anybody. All arrays C-contiguous float64; the GIL is released.
        """
        cdef Py_ssize_t n = counts.shape[0], k = self.cells, unloaded
        if self._busy or k == 0:
            self._refuse()
        if counts.shape[1] != self.channels or loads.shape[1] != k:
            if self.channels == k:
                raise ValueError(f"counts and loads need {k} columns, one per cell")
            raise ValueError(f"counts need {self.channels} columns, one per channel, and loads {k}")
        if loads.shape[0] != n or force.shape[0] != n or cop.shape[0] != n or smooth.shape[0] != n:
            raise ValueError(f"every output needs as many rows as there are samples, {n}")
        if cop.shape[1] != 2 or smooth.shape[1] != 2:
            raise ValueError("cop and smooth have two columns, ML and AP")
        if n == 0:
            return 0
        self._busy = True
        with nogil:
            unloaded = self._run(&counts[0, 0], &loads[0, 0], &force[0], &cop[0, 0], &smooth[0, 0], n)
        self._busy = False
        return unloaded

    def push(self, double c0, double c1, double c2, double c3):
        """Take one sample of a four-cell board; True while somebody stands on it. Allocates nothing."""
        cdef double[4] counts
        cdef double[4] loads
        if self._busy or self.cells == 0:
            self._refuse()
        if self.cells != 4 or not self._plain:
            raise ValueError(f"push takes the counts of four cells; this board has {self.cells} cells: use run")
        counts[0], counts[1], counts[2], counts[3] = c0, c1, c2, c3
        return self._step(counts, loads, 4)

    def latest(self):
        """Newest sample: force (N), CoP ML and AP (mm), filtered CoP ML and AP (mm)."""
        cdef Sample* s = &self._latest
        return s.force, s.x, s.y, s.smooth_x, s.smooth_y

    cdef _refuse(self):
        if self.cells == 0:
            raise ValueError("this stream was never set up: __init__ did not run")
        raise ValueError("this stream is being run by another thread: it has one writer at a time")

    def tare(self, zero):
        """Use another ``zero`` from now on; filter and window start afresh, so that no figure mixes two zeros."""
        if self._busy or self.cells == 0:
            self._refuse()
        self._zero = _finite(zero, self.channels, "the zero", "channels" if self._full else "cells")
        self.reset()

    def gap(self):
        """Samples are missing before the next: the filter starts again at rest, the path takes no step across."""
        if self._busy or self.cells == 0:
            self._refuse()
        self._sway.gap()
        if self._section_count:
            self._state[:] = NAN

    def reset(self):
        """Forget the trace: filter and window start afresh; calibration and zero stay."""
        self.gap()
        self._sway.reset()
        self._latest = Sample(0.0, NAN, NAN, NAN, NAN)

    def figures(self):
        """Sway of the newest window; one scan of it, about 2 ns a sample."""
        if self._busy or self.cells == 0:
            self._refuse()
        self._busy = True
        try:
            return self._sway.figures()
        finally:
            self._busy = False
