"""The cubic spline through unevenly spaced knots, with the "not a knot" ends."""


cdef void slopes(const double[::1] x, const double[::1] y, double[::1] upper, double[::1] s) noexcept nogil:
    """Derivatives ``s`` at the knots ``x`` ``(n,)``, n >= 4 (de Boor 1978, chapter IV): one tridiagonal solve."""
    cdef Py_ssize_t n = x.shape[0], i
    cdef double d, left, right, below, diagonal, above, pivot
    left = x[1] - x[0]
    right = x[2] - x[1]
    d = x[2] - x[0]
    upper[0] = d / right
    s[0] = ((left + 2.0 * d) * right * (y[1] - y[0]) / left + left * left * (y[2] - y[1]) / right) / d / right
    for i in range(1, n):
        if i < n - 1:
            left = x[i] - x[i - 1]
            right = x[i + 1] - x[i]
            below = right
            diagonal = 2.0 * (left + right)
            above = left
            s[i] = 3.0 * (right * (y[i] - y[i - 1]) / left + left * (y[i + 1] - y[i]) / right)
        else:
            left = x[n - 2] - x[n - 3]
            right = x[n - 1] - x[n - 2]
            d = x[n - 1] - x[n - 3]
            below = d
            diagonal = left
            above = 0.0
            s[i] = right * right * (y[n - 2] - y[n - 3]) / left
            s[i] = (s[i] + (2.0 * d + right) * left * (y[n - 1] - y[n - 2]) / right) / d
        pivot = diagonal - below * upper[i - 1]
        upper[i] = above / pivot
        s[i] = (s[i] - below * s[i - 1]) / pivot
    for i in range(n - 2, -1, -1):
        s[i] -= upper[i] * s[i + 1]


def interpolate(const double[::1] x, const double[::1] y, const double[::1] at, double[:, ::1] scratch,
                double[::1] out):
    """The spline through (``x``, ``y``) ``(n,)`` at the ascending places ``at`` ``(m,)``; ``scratch`` is ``(2, n)``."""
    cdef Py_ssize_t n = x.shape[0], j, k = 0
    cdef double h, u, rise, first, last
    if n < 4 or y.shape[0] != n or scratch.shape[0] != 2 or scratch.shape[1] != n or out.shape[0] != at.shape[0]:
        raise ValueError("a spline needs four knots, and as many values")
    with nogil:
        slopes(x, y, scratch[0], scratch[1])
        for j in range(at.shape[0]):
            while k < n - 2 and at[j] >= x[k + 1]:
                k += 1
            h = x[k + 1] - x[k]
            u = at[j] - x[k]
            rise = (y[k + 1] - y[k]) / h
            first = scratch[1, k]
            last = scratch[1, k + 1]
            u /= h
            out[j] = y[k] + h * u * (first + u * (3.0 * rise - 2.0 * first - last + u * (first + last - 2.0 * rise)))
