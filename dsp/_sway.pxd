"""The rolling window of a trace: sums kept in O(1), exact again after every lap of the ring."""

from libc.math cimport NAN, sqrt


cdef struct Tally:
    Py_ssize_t n
    double x0, y0
    double sx, sy, sxx, syy, sxy
    double path


cdef struct Rolling:
    double* xs
    double* ys
    double* steps
    Py_ssize_t window
    Py_ssize_t head
    Py_ssize_t filled
    bint joined
    double x, y
    Tally now
    Tally lap


cdef inline void sums_clear(Tally* s, double x0, double y0) noexcept nogil:
    s.n = 0
    s.x0, s.y0 = x0, y0
    s.sx = s.sy = s.sxx = s.syy = s.sxy = s.path = 0.0


cdef inline void sums_add(Tally* s, double x, double y) noexcept nogil:
    cdef double dx, dy
    if s.x0 != s.x0:
        s.x0, s.y0 = x, y
    dx = x - s.x0
    dy = y - s.y0
    s.n += 1
    s.sx += dx
    s.sy += dy
    s.sxx += dx * dx
    s.syy += dy * dy
    s.sxy += dx * dy


cdef inline void sums_remove(Tally* s, double x, double y) noexcept nogil:
    cdef double dx = x - s.x0, dy = y - s.y0
    s.n -= 1
    if s.n == 0:
        sums_clear(s, NAN, NAN)
        return
    s.sx -= dx
    s.sy -= dy
    s.sxx -= dx * dx
    s.syy -= dy * dy
    s.sxy -= dx * dy


cdef inline void rolling_clear(Rolling* r) noexcept nogil:
    r.head = r.filled = 0
    r.joined = False
    sums_clear(&r.now, NAN, NAN)
    sums_clear(&r.lap, NAN, NAN)


cdef inline void rolling_evict(Rolling* r) noexcept nogil:
    """The oldest sample leaves, and with it the step to its successor."""
    cdef Py_ssize_t successor = r.head + 1 if r.head + 1 < r.window else 0
    r.now.path -= r.steps[successor]
    if r.xs[r.head] == r.xs[r.head]:
        sums_remove(&r.now, r.xs[r.head], r.ys[r.head])


cdef inline void rolling_resync(Rolling* r) noexcept nogil:
    """After a lap the window is the lap: take its sums, which nothing was ever subtracted from."""
    r.head = 0
    r.now = r.lap
    if r.now.n:
        sums_clear(&r.lap, r.now.x0 + r.now.sx / r.now.n, r.now.y0 + r.now.sy / r.now.n)
    else:
        sums_clear(&r.lap, NAN, NAN)


cdef inline void rolling_push(Rolling* r, double x, double y) noexcept nogil:
    """One sample, valid or NaN; the path has no step to, from or over a NaN."""
    cdef double dx, dy, step = 0.0
    cdef bint valid = x == x and y == y
    if r.filled == r.window:
        rolling_evict(r)
    else:
        r.filled += 1
    if valid:
        if r.joined:
            dx = x - r.x
            dy = y - r.y
            step = sqrt(dx * dx + dy * dy)
            r.now.path += step
            if r.head:
                r.lap.path += step
        sums_add(&r.now, x, y)
        sums_add(&r.lap, x, y)
    else:
        x = y = NAN
    r.xs[r.head] = x
    r.ys[r.head] = y
    r.steps[r.head] = step
    r.x, r.y, r.joined = x, y, valid
    r.head += 1
    if r.head == r.window:
        rolling_resync(r)


cdef class SwayWindow:
    cdef Rolling _rolling
    cdef bint _busy
    cdef double[:, ::1] _ring
    cdef readonly double rate
    cdef readonly Py_ssize_t window
    cdef _refuse(self)
