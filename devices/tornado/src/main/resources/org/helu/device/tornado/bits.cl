/*
 * Counting of bits, and products of bytes by signs. PoCL 3.1 compiles popcount of a vector lane by
 * lane, four times slower than this; it says by clang's macros what the CPU has.
 */
#if defined(__AVX512BW__) && !PORTABLE

typedef char bytes64 __attribute__((ext_vector_type(64)));
typedef short shorts32 __attribute__((ext_vector_type(32)));

/* Bits of each byte, by a table of those of each half. */
static ulong8 counted(ulong8 v) {
  const ulong8 nibble = 0x0f0f0f0f0f0f0f0fUL;
  const ulong2 own = (ulong2)(0x0302020102010100UL, 0x0403030203020201UL);
  bytes64 table = __builtin_astype((ulong8)(own, own, own, own), bytes64);
  bytes64 low = __builtin_astype(v & nibble, bytes64);
  bytes64 high = __builtin_astype(v >> 4 & nibble, bytes64);
  bytes64 sum = __builtin_ia32_pshufb512(table, low) + __builtin_ia32_pshufb512(table, high);
  return __builtin_astype(sum, ulong8);
}

/* Sums of the eight bytes of each lane. */
static ulong8 totals(ulong8 counts) {
  bytes64 sums = __builtin_astype(counts, bytes64);
  return __builtin_astype(__builtin_ia32_psadbw512(sums, (bytes64)(0)), ulong8);
}

/* Sums of two products each of unsigned bytes by signs. */
static shorts32 signed_pairs(uint codes, int16 signs) {
  bytes64 x = __builtin_astype((uint16)(codes), bytes64);
  bytes64 w = __builtin_astype(signs, bytes64);
  return __builtin_astype(__builtin_ia32_pmaddubsw512(x, w), shorts32);
}

static int16 widened(shorts32 pairs) {
  return __builtin_astype(__builtin_ia32_pmaddwd512(pairs, (shorts32)(1)), int16);
}

#else

typedef int16 shorts32;

static ulong8 counted(ulong8 v) { return popcount(v); }

static ulong8 totals(ulong8 counts) { return counts; }

static shorts32 signed_pairs(uint codes, int16 signs) {
  int16 sum = 0;
  for (int i = 0; i < 32; i += 8) sum += (int) (codes >> i & 255) * (signs << (24 - i) >> 24);
  return sum;
}

static int16 widened(shorts32 pairs) { return pairs; }

#endif

static int16 narrowed(ulong8 low, ulong8 high) {
  return (int16)(convert_int8(low), convert_int8(high));
}

/* Bit i is lane i, all ones or zero. */
static ushort lanes(int16 flags) {
  const int16 places = (int16)(
      1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
  int16 own = flags & places;
  int8 eight = own.lo | own.hi;
  int4 four = eight.lo | eight.hi;
  int2 two = four.lo | four.hi;
  return (ushort) (two.x | two.y);
}

/* So many counts of a byte, and so many pairs, may be added before they are summed. */
enum { MOST_COUNTS = 31, MOST_PAIRS = 64 };
