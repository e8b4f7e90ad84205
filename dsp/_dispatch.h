/* Two words that Cython lacks: functions compiled once more for newer processors, and pointers that alias nothing.

   OTOLITH_CLONED: the dynamic loader picks the x86-64-v3 body (AVX2) where the processor has it. Both bodies come from
   one source and are built with -ffp-contract=off, so they give the same bits. Needs gcc >= 12 and a loader with
   indirect functions (glibc); anywhere else there is one body, for the compiler's target. */

#ifndef OTOLITH_DISPATCH_H
#define OTOLITH_DISPATCH_H

#include <stddef.h>

#if !defined(OTOLITH_ONE_BODY) && defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && \
    !defined(__clang__) && __GNUC__ >= 12
#define OTOLITH_CLONED_VOID __attribute__((target_clones("default", "arch=x86-64-v3"))) void
static inline int otolith_cloned(void) { return __builtin_cpu_supports("x86-64-v3") != 0; }
#else
#define OTOLITH_CLONED_VOID void
static inline int otolith_cloned(void) { return 0; }
#endif

#if defined(_MSC_VER)
#define OTOLITH_SOLE_DOUBLE double *__restrict
#else
#define OTOLITH_SOLE_DOUBLE double *restrict
#endif

#endif
