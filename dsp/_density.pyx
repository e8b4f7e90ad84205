"""How long a path stays near each of its points."""


cdef inline double _farthest(const double[:, ::1] box, Py_ssize_t node, double x, double y) noexcept nogil:
    """Squared distance from a point to the farthest corner of a box: no sample of the box is farther."""
    cdef double left = x - box[node, 0], right = box[node, 1] - x, below = y - box[node, 2], above = box[node, 3] - y
    cdef double dx = left if left > right else right, dy = below if below > above else above
    return dx * dx + dy * dy


cdef void _fill(const double[::1] x, const double[::1] y, double[:, ::1] box) noexcept nogil:
    """A binary tree of bounding boxes; leaf ``half + i`` is sample i, the last one repeated to the end."""
    cdef Py_ssize_t n = x.shape[0], half = box.shape[0] // 2, i, k
    for i in range(half):
        k = i if i < n else n - 1
        box[half + i, 0] = box[half + i, 1] = x[k]
        box[half + i, 2] = box[half + i, 3] = y[k]
    for i in range(half - 1, 0, -1):
        for k in range(0, 4, 2):
            box[i, k] = min(box[2 * i, k], box[2 * i + 1, k])
            box[i, k + 1] = max(box[2 * i, k + 1], box[2 * i + 1, k + 1])


def stay(const double[::1] x, const double[::1] y, double radius, double[:, ::1] box, Py_ssize_t[::1] out):
    """``out`` ``(n,)``: samples after each during which the path has not yet been farther than ``radius`` from it.

    ``box`` is ``(2h, 4)`` scratch, h a power of two and at least n. Whole boxes inside the circle are passed over, so
    that a sample costs the logarithm of its stay.
    """
    cdef Py_ssize_t n = x.shape[0], half = box.shape[0] // 2, i, at, level
    cdef double limit = radius * radius
    if half < n or half & (half - 1):
        raise ValueError("the scratch must have twice a power of two rows, at least twice the samples")
    with nogil:
        _fill(x, y, box)
        for i in range(n):
            at = i
            level = 0
            while at < n:
                if _farthest(box, (half + at) >> level, x[i], y[i]) <= limit:
                    at += <Py_ssize_t> 1 << level
                    while (half + at) >> level & 1 == 0 and (half + at) >> level > 1 and at < n:
                        level += 1
                elif level == 0:
                    break
                else:
                    level -= 1
            out[i] = (at if at < n else n) - 1 - i
