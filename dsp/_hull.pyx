"""The convex hull of a path."""


cdef double _turn(const double[::1] x, const double[::1] y, Py_ssize_t a, Py_ssize_t b, Py_ssize_t c) noexcept nogil:
    return (x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a])


def chain(const double[::1] x, const double[::1] y, Py_ssize_t[::1] out):
    """Monotone chain (Andrew 1979) over points sorted by x, then y; counter-clockwise indices into ``out`` ``(2n,)``.

    Returns how many corners there are; the first is not repeated.
    """
    cdef Py_ssize_t n = x.shape[0], i, k = 0, floor
    with nogil:
        for i in range(n):
            while k >= 2 and _turn(x, y, out[k - 2], out[k - 1], i) <= 0.0:
                k -= 1
            out[k] = i
            k += 1
        floor = k + 1
        for i in range(n - 2, -1, -1):
            while k >= floor and _turn(x, y, out[k - 2], out[k - 1], i) <= 0.0:
                k -= 1
            out[k] = i
            k += 1
    return max(k - 1, 1)
