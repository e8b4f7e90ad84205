"""Fluctuation of a profile about straight lines."""

from libc.math cimport sqrt


cdef double residual(const double* y, Py_ssize_t n) noexcept nogil:
    """Sum of squares about the best line through ``n`` equally spaced values."""
    cdef double middle = 0.5 * (n - 1), spread = n * (n * <double> n - 1.0) / 12.0
    cdef double mean = 0.0, slope = 0.0, total = 0.0, d
    cdef Py_ssize_t i
    for i in range(n):
        mean += y[i]
    mean /= n
    for i in range(n):
        slope += (i - middle) * (y[i] - mean)
    slope /= spread
    for i in range(n):
        d = y[i] - mean - slope * (i - middle)
        total += d * d
    return total


def fluctuations(const double[::1] profile, const Py_ssize_t[::1] scales, double[::1] out):
    """``out`` ``(k,)``: root mean square of ``profile`` ``(n,)`` about lines in boxes of ``scales`` ``(k,)`` samples.

    Boxes follow each other from the start without overlap; what does not fill one is left out.
    """
    cdef Py_ssize_t n = profile.shape[0], k, box, size
    cdef double total
    for k in range(scales.shape[0]):
        if not 2 < scales[k] <= n:
            raise ValueError("a box has at least three samples, and fits into the profile")
    with nogil:
        for k in range(scales.shape[0]):
            size = scales[k]
            total = 0.0
            for box in range(n // size):
                total += residual(&profile[box * size], size)
            out[k] = sqrt(total / (n // size * size))
