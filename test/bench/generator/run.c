#include "run.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { most_samples = 1 << 22, most_slices = 1 << 14, opening_at_once = 16, open_within_s = 60, end_within_ms = 2000 };

uint64_t units;
bool ending;

static uint32_t samples[most_samples];
static uint32_t sample_count;
static bool counting;

static struct slice { uint64_t end_ns, units; double p50; } slices[most_slices];
static uint32_t slice_count, sliced_samples;
static uint64_t sliced_units, slice_end_ns;

void prepare_run(const struct order *order) {
  memset(&measure, 0, sizeof measure);
  memcpy(measure.ports, order->ports, sizeof measure.ports);
  measure.port_count = order->port_count;
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

static int compare(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

/* Of samples in order. */
static double microseconds_at(double share, const uint32_t *sorted, uint32_t count) {
  if (count == 0) return 0;
  uint32_t index = (uint32_t)(share * count);
  return sorted[index < count ? index : count - 1] / 1e3;
}

static bool has_input(void) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  return poll(&input, 1, 0) > 0;
}

static void end_slice(uint64_t now) {
  uint32_t *own = samples + sliced_samples, count = sample_count - sliced_samples;
  qsort(own, count, sizeof *own, compare);
  slices[slice_count++] = (struct slice){now, units - sliced_units, microseconds_at(0.5, own, count)};
  sliced_units = units;
  sliced_samples = sample_count;
}

/* False once the course is to end. */
static bool go_on(uint64_t now, const struct order *order) {
  if (now < slice_end_ns) return true;
  end_slice(now);
  slice_end_ns = now + (uint64_t)order->slice_ms * 1000000;
  return slice_count < most_slices && !has_input();
}

/* Until then, or until so many units more are done (0: any number), or no client is left. */
static void turn_until(uint64_t until_ns, uint64_t limit, const struct order *course) {
  uint64_t units_before = units;
  for (uint64_t now = now_ns(); now < until_ns; now = now_ns()) {
    if ((limit > 0 && units - units_before >= limit) || open_links(CLIENT) == 0) return;
    if (course && !go_on(now, course)) return;
    loop_turn((int)(((course && slice_end_ns < until_ns ? slice_end_ns : until_ns) - now) / 1000000) + 1);
  }
}

static void print_course(uint64_t started) {
  printf(",\"startedMs\":%.3f,\"slices\":[", (double)started / 1e6);
  for (uint32_t index = 0; index < slice_count; index++) {
    const struct slice *slice = slices + index;
    printf("%s[%.3f,%llu,%.3f]", index > 0 ? "," : "", (double)(slice->end_ns - started) / 1e6,
           (unsigned long long)slice->units, slice->p50);
  }
  printf("]");
}

void run(const struct order *order) {
  uint64_t limit = (uint64_t)order->limit;
  turn_until(now_ns() + (uint64_t)order->warm_ms * 1000000, (limit + 4) / 5, NULL);
  counting = true;
  uint64_t units_before = units, started = now_ns();
  slice_count = sliced_samples = 0;
  sliced_units = units;
  slice_end_ns = started + (uint64_t)order->slice_ms * 1000000;
  struct use before = own_use();
  turn_until(started + (uint64_t)order->ms * 1000000, limit, order->slice_ms > 0 ? order : NULL);
  double seconds = (double)(now_ns() - started) / 1e9;
  struct use after = own_use();
  uint64_t counted = units - units_before;
  counting = false;
  ending = true;
  end_links();
  qsort(samples, sample_count, sizeof *samples, compare);
  printf("{\"seconds\":%.6f,\"units\":%llu,\"allUnits\":%llu,\"ranSeconds\":%.6f,\"waitedSeconds\":%.6f,\"failures\":%llu,"
         "\"failure\":\"%s\",\"samples\":%u",
         seconds, (unsigned long long)counted, (unsigned long long)units, after.ran - before.ran,
         after.waited - before.waited, (unsigned long long)failures, failure_text, sample_count);
  const struct { const char *name; double share; } told[] = {{"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}};
  for (size_t index = 0; index < sizeof told / sizeof *told; index++)
    printf(",\"%s\":%.3f", told[index].name, microseconds_at(told[index].share, samples, sample_count));
  if (order->slice_ms > 0) print_course(started);
  printf("}\n");
}

void end_links(void) {
  ending = true;
  each_link(CLIENT, close_link);
  uint64_t give_up = now_ns() + end_within_ms * 1000000ull;
  while (open_links(BACKEND) > 0 && now_ns() < give_up) loop_turn(20);
}

void print_failure(const char *what) { printf("{\"error\":\"%s\"}\n", what); }
