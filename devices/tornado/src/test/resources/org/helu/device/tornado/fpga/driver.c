/*
 * Calls a generated kernel: driver FILE SIZE... reads arrays of these many bytes, one behind the
 * other, from FILE and writes them back. HELU_CALL(a) is the call with the arrays a[0], a[1], ...
 */
#include <stdio.h>
#include <stdlib.h>

#include "opencl.h"

#include "kernel.cl"

enum { MOST = 16 };

static void move(const char *file, const char *mode, uchar *arrays[], const size_t sizes[], int count) {
  FILE *stream = fopen(file, mode);
  int good = stream != NULL;
  for (int i = 0; good && i < count; i++) {
    size_t moved = mode[0] == 'r' ? fread(arrays[i], 1, sizes[i], stream)
                                  : fwrite(arrays[i], 1, sizes[i], stream);
    good = moved == sizes[i];
  }
  if (!good || fclose(stream) != 0) {
    perror(file);
    exit(1);
  }
}

int main(int argc, char *argv[]) {
  uchar *arrays[MOST];
  size_t sizes[MOST];
  int count = argc - 2;
  if (count < 1 || count > MOST) {
    fputs("usage: driver FILE SIZE...\n", stderr);
    return 1;
  }
  for (int i = 0; i < count; i++) {
    /* Each in a block of its own, so that the address sanitizer knows its end. */
    sizes[i] = (size_t) atol(argv[2 + i]);
    arrays[i] = malloc(sizes[i]);
    if (arrays[i] == NULL) return 1;
  }
  move(argv[1], "rb", arrays, sizes, count);
  HELU_CALL(arrays);
  move(argv[1], "wb", arrays, sizes, count);
  for (int i = 0; i < count; i++) free(arrays[i]);
  return 0;
}
