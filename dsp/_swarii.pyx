"""Sliding windows weighted averaged interpolation, and the spike filter that its authors run before it."""

from libc.math cimport NAN, fabs


def spikes(const double[::1] t, const double[::1] x, const double[::1] y, double start, double jump, double back,
           unsigned char[::1] keep):
    """Mark the samples to keep, ``(n,)``: neither the first nor the last, none before ``start``, no spike.

    A spike is more than ``jump`` from the sample kept last, which one of the next two returns to within ``back``.
    """
    cdef Py_ssize_t n = t.shape[0], i, last = -1
    with nogil:
        for i in range(n):
            keep[i] = 0
            if i == 0 or i == n - 1 or t[i] < start:
                continue
            if last >= 0 and fabs(x[i] - x[last]) + fabs(y[i] - y[last]) > jump:
                if fabs(x[i + 1] - x[last]) + fabs(y[i + 1] - y[last]) < back:
                    continue
                if 1 < i < n - 2 and fabs(x[i + 2] - x[last]) + fabs(y[i + 2] - y[last]) < back:
                    continue
            keep[i] = 1
            last = i


def resample(const double[::1] t, const double[::1] x, const double[::1] y, double half, const double[::1] at,
             double[::1] to_x, double[::1] to_y):
    """Weighted means of ``x`` and ``y`` within ``half`` seconds (exclusive) of each time in ``at``; NaN where empty.

    Each sample weighs the time between the midpoints to its neighbours, cut at the window and the record.
    Returns how many windows were empty. Linear in samples and windows.
    """
    cdef Py_ssize_t n = t.shape[0], m = at.shape[0], i, j, low = 0, high = 0, empty = 0
    cdef double s, left, right, w, total, sx, sy
    with nogil:
        for j in range(m):
            s = at[j]
            while low < n and t[low] < s and not fabs(t[low] - s) < half:
                low += 1
            if high < low:
                high = low
            while high < n and fabs(t[high] - s) < half:
                high += 1
            if high - low < 2:
                to_x[j] = x[low] if high > low else NAN
                to_y[j] = y[low] if high > low else NAN
                empty += high == low
                continue
            total = sx = sy = 0.0
            for i in range(low, high):
                left = max(t[0], s - half) if i == low or i == 0 else 0.5 * (t[i] + t[i - 1])
                right = min(t[n - 1], s + half) if i == high - 1 else 0.5 * (t[i + 1] + t[i])
                w = right - left
                sx += x[i] * w
                sy += y[i] * w
                total += w
            to_x[j] = sx / total
            to_y[j] = sy / total
    return empty
