/* OpenCL C's words as plain C, for gcc: what a single work-item kernel is without a device. */
#include <math.h>

/* Those of AMD stand before statements, where gcc knows none. */
#define __attribute__(anything)
#define __kernel
#define __global
#define __local
#define __constant const
#define __OPENCL_VERSION__ 120
#define popcount(bits) __builtin_popcountll(bits)
#define rint(x) rintf(x)
#define fabs(x) fabsf(x)

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
