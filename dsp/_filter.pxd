"""One step of a cascade of second-order sections, for every kernel that filters."""


cdef inline double cascade_step(
    const double* sos, Py_ssize_t sections, double* state, Py_ssize_t stride, double x
) noexcept nogil:
    """Transposed direct form II; ``state`` holds z0, z1 of each section, ``stride`` doubles apart."""
    cdef Py_ssize_t _s
    cdef double y = x
    for _s in range(sections):
        x = y
        y = sos[0] * x + state[0]
        state[0] = sos[1] * x - sos[4] * y + state[stride]
        state[stride] = sos[2] * x - sos[5] * y
        sos += 6
        state += 2 * stride
    return y


cdef inline void cascade_start(
    const double* rest, Py_ssize_t sections, double* state, Py_ssize_t stride, double x
) noexcept nogil:
    """Set the state as if the input had been ``x`` for ever."""
    cdef Py_ssize_t i
    for i in range(2 * sections):
        state[i * stride] = rest[i] * x


cdef inline double cascade_next(
    const double* sos, const double* rest, Py_ssize_t sections, double* state, Py_ssize_t stride, double x
) noexcept nogil:
    """One sample under the NaN policy: NaN (or overflow) in, NaN out, and the next valid sample starts afresh.

    A NaN in the first state means: not started.
    """
    if x != x:
        state[0] = x
        return x
    if state[0] != state[0]:
        cascade_start(rest, sections, state, stride, x)
    return cascade_step(sos, sections, state, stride, x)
