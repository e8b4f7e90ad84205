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


cdef void share(
    const double* loads, const double* force, const double* x, const double* y, double threshold, double* out,
    Py_ssize_t n, Py_ssize_t plates,
) noexcept nogil:
    """Plate after plate of each sample: three dot products and a division."""
    cdef Py_ssize_t _, p, j
    cdef double fz, mx, my, lever
    for _ in range(n):
        for p in range(plates):
            fz = mx = my = 0.0
            for j in range(6 * p, 6 * p + 6):
                fz += loads[j] * force[j]
                mx += loads[j] * x[j]
                my += loads[j] * y[j]
            lever = 1.0 / fz if fz >= threshold else NAN
            out[0] = fz
            out[1] = mx * lever
            out[2] = my * lever
            out += 3
        loads += 6 * plates


def parts(
    const double[:, ::1] loads not None,
    const double[:, ::1] arms not None,
    double threshold,
    double[:, :, ::1] out not None,
):
    """Vertical force and CoP of each of p plates, on the board that they are part of, into ``out`` ``(n, p, 3)``.

    ``loads`` ``(n, 6 p)`` wrenches; ``arms`` ``(3, 6 p)``: what one unit of each load adds to its plate's vertical
    force, and to what that divides to be the CoP: FZ, -MY and MX of :mod:`otolith.dsp.plates.levers`. CoP is NaN where
    a plate bears less than ``threshold`` newtons. The GIL is released. Raises ValueError where shapes do not fit.
    """
    cdef Py_ssize_t n = loads.shape[0], k = loads.shape[1]
    if k == 0 or k % 6 or arms.shape[0] != 3 or arms.shape[1] != k:
        raise ValueError(f"the wrenches of plates have six loads each and arms of (3, {k}), not {k} loads")
    if out.shape[0] != n or out.shape[1] != k // 6 or out.shape[2] != 3:
        raise ValueError(f"{n} samples of {k // 6} plates need a result of ({n}, {k // 6}, 3)")
    if not threshold > 0.0:
        raise ValueError(f"the force threshold must be a positive number of newtons, not {threshold}")
    if n:
        with nogil:
            share(&loads[0, 0], &arms[0, 0], &arms[1, 0], &arms[2, 0], threshold, &out[0, 0, 0], n, k // 6)


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
