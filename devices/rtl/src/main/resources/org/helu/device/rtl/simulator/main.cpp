// Runs a design in Verilator: samples come on standard input, answers go to standard output.
//
// Request:  five uint32: samples, stall of the source and of the sink (of 256 clocks, at random), seed,
//           clocks without a beat after which the design counts as stuck; then the samples' beats.
// Response: uint32 status (0 done, 1 stuck, 2 broken handshake, 3 wrong tlast); if 0, the beats, and
//           for each sample uint64: the clock of its first input and of its last output beat.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "Vhelu.h"
#include "helu_sizes.h"
#include "verilated.h"

double sc_time_stamp() { return 0; }

template <typename T>
static void store(T& port, const uint8_t* bytes) {
  T value = 0;
  std::memcpy(&value, bytes, HELU_IN_BYTES < sizeof(T) ? HELU_IN_BYTES : sizeof(T));
  port = value;
}

template <std::size_t N>
static void store(VlWide<N>& port, const uint8_t* bytes) {
  uint32_t words[N] = {};
  std::memcpy(words, bytes, HELU_IN_BYTES);
  for (std::size_t i = 0; i < N; i++) port[i] = words[i];
}

template <typename T>
static void load(const T& port, uint8_t* bytes) {
  T value = port;
  std::memcpy(bytes, &value, HELU_OUT_BYTES < sizeof(T) ? HELU_OUT_BYTES : sizeof(T));
}

template <std::size_t N>
static void load(const VlWide<N>& port, uint8_t* bytes) {
  uint32_t words[N];
  for (std::size_t i = 0; i < N; i++) words[i] = port[i];
  std::memcpy(bytes, words, HELU_OUT_BYTES);
}

static uint32_t random_state;

static uint32_t random_byte() {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state >> 11 & 255;
}

static bool read_all(void* to, std::size_t bytes) {
  return std::fread(to, 1, bytes, stdin) == bytes;
}

static void clock_edge(Vhelu& top) {
  top.aclk = 1;
  top.eval();
  top.aclk = 0;
}

int main(int argc, char** argv) {
  auto context = std::make_unique<VerilatedContext>();
  context->randReset(2);  // registers and memories without a reset start with anything
  context->randSeed(20261124);
  context->commandArgs(argc, argv);
  Vhelu top{context.get()};
  top.aclk = 0;
  top.aresetn = 0;
  top.s_axis_tvalid = 0;
  top.s_axis_tlast = 0;
  top.m_axis_tready = 0;
  for (int i = 0; i < 4; i++) {
    top.eval();
    clock_edge(top);
  }
  top.aresetn = 1;

  uint32_t head[5];
  std::vector<uint8_t> input, output;
  std::vector<uint64_t> clocks;
  while (read_all(head, sizeof head)) {
    const uint64_t samples = head[0];
    const uint64_t in_beats = samples * HELU_IN_BEATS, out_beats = samples * HELU_OUT_BEATS;
    random_state = head[3] * 2654435761u + 1;
    if (random_state == 0) random_state = 1;
    input.resize(in_beats * HELU_IN_BYTES);
    output.assign(out_beats * HELU_OUT_BYTES, 0);
    clocks.assign(2 * samples, 0);
    if (!read_all(input.data(), input.size())) return 1;
    uint32_t status = 0;
    uint64_t taken = 0, given = 0, clock = 0, quiet = 0;
    bool offered = false, waiting = false;
    std::vector<uint8_t> beat(HELU_OUT_BYTES), previous(HELU_OUT_BYTES);
    while (given < out_beats && status == 0) {
      if (!offered && taken < in_beats && random_byte() >= head[1]) {
        offered = true;
        store(top.s_axis_tdata, &input[taken * HELU_IN_BYTES]);
        top.s_axis_tlast = taken % HELU_IN_BEATS == HELU_IN_BEATS - 1;
      }
      top.s_axis_tvalid = offered;
      top.m_axis_tready = random_byte() >= head[2];
      top.eval();
      const bool valid = top.m_axis_tvalid;
      load(top.m_axis_tdata, beat.data());
      // A beat that was offered must stay as it is until it is taken.
      if (waiting && (!valid || beat != previous)) status = 2;
      waiting = valid && !top.m_axis_tready;
      previous = beat;
      quiet++;
      if (offered && top.s_axis_tready) {
        if (taken % HELU_IN_BEATS == 0) clocks[taken / HELU_IN_BEATS * 2] = clock;
        taken++;
        offered = false;
        quiet = 0;
      }
      if (valid && top.m_axis_tready) {
        std::memcpy(&output[given * HELU_OUT_BYTES], beat.data(), HELU_OUT_BYTES);
        const bool last = given % HELU_OUT_BEATS == HELU_OUT_BEATS - 1;
        if (last) clocks[given / HELU_OUT_BEATS * 2 + 1] = clock;
        if (last != static_cast<bool>(top.m_axis_tlast)) status = 3;
        given++;
        quiet = 0;
      }
      if (quiet > head[4]) status = 1;
      clock_edge(top);
      clock++;
    }
    top.s_axis_tvalid = 0;
    top.m_axis_tready = 0;
    std::fwrite(&status, sizeof status, 1, stdout);
    if (status == 0) {
      std::fwrite(output.data(), 1, output.size(), stdout);
      std::fwrite(clocks.data(), sizeof(uint64_t), clocks.size(), stdout);
    }
    std::fflush(stdout);
    if (status != 0) return 0;
  }
  return 0;
}
