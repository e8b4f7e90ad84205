"""How often short stretches of a signal repeat: pair counts for sample and approximate entropy."""

from otolith.dsp._dispatch cimport cloned


cdef cloned matches_of_two(
    const double* second, const double* third, Py_ssize_t n, double a, double b, double r, Py_ssize_t* found,
) noexcept nogil:
    """Of ``n`` stretches whose first sample is near: those with a near second, and of these those with a near third.

    Branchless on contiguous columns, so that the compiler compares several at once.
    """
    cdef Py_ssize_t i, two = 0, three = 0
    cdef Py_ssize_t near
    for i in range(n):
        near = (second[i] - a <= r) & (a - second[i] <= r)
        two += near
        three += near & (third[i] - b <= r) & (b - third[i] <= r)
    found[0] += two
    found[1] += three


cdef void matches_of_any(
    const double* columns, Py_ssize_t stride, Py_ssize_t m, Py_ssize_t i, Py_ssize_t low, Py_ssize_t high, double r,
    Py_ssize_t* found,
) noexcept nogil:
    """The same for stretches of ``m`` samples: ``columns`` ``(m + 1, stride)``, the stretches ``low`` to ``high``."""
    cdef Py_ssize_t j, k
    cdef double d
    for j in range(low, high):
        k = 1
        while k <= m:
            d = columns[k * stride + j] - columns[k * stride + i]
            if not -r <= d <= r:
                break
            k += 1
        found[0] += k >= m
        found[1] += k > m


cdef void matches(
    const double[:, ::1] columns, Py_ssize_t i, Py_ssize_t low, Py_ssize_t high, double r, Py_ssize_t* found,
) noexcept nogil:
    if columns.shape[0] == 3:
        matches_of_two(&columns[1, 0] + low, &columns[2, 0] + low, high - low, columns[1, i], columns[2, i], r, found)
    else:
        matches_of_any(&columns[0, 0], columns.shape[1], columns.shape[0] - 1, i, low, high, r, found)


def pairs(const double[:, ::1] columns, double r):
    """Pairs of stretches with every sample within ``r``: (of m samples, of m + 1 samples).

    ``columns`` ``(m + 1, n)`` holds sample k of each stretch in row k, the stretches sorted by row 0.
    """
    cdef Py_ssize_t n = columns.shape[1], i, high = 0
    cdef Py_ssize_t found[2]
    found[0] = found[1] = 0
    if columns.shape[0] < 2:
        raise ValueError("a stretch has at least one sample, and one that follows it")
    with nogil:
        for i in range(n):
            while high < n and columns[0, high] - columns[0, i] <= r:
                high += 1
            matches(columns, i, i + 1, high, r, found)
    return found[0], found[1]


def neighbours(const double[:, ::1] columns, double r, Py_ssize_t[:, ::1] out):
    """``out`` ``(2, n)``: for each stretch, how many (itself included) match it over m and over m + 1 samples.

    ``columns`` as in :func:`pairs`.
    """
    cdef Py_ssize_t n = columns.shape[1], i, low = 0, high = 0
    cdef Py_ssize_t found[2]
    if columns.shape[0] < 2 or out.shape[0] != 2 or out.shape[1] != n:
        raise ValueError("a stretch has at least one sample and one that follows it, and two counts")
    with nogil:
        for i in range(n):
            while columns[0, i] - columns[0, low] > r:
                low += 1
            while high < n and columns[0, high] - columns[0, i] <= r:
                high += 1
            found[0] = found[1] = 0
            matches(columns, i, low, high, r, found)
            out[0, i] = found[0]
            out[1, i] = found[1]
