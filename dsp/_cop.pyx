"""Centre of pressure of blocks: vertical cells, and six-component wrenches."""

from libc.math cimport NAN

from otolith.dsp._dispatch cimport cloned, sole_double


cdef cloned four_rows(
    const double* loads, const double* x, const double* y, double threshold, sole_double force, sole_double cop,
    Py_ssize_t n,
) noexcept nogil:
    """Samples side by side: ``loads`` ``(n, 4)``, ``cop`` ``(n, 2)``."""
    cdef double x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], y0 = y[0], y1 = y[1], y2 = y[2], y3 = y[3]
    cdef double l0, l1, l2, l3, total, lever
    cdef Py_ssize_t i
    for i in range(n):
        l0, l1, l2, l3 = loads[4 * i], loads[4 * i + 1], loads[4 * i + 2], loads[4 * i + 3]
        total = l0 + l1 + l2 + l3
        lever = 1.0 / total
        lever = lever if total >= threshold else NAN
        force[i] = total
        cop[2 * i] = (l0 * x0 + l1 * x1 + l2 * x2 + l3 * x3) * lever
        cop[2 * i + 1] = (l0 * y0 + l1 * y1 + l2 * y2 + l3 * y3) * lever


cdef cloned four_columns(
    const double* loads, const double* x, const double* y, double threshold, sole_double force, sole_double cop_x,
    sole_double cop_y, Py_ssize_t n,
) noexcept nogil:
    """Cells side by side: ``loads`` ``(4, n)``; no shuffling between vector lanes, hence the fastest."""
    cdef double x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], y0 = y[0], y1 = y[1], y2 = y[2], y3 = y[3]
    cdef const double* a = loads
    cdef const double* b = loads + n
    cdef const double* c = loads + 2 * n
    cdef const double* d = loads + 3 * n
    cdef double l0, l1, l2, l3, total, lever
    cdef Py_ssize_t i
    for i in range(n):
        l0, l1, l2, l3 = a[i], b[i], c[i], d[i]
        total = l0 + l1 + l2 + l3
        lever = 1.0 / total
        lever = lever if total >= threshold else NAN
        force[i] = total
        cop_x[i] = (l0 * x0 + l1 * x1 + l2 * x2 + l3 * x3) * lever
        cop_y[i] = (l0 * y0 + l1 * y1 + l2 * y2 + l3 * y3) * lever


cdef void any_layout(
    const double[:, :] loads, const double[::1] x, const double[::1] y, double threshold, double[::1] force,
    double[:, :] cop,
) noexcept nogil:
    cdef double load, total, mx, my, lever
    cdef Py_ssize_t i, j
    for i in range(loads.shape[0]):
        total = mx = my = 0.0
        for j in range(loads.shape[1]):
            load = loads[i, j]
            total += load
            mx += load * x[j]
            my += load * y[j]
        lever = 1.0 / total if total >= threshold else NAN
        force[i] = total
        cop[i, 0] = mx * lever
        cop[i, 1] = my * lever


cdef bint _rows(const double[:, :] a) noexcept nogil:
    return a.strides[1] == sizeof(double) and a.strides[0] == a.shape[1] * <Py_ssize_t>sizeof(double)


cdef bint _columns(const double[:, :] a) noexcept nogil:
    return a.strides[0] == sizeof(double) and a.strides[1] == a.shape[0] * <Py_ssize_t>sizeof(double)


def cells(
    const double[:, :] loads not None,
    const double[::1] x not None,
    const double[::1] y not None,
    double threshold,
    double[::1] force not None,
    double[:, :] cop not None,
):
    """Total force and CoP of vertical cells: F = sum F_i, CoP = sum F_i r_i / F.

    ``loads`` ``(n, k)`` N, ``x`` and ``y`` ``(k,)`` mm, into ``force`` ``(n,)`` N and ``cop`` ``(n, 2)`` mm, which must
    not overlap the inputs. CoP is NaN where the force is under ``threshold`` (N, positive) or a load is NaN. Any
    strides; four cells are fastest with ``loads`` and ``cop`` both in Fortran order, then both in C order. The GIL is
    released. Raises ValueError where shapes do not fit.
    """
    cdef Py_ssize_t n = loads.shape[0], k = loads.shape[1]
    if x.shape[0] != k or y.shape[0] != k or k == 0:
        raise ValueError(f"loads of {k} cells need one x and one y per cell")
    if force.shape[0] != n or cop.shape[0] != n or cop.shape[1] != 2:
        raise ValueError(f"{n} samples need a force of ({n},) and a CoP of ({n}, 2)")
    if not threshold > 0.0:
        raise ValueError(f"the force threshold must be a positive number of newtons, not {threshold}")
    if n == 0:
        return
    with nogil:
        if k == 4 and _rows(loads) and _rows(cop):
            four_rows(&loads[0, 0], &x[0], &y[0], threshold, &force[0], &cop[0, 0], n)
        elif k == 4 and _columns(loads) and _columns(cop):
            four_columns(&loads[0, 0], &x[0], &y[0], threshold, &force[0], &cop[0, 0], &cop[0, 1], n)
        else:
            any_layout(loads, x, y, threshold, force, cop)
