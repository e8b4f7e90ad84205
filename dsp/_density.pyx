"""How long a path stays near each of its points."""

from libc.math cimport sqrt


cdef Py_ssize_t _last_inside(const double[::1] x, const double[::1] y, Py_ssize_t i, Py_ssize_t step, double radius,
                             double longest) noexcept nogil:
    """Walk from ``i`` by ``step`` (1 or -1) to the last sample before the path leaves the circle about ``i``.

    No sample within ``(radius - distance) / longest`` steps can be outside, so those are passed over unseen; the
    answer is the same as that of looking at each.
    """
    cdef Py_ssize_t n = x.shape[0], at = i, ahead
    cdef double dx, dy, distance
    while True:
        dx = x[at] - x[i]
        dy = y[at] - y[i]
        distance = sqrt(dx * dx + dy * dy)
        if distance > radius:
            return at - step
        if radius - distance >= n * longest:
            ahead = n
        else:
            ahead = <Py_ssize_t> ((radius - distance) * (1.0 - 1e-9) / longest)
        if ahead < 1:
            ahead = 1
        if step > 0:
            if at == n - 1:
                return at
            at = at + ahead if at + ahead < n - 1 else n - 1
        else:
            if at == 0:
                return at
            at = at - ahead if at - ahead > 0 else 0


def dwell(const double[::1] x, const double[::1] y, double radius, double longest, double[::1] out):
    """``out`` ``(n,)``: samples between the last ones inside, before and after each, of an unbroken stay.

    ``longest`` is the longest step of the path. Costs about path / radius looks per sample, not the length of the stay.
    """
    cdef Py_ssize_t n = x.shape[0], i
    with nogil:
        for i in range(n):
            out[i] = (_last_inside(x, y, i, 1, radius, longest) - _last_inside(x, y, i, -1, radius, longest))
