"""A recursive filter over a whole trace, forwards and back, in place."""

from libc.stdlib cimport free, malloc


cdef void _pass(const double[::1] b, const double[::1] a, double *z, double[::1] x, Py_ssize_t first,
                Py_ssize_t step) noexcept nogil:
    """Direct form II transposed, ``a[0] == 1``; the order of operations is scipy's, so the bits are too."""
    cdef Py_ssize_t order = b.shape[0] - 1, n = x.shape[0], k, at = first
    cdef double u, y
    for _ in range(n):
        u = x[at]
        y = z[0] + b[0] * u
        for k in range(order - 1):
            z[k] = z[k + 1] + u * b[k + 1] - y * a[k + 1]
        z[order - 1] = u * b[order] - y * a[order]
        x[at] = y
        at += step


def run(const double[::1] b, const double[::1] a, const double[::1] rest, double[::1] x):
    """Filter ``x`` ``(n,)`` forwards, then backwards, each time from rest on its first sample."""
    cdef Py_ssize_t order = b.shape[0] - 1, n = x.shape[0], k
    cdef double *z
    if order < 1 or a.shape[0] != order + 1 or rest.shape[0] != order or n < 1:
        raise ValueError("a filter needs as many coefficients above as below, one state fewer, and samples")
    z = <double *> malloc(order * sizeof(double))
    if z == NULL:
        raise MemoryError
    with nogil:
        for k in range(order):
            z[k] = rest[k] * x[0]
        _pass(b, a, z, x, 0, 1)
        for k in range(order):
            z[k] = rest[k] * x[n - 1]
        _pass(b, a, z, x, n - 1, -1)
    free(z)
