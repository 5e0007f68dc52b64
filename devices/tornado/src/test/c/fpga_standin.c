/*
 * Presents the machine's OpenCL devices (PoCL's) as FPGA accelerators: other names, another type,
 * everything else untouched. Preloaded, it answers before the OpenCL loader does. Test use only.
 *
 *   cc -shared -fPIC -o libfpga_standin.so fpga_standin.c -ldl
 *   LD_PRELOAD=./libfpga_standin.so ...
 *
 * HELU_STANDIN_PLATFORM  name of the platform; default Intel(R) FPGA SDK for OpenCL(TM)
 * HELU_STANDIN_VENDOR    its vendor; default Intel(R) Corporation
 * HELU_STANDIN_DEVICE    name of the device; default that of the Nallatech 385A
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* From OpenCL's cl.h, which need not be installed. */
enum {
  SUCCESS = 0,
  INVALID_VALUE = -30,
  PLATFORM_NAME = 0x0902,
  PLATFORM_VENDOR = 0x0903,
  DEVICE_TYPE = 0x1000,
  DEVICE_NAME = 0x102B,
  TYPE_ACCELERATOR = 8
};

#define TYPE_ALL 0xFFFFFFFFu

typedef int32_t query(void *object, uint32_t what, size_t size, void *value, size_t *needed);
typedef int32_t listing(
    void *platform, uint64_t type, uint32_t room, void **devices, uint32_t *count);

/* By its name: where the JVM loads it, it is not next to this library, but in a scope of its own. */
static void *loader(const char *function) {
  static void *library;
  if (library == NULL) library = dlopen("libOpenCL.so.1", RTLD_LAZY);
  return dlsym(library, function);
}

static const char *setting(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value != NULL ? value : otherwise;
}

static int32_t answer(
    const void *found, size_t length, size_t size, void *value, size_t *needed) {
  if (value != NULL && size < length) return INVALID_VALUE;
  if (value != NULL) memcpy(value, found, length);
  if (needed != NULL) *needed = length;
  return SUCCESS;
}

static int32_t text(const char *found, size_t size, void *value, size_t *needed) {
  return answer(found, strlen(found) + 1, size, value, needed);
}

int32_t clGetPlatformInfo(
    void *platform, uint32_t what, size_t size, void *value, size_t *needed) {
  if (what == PLATFORM_NAME)
    return text(setting("HELU_STANDIN_PLATFORM", "Intel(R) FPGA SDK for OpenCL(TM)"),
                size, value, needed);
  if (what == PLATFORM_VENDOR)
    return text(setting("HELU_STANDIN_VENDOR", "Intel(R) Corporation"), size, value, needed);
  return ((query *) loader(__func__))(platform, what, size, value, needed);
}

/* Of AMD's platforms TornadoVM asks for accelerators alone. */
int32_t clGetDeviceIDs(
    void *platform, uint64_t type, uint32_t room, void **devices, uint32_t *count) {
  uint64_t asked = type == TYPE_ACCELERATOR ? TYPE_ALL : type;
  return ((listing *) loader(__func__))(platform, asked, room, devices, count);
}

int32_t clGetDeviceInfo(void *device, uint32_t what, size_t size, void *value, size_t *needed) {
  const uint64_t accelerator = TYPE_ACCELERATOR;
  if (what == DEVICE_TYPE) return answer(&accelerator, sizeof accelerator, size, value, needed);
  if (what == DEVICE_NAME)
    return text(setting("HELU_STANDIN_DEVICE", "p385a_sch_ax115 : nalla_pcie (aclnalla_pcie0)"),
                size, value, needed);
  return ((query *) loader(__func__))(device, what, size, value, needed);
}
