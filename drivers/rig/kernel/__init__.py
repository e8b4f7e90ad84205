"""A real Linux kernel for twins: a machine of QEMU's that boots it, and what hangs twins on its buses."""

from otolith.drivers.rig.kernel.image import Image, NoKernel, kernel_image
from otolith.drivers.rig.kernel.machine import Run, run_in_kernel

__all__ = ["Image", "NoKernel", "Run", "kernel_image", "run_in_kernel"]
