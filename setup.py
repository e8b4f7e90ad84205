"""Lists the compiled kernels; everything else about the project is in pyproject.toml."""

import os
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

ROOMS = ("api", "drivers", "dsp", "service")


def refuse_broken_links() -> None:
    """A checkout without symbolic links turns ``src/otolith/dsp`` into a text file; say so, early."""
    broken = [room for room in ROOMS if not (Path("src/otolith") / room).is_dir()]
    if broken:
        sys.exit(
            f"src/otolith/{broken[0]} is not a folder: this checkout lost its symbolic links.\n"
            "Clone again with links enabled: git clone -c core.symlinks=true (on Windows, in developer mode)."
        )


def kernels() -> list[Extension]:
    """One extension per ``.pyx`` of the dsp room, or those that OTOLITH_KERNELS (a pattern) names."""
    flags = ["-O3", "-g0", "-fno-trapping-math", "-fno-math-errno", "-ffp-contract=off"]
    # docs/decisions/0005: for the test that both bodies of a kernel give the same bits.
    macros: list[tuple[str, str | None]] = [("OTOLITH_ONE_BODY", None)] if os.environ.get("OTOLITH_ONE_BODY") else []
    return [
        Extension(
            f"otolith.dsp.{source.stem}",
            [str(source)],
            depends=["src/otolith/dsp/_dispatch.h"],
            define_macros=macros,
            extra_compile_args=flags,
        )
        for source in sorted(Path("src/otolith/dsp").glob(os.environ.get("OTOLITH_KERNELS", "*") + ".pyx"))
    ]


refuse_broken_links()
setup(
    ext_modules=cythonize(
        kernels(),
        include_path=["src"],
        language_level=3,
        compiler_directives={
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "embedsignature": False,
            "auto_pickle": False,
            "autotestdict": False,
            "freethreading_compatible": False,
        },
    )
)
