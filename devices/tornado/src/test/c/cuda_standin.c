/*
 * Stands in for NVIDIA's driver library where there is no NVIDIA GPU: TornadoVM finds one device,
 * generates code for it and hands that over here, and it is written to a folder. Memory is the
 * host's, copies are real, launches are written down and do nothing. Test use only; see
 * GeneratedCodeTest.
 *
 *   cc -shared -fPIC -Wl,-soname,libcuda.so.1 -o libcuda.so.1 cuda_standin.c
 *
 * HELU_STANDIN_DIR   where module-N.ptx, module-N.cubin and launches.txt go
 * HELU_STANDIN_ARCH  compute capability, 10 * major + minor; default 87 (Jetson Orin)
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK 0
#define INVALID_VALUE 1
#define NOT_FOUND 500
#define EXPORT __attribute__((visibility("default")))

typedef void *handle;
typedef unsigned long long devptr;

static int modules;
static int graphs;
static char token[4];

static FILE *file(const char *name, const char *mode) {
  const char *dir = getenv("HELU_STANDIN_DIR");
  char path[4096];
  if (dir == NULL) return NULL;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  return fopen(path, mode);
}

static void note(const char *text) {
  FILE *out = file("launches.txt", "a");
  if (out != NULL) {
    fprintf(out, "%s\n", text);
    fclose(out);
  }
}

/* A kernel's handle is its name. */
typedef struct {
  char name[512];
} function;

EXPORT int cuInit(unsigned flags) { return OK; }

/* NVRTC asks for it where there is a driver, and then goes on without. */
EXPORT int cuGetExportTable(const void **table, const void *id) {
  *table = NULL;
  return NOT_FOUND;
}

EXPORT int cuDriverGetVersion(int *version) {
  *version = 13000;
  return OK;
}

EXPORT int cuDeviceGetCount(int *count) {
  *count = 1;
  return OK;
}

EXPORT int cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return OK;
}

EXPORT int cuDeviceGetName(char *name, int length, int device) {
  snprintf(name, length, "stand-in without a GPU");
  return OK;
}

EXPORT int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  *bytes = (size_t) 8 << 30;
  return OK;
}

EXPORT int cuDeviceGetAttribute(int *value, int attribute, int device) {
  const char *arch = getenv("HELU_STANDIN_ARCH");
  int capability = arch == NULL ? 87 : atoi(arch);
  switch (attribute) {
    case 1: *value = 1024; break;       /* threads per block */
    case 2: case 3: *value = 1024; break; /* block x, y */
    case 4: *value = 64; break;         /* block z */
    case 5: *value = 2147483647; break; /* grid x */
    case 6: case 7: *value = 65535; break;
    case 8: *value = 49152; break;      /* shared memory per block */
    case 9: *value = 65536; break;      /* constant memory */
    case 10: *value = 32; break;        /* warp */
    case 12: *value = 65536; break;     /* registers per block */
    case 13: *value = 1300000; break;   /* clock, kHz */
    case 16: *value = 16; break;        /* multiprocessors */
    case 39: *value = 1536; break;      /* threads per multiprocessor */
    case 75: *value = capability / 10; break;
    case 76: *value = capability % 10; break;
    default: *value = 1;
  }
  return OK;
}

EXPORT int cuCtxCreate_v4(handle *context, void *parameters, unsigned flags, int device) {
  *context = token;
  return OK;
}

EXPORT int cuCtxCreate_v2(handle *context, unsigned flags, int device) {
  *context = token;
  return OK;
}

EXPORT int cuCtxDestroy_v2(handle context) { return OK; }
EXPORT int cuCtxSetCurrent(handle context) { return OK; }
EXPORT int cuCtxSynchronize(void) { return OK; }

EXPORT int cuCtxGetStreamPriorityRange(int *least, int *greatest) {
  *least = 0;
  *greatest = 0;
  return OK;
}

EXPORT int cuEventCreate(handle *event, unsigned flags) {
  *event = token + 1;
  return OK;
}

EXPORT int cuEventDestroy_v2(handle event) { return OK; }
EXPORT int cuEventQuery(handle event) { return OK; }
EXPORT int cuEventRecord(handle event, handle stream) { return OK; }
EXPORT int cuEventSynchronize(handle event) { return OK; }

EXPORT int cuEventElapsedTime_v2(float *millis, handle start, handle end) {
  *millis = 0;
  return OK;
}

EXPORT int cuEventElapsedTime(float *millis, handle start, handle end) {
  *millis = 0;
  return OK;
}

EXPORT int cuGetErrorName(int error, const char **text) {
  *text = "STANDIN_ERROR";
  return OK;
}

EXPORT int cuGetErrorString(int error, const char **text) {
  *text = "error of the stand-in";
  return OK;
}

/* Streams and graphs: everything is done at once, so a captured graph holds nothing to do. */
EXPORT int cuStreamCreate(handle *stream, unsigned flags) {
  *stream = token + 2;
  return OK;
}

EXPORT int cuStreamCreateWithPriority(handle *stream, unsigned flags, int priority) {
  *stream = token + 2;
  return OK;
}

EXPORT int cuStreamDestroy_v2(handle stream) { return OK; }
EXPORT int cuStreamSynchronize(handle stream) { return OK; }
EXPORT int cuStreamWaitEvent(handle stream, handle event, unsigned flags) { return OK; }

static int capturing;

EXPORT int cuStreamBeginCapture_v2(handle stream, int mode) {
  capturing = 1;
  return OK;
}

EXPORT int cuStreamIsCapturing(handle stream, int *status) {
  *status = capturing;
  return OK;
}

EXPORT int cuStreamEndCapture(handle stream, handle *graph) {
  capturing = 0;
  *graph = token + 3;
  note("graph captured");
  return OK;
}

EXPORT int cuGraphInstantiateWithFlags(handle *executable, handle graph, unsigned long long flags) {
  *executable = token + 3;
  graphs++;
  return OK;
}

EXPORT int cuGraphExecUpdate_v2(handle executable, handle graph, void *info) { return OK; }

EXPORT int cuGraphLaunch(handle executable, handle stream) {
  note("graph launched");
  return OK;
}

EXPORT int cuGraphDestroy(handle graph) { return OK; }
EXPORT int cuGraphExecDestroy(handle executable) { return OK; }

/* Memory */
EXPORT int cuMemAlloc_v2(devptr *pointer, size_t bytes) {
  *pointer = (devptr) calloc(1, bytes);
  return OK;
}

EXPORT int cuMemFree_v2(devptr pointer) {
  free((void *) pointer);
  return OK;
}

EXPORT int cuMemAllocHost_v2(void **pointer, size_t bytes) {
  *pointer = malloc(bytes);
  return OK;
}

EXPORT int cuMemFreeHost(void *pointer) {
  free(pointer);
  return OK;
}

EXPORT int cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
  *free_bytes = (size_t) 8 << 30;
  *total = (size_t) 8 << 30;
  return OK;
}

EXPORT int cuMemHostRegister_v2(void *pointer, size_t bytes, unsigned flags) { return OK; }
EXPORT int cuMemHostUnregister(void *pointer) { return OK; }

EXPORT int cuMemcpyHtoDAsync_v2(devptr to, const void *from, size_t bytes, handle stream) {
  memcpy((void *) to, from, bytes);
  return OK;
}

EXPORT int cuMemcpyDtoHAsync_v2(void *to, devptr from, size_t bytes, handle stream) {
  memcpy(to, (void *) from, bytes);
  return OK;
}

EXPORT int cuMemcpyDtoD_v2(devptr to, devptr from, size_t bytes) {
  memmove((void *) to, (void *) from, bytes);
  return OK;
}

EXPORT int cuMemsetD8_v2(devptr to, unsigned char value, size_t bytes) {
  memset((void *) to, value, bytes);
  return OK;
}

/* Code */
static size_t image_bytes(const unsigned char *image) {
  unsigned long long table;
  unsigned short entry, entries;
  if (memcmp(image, "\177ELF", 4) != 0) return strlen((const char *) image);
  memcpy(&table, image + 40, sizeof table);
  memcpy(&entry, image + 58, sizeof entry);
  memcpy(&entries, image + 60, sizeof entries);
  /* The program headers of a cubin may follow its section headers. */
  unsigned long long programs;
  unsigned short size, count;
  memcpy(&programs, image + 32, sizeof programs);
  memcpy(&size, image + 54, sizeof size);
  memcpy(&count, image + 56, sizeof count);
  size_t end = table + (size_t) entry * entries;
  size_t other = programs + (size_t) size * count;
  return end > other ? end : other;
}

EXPORT int cuModuleLoadDataEx(
    handle *module, const void *image, unsigned count, int *options, void **values) {
  char name[64];
  int elf = memcmp(image, "\177ELF", 4) == 0;
  snprintf(name, sizeof name, "module-%d.%s", ++modules, elf ? "cubin" : "ptx");
  FILE *out = file(name, "wb");
  if (out == NULL) return INVALID_VALUE;
  fwrite(image, 1, image_bytes(image), out);
  fclose(out);
  *module = token;
  return OK;
}

EXPORT int cuModuleLoadData(handle *module, const void *image) {
  return cuModuleLoadDataEx(module, image, 0, NULL, NULL);
}

EXPORT int cuModuleUnload(handle module) { return OK; }

EXPORT int cuModuleGetFunction(handle *result, handle module, const char *name) {
  function *found = calloc(1, sizeof(function));
  snprintf(found->name, sizeof found->name, "%s", name);
  *result = found;
  return OK;
}

EXPORT int cuOccupancyMaxPotentialBlockSize(
    int *grid, int *block, handle f, void *size, size_t shared, int limit) {
  *grid = 16;
  *block = 256;
  return OK;
}

EXPORT int cuLaunchKernel(
    handle f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
    unsigned shared, handle stream, void **parameters, void **extra) {
  char text[768];
  /* What a driver refuses. */
  if (gx == 0 || gy == 0 || gz == 0 || bx * by * bz == 0 || bx * by * bz > 1024 || bz > 64) {
    snprintf(text, sizeof text, "REFUSED %s %u,%u,%u %u,%u,%u", ((function *) f)->name, gx, gy, gz,
             bx, by, bz);
    note(text);
    return INVALID_VALUE;
  }
  snprintf(text, sizeof text, "%s %u,%u,%u %u,%u,%u", ((function *) f)->name, gx, gy, gz, bx, by,
           bz);
  note(text);
  return OK;
}
