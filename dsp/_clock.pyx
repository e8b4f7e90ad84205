"""The mapping between a board's own count or clock and the station's clock, regressed as it goes."""

from libc.math cimport INFINITY, isfinite, sqrt

cimport cython


@cython.final
cdef class ClockFit:
    """Line from a board's sample numbers (or clock) to host times, by least squares with exponential forgetting.

    ``period`` is the nominal number of seconds per step of the index: the line has it until data say otherwise. The
    last ``memory`` samples or so count (weights fall by 1 - 1/memory a sample). A host time more than ``limit`` seconds
    off the line starts a new one: the board was reset, or the computer slept.

    One writer: a second thread that comes in while :meth:`run` works without the GIL gets a ValueError; ``period`` and
    ``residual`` may be read from any. Raises ValueError for arguments that are not positive.
    """

    cdef double _w, _i, _h, _sii, _sih, _square, _keep, _prior
    cdef long long _origin, _newest
    cdef bint _busy
    cdef readonly double nominal
    cdef readonly double memory
    cdef readonly double limit
    cdef readonly Py_ssize_t restarts

    def __init__(self, double period, *, double memory=2000.0, double limit=0.5):
        if not (0.0 < period < INFINITY and 1.0 < memory < INFINITY and limit > 0.0):
            raise ValueError(
                "a clock needs a positive period and limit (s), and a memory over one sample; "
                f"not {period}, {limit} and {memory}"
            )
        self.nominal = period
        self.memory = memory
        self.limit = limit
        self._keep = 1.0 - 1.0 / memory
        # As much trust in the nominal period as in a twentieth of the memory of perfect data.
        self._prior = (memory / 20.0 + 1.0) ** 3 / 12.0
        self.reset()

    def reset(self):
        """Forget the line; ``restarts`` keeps counting."""
        if self._busy:
            self._refuse()
        self._w = 0.0
        self._newest = 0

    @property
    def period(self):
        """Seconds per step of the index, by the line."""
        return self._slope()

    @property
    def residual(self):
        """Root mean square distance of host times from the line, seconds."""
        return sqrt(self._square / self._w) if self._w > 0.0 else 0.0

    def run(self, const double[::1] index not None, const long long[::1] host not None, long long[::1] out not None):
        """Take samples: ``index`` ``(n,)``, ``host`` ns; fill ``out`` with the line's times, ns, never decreasing.

        Samples whose index is not finite get the time before them. Raises ValueError where lengths differ. The GIL is
        released.
        """
        cdef Py_ssize_t i, n = index.shape[0]
        if self._busy or self.nominal == 0.0:
            self._refuse()
        if host.shape[0] != n or out.shape[0] != n:
            raise ValueError(f"{n} indices need {n} host times and {n} places for the result")
        self._busy = True
        with nogil:
            for i in range(n):
                out[i] = self._step(index[i], host[i])
        self._busy = False

    cdef _refuse(self):
        if self.nominal == 0.0:
            raise ValueError("this clock was never set up: __init__ did not run")
        raise ValueError("this clock is being run by another thread: it has one writer at a time")

    cdef inline double _slope(self) noexcept nogil:
        return self._sih / self._sii if self._w > 0.0 else self.nominal

    cdef void _begin(self, double index, long long host) noexcept nogil:
        self._origin = host
        self._w = 1.0
        self._i = index
        self._h = self._square = 0.0
        self._sii = self._prior
        self._sih = self._prior * self.nominal

    cdef long long _step(self, double index, long long host) noexcept nogil:
        cdef double h, di, dh, off
        cdef long long line
        if not isfinite(index):
            return self._newest
        if self._w == 0.0:
            self._begin(index, host)
            self._newest = max(self._newest, host)
            return self._newest
        h = 1e-9 * <double>(host - self._origin)
        off = h - self._h - self._slope() * (index - self._i)
        if not -self.limit < off < self.limit:
            self.restarts += 1
            self._w = 0.0
            return self._step(index, host)
        self._w = self._keep * self._w + 1.0
        di = index - self._i
        dh = h - self._h
        self._i += di / self._w
        self._h += dh / self._w
        self._sii = self._keep * self._sii + di * (index - self._i)
        self._sih = self._keep * self._sih + di * (h - self._h)
        self._square = self._keep * self._square + off * off
        line = self._origin + <long long>(1e9 * (self._h + self._slope() * (index - self._i)))
        self._newest = max(self._newest, line)
        return self._newest
