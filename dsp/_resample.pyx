"""SWARII on a live trace: even samples out of uneven ones, half a window late."""

from libc.math cimport INFINITY, fabs, floor

cimport cython
import numpy as np

# Rows; a pause that lasts for more of them is stepped over in one go.
cdef Py_ssize_t LONG_PAUSE = 1000
# Seconds by which the authors narrow the window, so that a sample on its edge stays outside whatever the rounding.
cdef double STRICT = 1e-6


@cython.final
cdef class SwariiStream:
    """Sliding windows weighted averaged interpolation (Audiffren & Contal 2016, their corrected weights), streaming.

    Rows ``(time, x, y)`` come at an even ``rate`` (Hz) from the first sample on; each is the mean of the samples less
    than ``window`` / 2 seconds away, weighted by the time between the midpoints to their neighbours, cut at the window
    and the record. A row comes as soon as its window is over: ``window`` / 2 late. A window without a sample gives no
    row: gaps stay gaps. Rows are those of the batch form, in any chunking to the bit.

    One writer: a second thread that comes in while :meth:`run` works without the GIL gets a ValueError. Raises
    ValueError for a rate that is not positive or a window under 1 us.
    """

    cdef double[:, ::1] _kept
    cdef Py_ssize_t _first, _end
    cdef bint _busy
    cdef double _half, _period, _next, _start, _last
    cdef readonly double rate
    cdef readonly double window

    def __init__(self, double rate=25.0, double window=0.08):
        if not (0.0 < rate < INFINITY and STRICT < window < INFINITY):
            raise ValueError(f"resampling needs a positive rate (Hz) and a window over 1 us, not {rate} and {window} s")
        self.rate = rate
        self.window = window
        self._half = 0.5 * (window - STRICT)
        self._period = 1.0 / rate
        self._kept = np.empty((0, 3))
        self.reset()

    def reset(self):
        """Forget everything; the next sample begins a new record."""
        if self._busy:
            self._refuse()
        self._first = self._end = 0
        self._last = -INFINITY

    def run(self, const double[::1] t not None, const double[:, ::1] trace not None):
        """Take samples at ``t`` ``(n,)`` s, strictly increasing, of a ``trace`` ``(n, 2)``; NaN samples are left out.

        Returns the rows ``(m, 3)`` that are complete now. Raises ValueError, and takes nothing, where times do not
        increase or shapes do not fit.
        """
        cdef Py_ssize_t n = t.shape[0], rows
        cdef double[:, ::1] out
        self._check(t, trace)
        if n == 0:
            return np.empty((0, 3))
        self._reserve(n)
        begin = self._next if self._last > -INFINITY else t[0]
        array = np.empty((self._most(t[n - 1] - begin, n), 3))
        out = array
        self._busy = True
        with nogil:
            rows = self._run(t, trace, out)
        self._busy = False
        return array[:rows]

    def flush(self):
        """The rows ``(m, 3)`` up to the last sample, whose windows the end of the record cuts; then start afresh."""
        cdef Py_ssize_t rows = 0
        cdef double[:, ::1] out
        if self._busy or self.rate == 0.0:
            self._refuse()
        array = np.empty((0 if self._end == self._first else self._most(self._last - self._next, 0), 3))
        out = array
        if out.shape[0]:
            self._busy = True
            with nogil:
                while self._next < self._last:
                    rows = self._row(out, rows, self._last)
                    self._next += self._period
            self._busy = False
        self.reset()
        return array[:rows]

    cdef _refuse(self):
        if self.rate == 0.0:
            raise ValueError("this stream was never set up: __init__ did not run")
        raise ValueError("this stream is being run by another thread: it has one writer at a time")

    cdef _check(self, const double[::1] t, const double[:, ::1] trace):
        cdef Py_ssize_t i
        cdef double last = self._last
        if self._busy or self.rate == 0.0:
            self._refuse()
        if trace.shape[0] != t.shape[0] or trace.shape[1] != 2:
            raise ValueError(f"{t.shape[0]} times need a trace of ({t.shape[0]}, 2)")
        for i in range(t.shape[0]):
            if not last < t[i] < INFINITY:
                raise ValueError(f"times must be finite and increase; {t[i]} s follows {last} s")
            last = t[i]

    cdef _reserve(self, Py_ssize_t n):
        """Room for ``n`` more samples behind those that a window may still need."""
        cdef Py_ssize_t held = self._end - self._first
        if self._end + n > self._kept.shape[0]:
            fresh = np.empty((2 * (held + n) + 64, 3))
            fresh[:held] = self._kept[self._first:self._end]
            self._kept = fresh
            self._first, self._end = 0, held

    cdef Py_ssize_t _most(self, double seconds, Py_ssize_t n):
        """No more rows than fit into the time, nor than there are samples to fill them: a gap costs no memory."""
        cdef double by_time = max(seconds, 0.0) * self.rate + 4.0
        cdef double by_sample = (self._end - self._first + n) * (self.window * self.rate + 3.0)
        return <Py_ssize_t>min(by_time, by_sample)

    cdef Py_ssize_t _run(self, const double[::1] t, const double[:, ::1] trace, double[:, ::1] out) noexcept nogil:
        cdef Py_ssize_t i, rows = 0
        for i in range(t.shape[0]):
            if trace[i, 0] != trace[i, 0] or trace[i, 1] != trace[i, 1]:
                continue
            if self._last == -INFINITY:
                self._start = t[i]
                self._next = max(t[i], 0.0)
            rows = self._close(out, rows, t[i])
            self._kept[self._end, 0] = self._last = t[i]
            self._kept[self._end, 1] = trace[i, 0]
            self._kept[self._end, 2] = trace[i, 1]
            self._end += 1
        return rows

    cdef Py_ssize_t _close(self, double[:, ::1] out, Py_ssize_t rows, double t) noexcept nogil:
        """Write every row whose window a sample at ``t`` ends."""
        while t > self._next and not fabs(t - self._next) < self._half:
            rows = self._row(out, rows, t)
            if self._first == self._end and t - self._next > LONG_PAUSE * self._period + self._half:
                self._next += self._period * (floor((t - self._half - self._next) / self._period) - 1.0)
            self._next += self._period
        return rows

    cdef Py_ssize_t _row(self, double[:, ::1] out, Py_ssize_t rows, double end) noexcept nogil:
        """The window around the next time, if it holds a sample; ``end`` is the newest time known of."""
        cdef Py_ssize_t i, high
        cdef double s = self._next, left, right, x = 0.0, y = 0.0, total = 0.0
        while self._first < self._end and self._kept[self._first, 0] < s and not self._within(self._first):
            self._first += 1
        high = self._first
        while high < self._end and self._within(high):
            high += 1
        for i in range(self._first, high):
            left, right = max(self._start, s - self._half), min(end, s + self._half)
            if i > self._first:
                left = 0.5 * (self._kept[i, 0] + self._kept[i - 1, 0])
            if i < high - 1:
                right = 0.5 * (self._kept[i + 1, 0] + self._kept[i, 0])
            if high - self._first == 1:
                left, right = 0.0, 1.0
            x += self._kept[i, 1] * (right - left)
            y += self._kept[i, 2] * (right - left)
            total += right - left
        if high == self._first:
            return rows
        out[rows, 0] = s
        out[rows, 1] = x / total
        out[rows, 2] = y / total
        return rows + 1

    cdef inline bint _within(self, Py_ssize_t i) noexcept nogil:
        return fabs(self._kept[i, 0] - self._next) < self._half
