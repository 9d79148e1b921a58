/* The part of NVIDIA's NVML that is used here, with GPUs controlled by environment variables.

   NVML_GPUS: how many. In the folder NVML_FAULTS: a file `lost` makes every GPU fail, `hang` makes
   every call wait until it is gone, `old` removes calls that older drivers lack, `cold` reports
   0 degrees Celsius. */

#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, DRIVER_NOT_LOADED = 9, GPU_IS_LOST = 15 };

static int fault(const char *name) {
    char path[4096];
    const char *folder = getenv("NVML_FAULTS");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", name);
    return folder && access(path, F_OK) == 0;
}

static int state(void) {
    while (fault("hang")) usleep(1000);
    return fault("lost") ? GPU_IS_LOST : SUCCESS;
}

int nvmlInitWithFlags(unsigned flags) { return getenv("NVML_GPUS") ? SUCCESS : DRIVER_NOT_LOADED; }

const char *nvmlErrorString(int result) { return result == GPU_IS_LOST ? "GPU is lost" : "Error"; }

int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = (unsigned)atoi(getenv("NVML_GPUS"));
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
    *device = (void *)(size_t)(index + 1);
    return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(void *device, unsigned rates[2]) {
    rates[0] = 40 + 10 * (unsigned)(size_t)device;
    rates[1] = 7;
    return state();
}

int nvmlDeviceGetMemoryInfo(void *device, unsigned long long memory[3]) {
    memory[0] = 8000000000ull; /* total, free, used */
    memory[1] = 6000000000ull;
    memory[2] = 2000000000ull;
    return state();
}

int nvmlDeviceGetTemperature(void *device, unsigned sensor, unsigned *celsius) {
    *celsius = 61;
    return state();
}

int nvmlDeviceGetTemperatureV(void *device, int temperature[3]) {
    if (fault("old")) return NOT_SUPPORTED;
    temperature[2] = fault("cold") ? 0 : 62; /* version, sensor, temperature */
    return state();
}
