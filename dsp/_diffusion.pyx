"""Mean squared displacement at short lags."""


def short_lags(const double[::1] x, double[::1] out):
    """``out[m-1]`` = mean of ``(x[i+m] - x[i])**2`` for m = 1 ... len(out), each summed as written."""
    cdef Py_ssize_t n = x.shape[0], lags = out.shape[0], m, i
    cdef double d, s0, s1, s2, s3
    if lags >= n:
        raise ValueError("a lag must be shorter than the signal")
    with nogil:
        for m in range(1, lags + 1):
            s0 = s1 = s2 = s3 = 0.0
            i = 0
            while i + 4 <= n - m:
                d = x[i + m] - x[i]
                s0 += d * d
                d = x[i + m + 1] - x[i + 1]
                s1 += d * d
                d = x[i + m + 2] - x[i + 2]
                s2 += d * d
                d = x[i + m + 3] - x[i + 3]
                s3 += d * d
                i += 4
            while i < n - m:
                d = x[i + m] - x[i]
                s0 += d * d
                i += 1
            out[m - 1] = (s0 + s1 + s2 + s3) / (n - m)
