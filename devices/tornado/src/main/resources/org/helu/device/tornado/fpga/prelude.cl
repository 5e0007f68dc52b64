/*
 * A network as a single work-item kernel. Loops behind HELU_UNROLL are hardware in parallel, all
 * others turn a clock at a time; constants of file scope are ROM, arrays of the kernel RAM on chip.
 * HELU_LANES and HELU_BANKS tell how many elements are read at once, from one memory of wide words or
 * from several; Intel's tools see it for themselves.
 */
#pragma OPENCL FP_CONTRACT OFF

#if defined(INTELFPGA_CL) || defined(ALTERA_CL)
#define HELU_UNROLL _Pragma("unroll")
#define HELU_SINGLE __attribute__((max_global_work_dim(0)))
#define HELU_LANES(count)
#define HELU_BANKS(count)
#elif defined(__xilinx__)
#define HELU_UNROLL __attribute__((opencl_unroll_hint))
#define HELU_SINGLE
#define HELU_LANES(count) __attribute__((xcl_array_reshape(cyclic, count, 1)))
#define HELU_BANKS(count) __attribute__((xcl_array_partition(cyclic, count, 1)))
#else
#define HELU_UNROLL _Pragma("unroll")
#define HELU_SINGLE
#define HELU_LANES(count)
#define HELU_BANKS(count)
#endif

/* The data of one of TornadoVM's arrays. */
#define HELU_DATA(type, array) ((__global type *) ((array) + HELU_HEADER))

/* The number of ones; popcount came with OpenCL 1.2, Intel's tools promise 1.0. */
static int helu_ones(ulong bits) {
#if defined(INTELFPGA_CL) || defined(ALTERA_CL)
  bits = bits - (bits >> 1 & 0x5555555555555555UL);
  bits = (bits & 0x3333333333333333UL) + (bits >> 2 & 0x3333333333333333UL);
  bits = bits + (bits >> 4) & 0x0f0f0f0f0f0f0f0fUL;
  bits = bits + (bits >> 8);
  bits = bits + (bits >> 16);
  bits = bits + (bits >> 32);
  return (int) (bits & 127);
#else
  return (int) popcount(bits);
#endif
}

/* As in Java: NaN if either is. */
static float helu_max(float a, float b) {
  return a != a || a > b ? a : b;
}

static float helu_min(float a, float b) {
  return a != a || a < b ? a : b;
}
