/*
 * The load generator of the bench: clients and backends in one process with one thread, so that both ends of a forwarder
 * cost as little as they can. It reads one order a line on standard input and prints one line of JSON for each; it ends
 * with its input, or after an hour.
 *
 *     listen                                        {"port":N}
 *     throughput port=N links=8 down=1 ms=1000      {"seconds":…,"units":BYTES,…}
 *     round-trips port=N size=200 …                 … "p50":MICROSECONDS …
 *     messages · connections · requests · hold · release
 *
 * With several port=N they take turns: between two addresses there are just so many connections a second, since each keeps its port
 * for a second at least.
 *
 * With slice=MS a measure also tells its course: when it began to count, as the system's monotonic clock has it, and of each slice how many
 * milliseconds after that it ended, its units and the median of its samples. It then ends early with the next line of input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "link.h"
#include "measures.h"

static const struct { const char *name; void (*run)(const struct order *order); } verbs[] = {
    {"throughput", throughput}, {"round-trips", round_trips}, {"messages", messages},
    {"connections", connections}, {"requests", requests}, {"hold", hold},
};

static bool take_word(struct order *order, const char *word) {
  const struct { const char *name; int *number; } numbers[] = {
      {"links=%d", &order->links},     {"size=%d", &order->size},
      {"window=%d", &order->window},   {"limit=%d", &order->limit}, {"warm=%d", &order->warm_ms},
      {"ms=%d", &order->ms},           {"trickle=%d", &order->trickle}, {"paths=%d", &order->paths},
      {"slice=%d", &order->slice_ms},
  };
  for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++)
    if (sscanf(word, numbers[index].name, numbers[index].number) == 1) return true;
  int port;
  if (sscanf(word, "port=%d", &port) == 1) {
    if (order->port_count == sizeof order->ports / sizeof *order->ports) return false;
    return order->ports[order->port_count++] = port, true;
  }
  int flag;
  if (sscanf(word, "down=%d", &flag) == 1) return order->down = flag, true;
  if (sscanf(word, "fill=%d", &flag) == 1) return order->fill = flag, true;
  return sscanf(word, "upgrade=%15s", order->upgrade) == 1 || sscanf(word, "path=%127s", order->path) == 1;
}

static bool is_sound(const struct order *order) {
  for (int index = 0; index < order->port_count; index++)
    if (order->ports[index] < 1 || order->ports[index] > 65535) return false;
  return order->port_count > 0 && order->links > 0 && order->links <= 20000 && order->size > 0 &&
         order->window > 0 && (uint64_t)order->size * (uint64_t)order->window <= sizeof scratch && order->ms >= 0 &&
         order->ms <= 60000 && order->warm_ms >= 0 && order->warm_ms <= 60000 && order->trickle >= 0 && order->paths > 0 &&
         order->slice_ms >= 0;
}

static void obey(char *line) {
  struct order order = {.links = 1, .size = 200, .window = 1, .ms = 1000, .paths = 1};
  const char *verb = strtok(line, " \n");
  for (char *word = strtok(NULL, " \n"); word; word = strtok(NULL, " \n"))
    if (!take_word(&order, word)) return (void)printf("{\"error\":\"unknown word\"}\n");
  if (!verb) return;
  if (strcmp(verb, "release") == 0) return release();
  if (strcmp(verb, "listen") == 0) {
    int port = listen_on_free_port();
    return (void)(port > 0 ? printf("{\"port\":%d}\n", port) : printf("{\"error\":\"cannot listen\"}\n"));
  }
  if (!is_sound(&order)) return (void)printf("{\"error\":\"a number out of range\"}\n");
  for (size_t index = 0; index < sizeof verbs / sizeof *verbs; index++)
    if (strcmp(verb, verbs[index].name) == 0) return verbs[index].run(&order);
  printf("{\"error\":\"unknown order\"}\n");
}

int main(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  alarm(6000);
  loop_init();
  setvbuf(stdin, NULL, _IONBF, 0);
  char line[512];
  for (;;) {
    while (loop_turn(20)) tick();
    if (!fgets(line, sizeof line, stdin)) return 0;
    obey(line);
    fflush(stdout);
  }
}
