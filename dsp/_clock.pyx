"""The mapping between a board's own count or clock and the station's clock, regressed as it goes."""

from libc.math cimport INFINITY, isfinite, llround, pow, sqrt

cimport cython

# Of the memory: a line younger than this is still a guess, and is drawn anew without counting as a restart.
cdef double YOUNG = 0.05
# Of a nominal period: the least step between two samples, and what is never an outlier.
cdef double LEAST = 0.1
# Of the residual: what is further from the line pulls no harder than this.
cdef double OUTLIER = 4.0


cdef struct Line:
    double w, i, h, sii, sih, square
    long long origin


@cython.final
cdef class ClockFit:
    """Line from a board's sample numbers (or clock) to host times, by least squares with exponential forgetting.

    ``period`` is the nominal number of seconds per step of the index: the line has it until data say otherwise. The
    last ``memory`` samples or so count (weights fall by 1 - 1/memory a sample).

    Samples with the same host time came in one report, which left the board no sooner than its newest sample: that
    one counts for all of them, and the line places the others. A sample can come late, never early. One more than
    ``limit`` seconds late does not count; once they have been so for ``patience`` seconds there is a new line. One
    that much early, or whose index is lower than the one before, begins a new line at once: the board was reset, or
    its clock was set. Host times further from the line than four times the residual pull as if they were that far.

    One writer: a second thread that comes in while :meth:`run` works without the GIL gets a ValueError; ``period``,
    ``residual`` and ``restarts`` may be read from any. Raises ValueError for arguments that are not positive.
    """

    cdef Line _line, _before
    cdef double _keep, _prior, _index
    cdef long long _newest, _host, _late_since, _least
    cdef Py_ssize_t _together
    cdef bint _busy, _begun, _late
    cdef readonly double nominal
    cdef readonly double memory
    cdef readonly double limit
    cdef readonly double patience
    cdef readonly Py_ssize_t restarts

    def __init__(self, double period, *, double memory=2000.0, double limit=0.5, double patience=4.0):
        if not (0.0 < period < INFINITY and 1.0 < memory < INFINITY and limit > 0.0 and patience > 0.0):
            raise ValueError(
                "a clock needs a positive period, limit and patience (s), and a memory over one sample; "
                f"not {period}, {limit}, {patience} and {memory}"
            )
        self.nominal = period
        self.memory = memory
        self.limit = limit
        self.patience = patience
        self._keep = 1.0 - 1.0 / memory
        self._least = max(1, <long long>(1e9 * LEAST * period))
        # As much trust in the nominal period as in a twentieth of the memory of perfect data.
        self._prior = (memory / 20.0 + 1.0) ** 3 / 12.0
        self.reset()

    def reset(self):
        """Forget the line; ``restarts`` keeps counting."""
        if self._busy:
            self._refuse()
        self._line.w = self._before.w = 0.0
        self._begun = self._late = False

    @property
    def period(self):
        """Seconds per step of the index, by the line."""
        return self._slope()

    @property
    def residual(self):
        """Root mean square distance of the host times that count from the line, seconds; outliers as they pull."""
        return sqrt(self._line.square / self._line.w) if self._line.w > 0.0 else 0.0

    def run(self, const double[::1] index not None, const long long[::1] host not None, long long[::1] out not None):
        """Take samples: ``index`` ``(n,)``, ``host`` ns; fill ``out`` with the line's times, ns, strictly increasing.

        Times step by a tenth of a nominal period at least. A sample whose index is not finite is that much after the
        one before. Raises ValueError where lengths differ. The GIL is released.
        """
        cdef Py_ssize_t i = 0, j, n = index.shape[0]
        if self._busy or self.nominal == 0.0:
            self._refuse()
        if host.shape[0] != n or out.shape[0] != n:
            raise ValueError(f"{n} indices need {n} host times and {n} places for the result")
        self._busy = True
        with nogil:
            while i < n:
                j = i + 1
                while j < n and host[j] == host[i]:
                    j += 1
                self._report(index[i:j], host[i], out[i:j])
                i = j
        self._busy = False

    cdef _refuse(self):
        if self.nominal == 0.0:
            raise ValueError("this clock was never set up: __init__ did not run")
        raise ValueError("this clock is being run by another thread: it has one writer at a time")

    cdef inline double _slope(self) noexcept nogil:
        return self._line.sih / self._line.sii if self._line.w > 0.0 else self.nominal

    cdef void _report(self, const double[::1] index, long long host, long long[::1] out) noexcept nogil:
        cdef Py_ssize_t i, newest = index.shape[0] - 1
        while newest >= 0 and not isfinite(index[newest]):
            newest -= 1
        if newest >= 0:
            if self._line.w > 0.0 and host == self._host:
                self._line = self._before  # the report goes on: its newest sample is this one
            else:
                self._together = 0
            self._together += index.shape[0]
            self._take(index[newest], host)
        for i in range(index.shape[0]):
            out[i] = self._place(index[i], host)

    cdef void _take(self, double index, long long host) noexcept nogil:
        cdef double off
        if self._line.w == 0.0:
            self._begin(index, host)
        else:
            off = 1e-9 * <double>(host - self._line.origin) - self._at(index)
            if index < self._index or off < -self.limit or (off > self.limit and self._tired(host)):
                self.restarts += self._line.w > YOUNG * self.memory
                self._begin(index, host)
            elif off <= self.limit:
                self._late = False
                self._before = self._line
                self._fit(index, self._pull(off))
        self._index = index
        self._host = host

    cdef bint _tired(self, long long host) noexcept nogil:
        """Whether samples have been late for longer than may be; notes since when they are."""
        if not self._late:
            self._late = True
            self._late_since = host
        return 1e-9 * <double>(host - self._late_since) > self.patience

    cdef inline double _at(self, double index) noexcept nogil:
        """The line's time, seconds after its origin."""
        return self._line.h + self._slope() * (index - self._line.i)

    cdef void _begin(self, double index, long long host) noexcept nogil:
        self._before.w = 0.0
        self._late = False
        self._line.origin = host
        self._line.w = self._together
        self._line.i = index
        self._line.h = self._line.square = 0.0
        self._line.sii = self._prior
        self._line.sih = self._prior * self.nominal

    cdef inline double _pull(self, double off) noexcept nogil:
        cdef double most
        if self._line.w <= YOUNG * self.memory:
            return off
        most = max(OUTLIER * sqrt(self._line.square / self._line.w), LEAST * self.nominal)
        return min(max(off, -most), most)

    cdef void _fit(self, double index, double off) noexcept nogil:
        """``off`` seconds from the line."""
        cdef double h = self._at(index) + off, m = self._together, di, dh
        cdef double keep = self._keep if self._together == 1 else pow(self._keep, m)
        self._line.w = keep * self._line.w + m
        di = index - self._line.i
        dh = h - self._line.h
        self._line.i += m * di / self._line.w
        self._line.h += m * dh / self._line.w
        self._line.sii = keep * self._line.sii + m * di * (index - self._line.i)
        self._line.sih = keep * self._line.sih + m * di * (h - self._line.h)
        self._line.square = keep * self._line.square + m * off * off

    cdef long long _place(self, double index, long long host) noexcept nogil:
        cdef long long at = host
        if self._line.w > 0.0 and isfinite(index):
            at = self._line.origin + llround(1e9 * self._at(index))
        elif self._begun:
            at = self._newest
        self._newest = max(self._newest + self._least, at) if self._begun else at
        self._begun = True
        return self._newest
