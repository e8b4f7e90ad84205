"""Causal second-order sections over blocks, with the state carried by the caller."""

from otolith.dsp._filter cimport cascade_next


def filter_block(
    const double[:, ::1] sos not None,
    const double[:, ::1] rest not None,
    double[:, :, ::1] state not None,
    const double[:, ::1] x not None,
    double[:, ::1] out not None,
):
    """Filter ``x`` ``(n, c)`` into ``out`` (which may be ``x``), each channel by itself.

    ``sos`` ``(s, 6)``, ``rest`` ``(s, 2)`` from :func:`otolith.dsp.filters.steady_state`, ``state`` ``(s, 2, c)``
    updated in place; a state of NaN means "not started": the channel begins at rest on its next valid sample. NaN
    samples give NaN and stop their channel. Equal to ``scipy.signal.sosfilt`` between them. All arrays C-contiguous.

    The GIL is released; two calls may run at once on different states.
    """
    cdef Py_ssize_t n = x.shape[0], channels = x.shape[1], sections = sos.shape[0], i, c
    if sos.shape[1] != 6 or rest.shape[0] != sections or rest.shape[1] != 2:
        raise ValueError("sections have the shape (s, 6) and their state at rest (s, 2)")
    if state.shape[0] != sections or state.shape[1] != 2 or state.shape[2] != channels:
        raise ValueError(f"the state of {sections} sections and {channels} channels is ({sections}, 2, {channels})")
    if out.shape[0] != n or out.shape[1] != channels:
        raise ValueError(f"the output must have the shape of the input, ({n}, {channels})")
    if n == 0 or sections == 0 or channels == 0:
        out[:] = x
        return
    with nogil:
        for c in range(channels):
            for i in range(n):
                out[i, c] = cascade_next(&sos[0, 0], &rest[0, 0], sections, &state[0, 0, c], channels, x[i, c])
