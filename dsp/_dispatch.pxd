"""What the C compiler should know and Cython cannot say.

``cdef cloned kernel(sole_double out, const double* x, ...) noexcept nogil`` is a void function with one more body for
x86-64-v3, chosen at load time; ``sole_double`` is ``double *restrict``: memory that no other argument reaches.
"""

cdef extern from "_dispatch.h" nogil:
    ctypedef void cloned "OTOLITH_CLONED_VOID"
    ctypedef double* sole_double "OTOLITH_SOLE_DOUBLE"
    bint otolith_cloned()
