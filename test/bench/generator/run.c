#include "run.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_samples = 1 << 22, opening_at_once = 16, open_within_s = 60, end_within_ms = 2000 };

uint64_t units;
bool ending;

static uint32_t samples[most_samples];
static uint32_t sample_count;
static bool counting;

void prepare_run(const struct order *order) {
  memset(&measure, 0, sizeof measure);
  measure.port = order->port;
  measure.path = order->path;
  measure.upgrade = strcmp(order->upgrade, "websocket") == 0   ? WEBSOCKET
                    : strcmp(order->upgrade, "preflight") == 0 ? PREFLIGHT
                                                               : NO_UPGRADE;
  units = failures = sample_count = 0;
  failure_text[0] = 0;
  counting = ending = false;
}

bool open_clients(int count) {
  uint64_t give_up = now_ns() + open_within_s * 1000000000ull;
  for (;;) {
    if (greeted_links(CLIENT) == (uint64_t)count) return true;
    if (failures > 0 || now_ns() > give_up) break;
    while (open_links(CLIENT) < (uint64_t)count && open_links(CLIENT) - greeted_links(CLIENT) < opening_at_once)
      connect_client();
    loop_turn(100);
  }
  print_failure(failures > 0 ? failure_text : "the connections were not open in time");
  end_links();
  return false;
}

void sample(uint64_t lasted_ns) {
  if (counting && sample_count < most_samples)
    samples[sample_count++] = lasted_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)lasted_ns;
}

/* Until then, or until so many units more are done (0: any number), or no client is left. */
static void turn_until(uint64_t until_ns, uint64_t limit) {
  uint64_t units_before = units;
  for (uint64_t now = now_ns(); now < until_ns; now = now_ns()) {
    if ((limit > 0 && units - units_before >= limit) || open_links(CLIENT) == 0) return;
    loop_turn((int)((until_ns - now) / 1000000) + 1);
  }
}

static int compare(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

static double microseconds_at(double share) {
  if (sample_count == 0) return 0;
  uint32_t index = (uint32_t)(share * sample_count);
  return samples[index < sample_count ? index : sample_count - 1] / 1e3;
}

void run(const struct order *order) {
  uint64_t limit = (uint64_t)order->limit;
  turn_until(now_ns() + (uint64_t)order->warm_ms * 1000000, (limit + 4) / 5);
  counting = true;
  uint64_t units_before = units, started = now_ns();
  struct use before = own_use();
  turn_until(started + (uint64_t)order->ms * 1000000, limit);
  double seconds = (double)(now_ns() - started) / 1e9;
  struct use after = own_use();
  uint64_t counted = units - units_before;
  counting = false;
  ending = true;
  end_links();
  qsort(samples, sample_count, sizeof *samples, compare);
  printf("{\"seconds\":%.6f,\"units\":%llu,\"allUnits\":%llu,\"ranSeconds\":%.6f,\"waitedSeconds\":%.6f,\"failures\":%llu,"
         "\"failure\":\"%s\",\"samples\":%u,\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f}\n",
         seconds, (unsigned long long)counted, (unsigned long long)units, after.ran - before.ran,
         after.waited - before.waited, (unsigned long long)failures,
         failure_text, sample_count, microseconds_at(0.5), microseconds_at(0.99), microseconds_at(0.999));
}

void end_links(void) {
  ending = true;
  each_link(CLIENT, close_link);
  uint64_t give_up = now_ns() + end_within_ms * 1000000ull;
  while (open_links(BACKEND) > 0 && now_ns() < give_up) loop_turn(20);
}

void print_failure(const char *what) { printf("{\"error\":\"%s\"}\n", what); }
