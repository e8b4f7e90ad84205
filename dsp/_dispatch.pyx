"""Which bodies of the block kernels run on this processor."""

from otolith.dsp._dispatch cimport otolith_cloned


def instruction_set():
    """``x86-64-v3`` where the loader chose those bodies, else ``baseline``; the numbers are the same either way."""
    return "x86-64-v3" if otolith_cloned() else "baseline"
