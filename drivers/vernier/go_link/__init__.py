"""Go!Link, Vernier's one-channel interface for analogue sensors, with the force plate FP-BTA on it.

Facts: Vernier's GoIO_SDK (BSD), ``SkipCommunication.h`` and ``GSkipCommExt.h``; the plate's formula is that of the
equivalent CMA 0364, from its manual.
"""
