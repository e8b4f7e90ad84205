"""Centre of pressure and free moment of blocks of six-component wrenches, with the plate's calibration matrix."""

from libc.math cimport NAN, fabs

from otolith.dsp._dispatch cimport cloned, sole_double


cdef inline void centre(
    const double* w, const double* o, double threshold, double* cop, double* free_moment
) noexcept nogil:
    """Move the moments to the centre of the surface, M' = M + F x o, and divide."""
    cdef double mx = w[3] + w[1] * o[2] - w[2] * o[1]
    cdef double my = w[4] + w[2] * o[0] - w[0] * o[2]
    cdef double mz = w[5] + w[0] * o[1] - w[1] * o[0]
    cdef double lever = 1.0 / w[2]
    lever = lever if fabs(w[2]) >= threshold else NAN
    cop[0] = -my * lever
    cop[1] = mx * lever
    free_moment[0] = mz - cop[0] * w[1] + cop[1] * w[0]


cdef cloned six(
    const double* signals, const double* columns, const double* o, double threshold, sole_double wrench,
    sole_double cop, sole_double free_moment, Py_ssize_t n,
) noexcept nogil:
    """Six signals and a matrix given by columns: a row of the wrench is a sum of whole columns, which vectorises."""
    cdef double[36] m
    cdef double[6] w
    cdef double s
    cdef Py_ssize_t i, j, r
    for j in range(36):
        m[j] = columns[j]
    for i in range(n):
        for r in range(6):
            w[r] = 0.0
        for j in range(6):
            s = signals[6 * i + j]
            for r in range(6):
                w[r] += m[6 * j + r] * s
        for r in range(6):
            wrench[6 * i + r] = w[r]
        centre(w, o, threshold, &cop[2 * i], &free_moment[i])


cdef cloned any_signals(
    const double* signals, const double* columns, const double* o, double threshold, sole_double wrench,
    sole_double cop, sole_double free_moment, Py_ssize_t n, Py_ssize_t c,
) noexcept nogil:
    cdef double[6] w
    cdef double s
    cdef Py_ssize_t i, j, r
    for i in range(n):
        for r in range(6):
            w[r] = 0.0
        for j in range(c):
            s = signals[c * i + j]
            for r in range(6):
                w[r] += columns[6 * j + r] * s
        for r in range(6):
            wrench[6 * i + r] = w[r]
        centre(w, o, threshold, &cop[2 * i], &free_moment[i])


cdef cloned plain(
    const double* wrench, const double* o, double threshold, sole_double cop, sole_double free_moment, Py_ssize_t n
) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        centre(&wrench[6 * i], o, threshold, &cop[2 * i], &free_moment[i])


def centres(
    const double[:, ::1] wrench not None,
    const double[::1] offset not None,
    double threshold,
    double[:, ::1] cop not None,
    double[::1] free_moment not None,
):
    """CoP and free moment of wrenches, on the plane of the working surface.

    ``wrench`` ``(n, 6)`` Fx Fy Fz (N) Mx My Mz (N mm) in the plate's frame, ``offset`` ``(3,)`` mm from the sensor's
    origin to the centre of the surface, as C3D's ORIGIN with oz < 0. M' = M + F x o; CoP = (-My'/Fz, Mx'/Fz);
    Tz = Mz' - CoPx Fy + CoPy Fx (C3D manual, force platform type 2). Into ``cop`` ``(n, 2)`` mm and ``free_moment``
    ``(n,)`` N mm; NaN where abs(Fz) is under ``threshold`` newtons. The GIL is released. Raises ValueError where shapes
    do not fit.
    """
    cdef Py_ssize_t n = wrench.shape[0]
    _refuse(n, wrench.shape[1] == 6, offset.shape[0], cop.shape[0], cop.shape[1], free_moment.shape[0], threshold)
    if n:
        with nogil:
            plain(&wrench[0, 0], &offset[0], threshold, &cop[0, 0], &free_moment[0], n)


def calibrated(
    const double[:, ::1] signals not None,
    const double[:, ::1] columns not None,
    const double[::1] offset not None,
    double threshold,
    double[:, ::1] wrench not None,
    double[:, ::1] cop not None,
    double[::1] free_moment not None,
):
    """Like :func:`centres` on ``wrench = signals @ columns``, which is filled too.

    ``signals`` ``(n, c)``, ``columns`` ``(c, 6)``: row j holds what one unit of signal j adds to the wrench, that is
    the transposed calibration matrix of C3D's types 4 (c = 6) and 5 (c = 8).
    """
    cdef Py_ssize_t n = signals.shape[0], c = signals.shape[1]
    if columns.shape[0] != c or columns.shape[1] != 6 or c == 0:
        raise ValueError(f"{c} signals need a calibration of ({c}, 6), not ({columns.shape[0]}, {columns.shape[1]})")
    _refuse(
        n, wrench.shape[0] == n and wrench.shape[1] == 6, offset.shape[0], cop.shape[0], cop.shape[1],
        free_moment.shape[0], threshold,
    )
    if n == 0:
        return
    with nogil:
        if c == 6:
            six(
                &signals[0, 0], &columns[0, 0], &offset[0], threshold, &wrench[0, 0], &cop[0, 0], &free_moment[0], n
            )
        else:
            any_signals(
                &signals[0, 0], &columns[0, 0], &offset[0], threshold, &wrench[0, 0], &cop[0, 0], &free_moment[0], n, c
            )


cdef _refuse(
    Py_ssize_t n, bint wrench_fits, Py_ssize_t offset, Py_ssize_t rows, Py_ssize_t columns, Py_ssize_t moments,
    double threshold,
):
    if not wrench_fits:
        raise ValueError("a wrench has six columns: Fx Fy Fz Mx My Mz")
    if offset != 3:
        raise ValueError(f"the offset of a plate has three components, not {offset}")
    if rows != n or columns != 2 or moments != n:
        raise ValueError(f"{n} samples need a CoP of ({n}, 2) and a free moment of ({n},)")
    if not threshold > 0.0:
        raise ValueError(f"the force threshold must be a positive number of newtons, not {threshold}")
