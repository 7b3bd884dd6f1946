// Drives lstm_top with the stimuli of an exported folder and writes what every node held, in the manner of that folder: a
// file of hexadecimal words a node, a line a frame. Run it in the exported folder, where the design finds its ROMs.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "Vlstm_top.h"
#include "verilated.h"

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

std::ifstream open(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail("cannot read " + path);
  return file;
}

std::vector<uint32_t> read_hex(const std::string& path) {
  std::ifstream file = open(path);
  std::vector<uint32_t> words;
  for (std::string word; file >> word;) words.push_back(static_cast<uint32_t>(std::stoul(word, nullptr, 16)));
  return words;
}

// A port is a number or, from 65 bits on, an array of 32-bit words.
template <typename T>
uint32_t field(const T& port, int at, int bits) {
  return static_cast<uint32_t>((static_cast<uint64_t>(port) >> at) & ((1ull << bits) - 1));
}
template <std::size_t N>
uint32_t field(const VlWide<N>& port, int at, int bits) {  // does not cross words: at is a multiple of bits
  return (port[at / 32] >> (at % 32)) & ((1u << bits) - 1);
}

struct Node {
  std::string name;
  unsigned width = 0, bits = 0;
  std::vector<uint16_t> values;
  unsigned seen = 0, saturated = 0;
  std::ofstream file;

  void take(unsigned unit, uint32_t value, bool was_saturated) {
    if (unit != seen || unit >= width) fail("node " + name + ": unit " + std::to_string(unit) + " comes after " + std::to_string(seen));
    values[seen++] = static_cast<uint16_t>(value);
    saturated += was_saturated;
  }

  void write() {
    if (seen != width) fail("node " + name + " has shown " + std::to_string(seen) + " of its " + std::to_string(width) + " values");
    const int digits = (bits + 3) / 4;
    char word[8];
    for (unsigned i = 0; i < width; i++) {
      std::snprintf(word, sizeof word, "%0*x", digits, values[i] & ((1u << bits) - 1));
      file << word << (i + 1 < width ? ' ' : '\n');
    }
    seen = saturated = 0;
  }
};

struct Options {
  std::string graph, out;
  unsigned fault = 0, fault_node = 63, seed = 1;
  std::size_t frames = SIZE_MAX;
};

Options parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i], value = argv[i + 1];
    if (flag == "--graph") o.graph = value;
    else if (flag == "--out") o.out = value;
    else if (flag == "--fault") o.fault = std::stoul(value);
    else if (flag == "--fault-node") o.fault_node = std::stoul(value);
    else if (flag == "--seed") o.seed = std::stoul(value);
    else if (flag == "--frames") o.frames = std::stoul(value);
    else fail("unknown flag " + flag);
  }
  if (o.graph.empty() || o.out.empty()) fail("usage: Vlstm_top --graph NAME --out FOLDER [--fault N] [--fault-node N] [--seed N] [--frames N]");
  return o;
}

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options), random_(options.seed * 2654435761u + 1) {
    x_ = read_hex(options.graph + "/x.hex");
    sequence_ = read_hex(options.graph + "/sequence.hex");
    step_ = read_hex(options.graph + "/step.hex");
    read_nodes();
    input_ = nodes_.at(0).width;
    hidden_ = nodes_.at(23).width;
    frames_ = std::min(options.frames, step_.size());
    if (x_.size() != step_.size() * input_) fail("x.hex and step.hex do not fit");
    top_.fault_select = options.fault;
    top_.fault_node = options.fault_node;
  }

  void run() {
    top_.reset = 1;
    cycle();
    cycle();
    top_.reset = 0;
    for (std::size_t idle = 0; taken_ < frames_; idle++) {
      drive();
      top_.eval();
      if (observe()) idle = 0;
      if (idle > 10'000'000) fail("the design has stopped");
      cycle();
    }
  }

 private:
  void read_nodes() {
    const std::string folder = options_.out + "/" + options_.graph;
    std::filesystem::create_directories(folder + "/nodes");
    std::ifstream list = open(options_.graph + "/nodes.txt");
    unsigned probe;
    for (Node n; list >> probe >> n.name >> n.width >> n.bits; n = Node()) {
      n.values.resize(n.width);
      n.file.open(folder + "/nodes/" + n.name + ".hex");
      order_.push_back(probe);
      nodes_[probe] = std::move(n);
    }
    sequence_file_.open(folder + "/sequence.hex");
    step_file_.open(folder + "/step.hex");
    saturations_file_.open(folder + "/saturations.hex");
  }

  void cycle() {
    top_.clk = 0;
    top_.eval();
    top_.clk = 1;
    top_.eval();
    top_.clk = 0;
  }

  uint32_t random() {  // xorshift
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    return random_ ^= random_ << 5;
  }

  // x stays valid until it was taken; both sides pause at random.
  void drive() {
    const bool left = fed_ < frames_ * input_;
    if (!top_.x_valid || accepted_) top_.x_valid = left && random() % 4 != 0;
    if (left) {
      top_.x_data = x_[fed_];
      top_.x_first = fed_ % input_ == 0 && step_[fed_ / input_] == 0;
    }
    top_.h_ready = random() % 3 != 0;
  }

  // What the clock edge that follows will see.
  bool observe() {
    bool progress = top_.probe_valid;
    if (top_.probe_valid) {
      Node& n = nodes_.at(top_.probe_node);
      for (unsigned i = 0; i < top_.probe_count; i++)
        n.take(top_.probe_unit + i, field(top_.probe_values, 16 * i, 16), field(top_.probe_saturated, i, 1));
    }
    if (top_.cut_valid) nodes_.at(top_.cut_node).take(top_.cut_unit, top_.cut_value, top_.cut_saturated);
    accepted_ = top_.x_valid && top_.x_ready;
    fed_ += accepted_;
    if (top_.h_valid && top_.h_ready) take_h();
    return progress;
  }

  void take_h() {
    const Node& h = nodes_.at(23);
    if (h.seen != hidden_ || static_cast<uint16_t>(top_.h_data) != h.values[unit_])
      fail("h on the stream is not h_next, unit " + std::to_string(unit_));
    if (top_.h_last != (unit_ + 1 == hidden_)) fail("h_last with unit " + std::to_string(unit_));
    for (const auto& [probe, n] : nodes_)
      if (((top_.h_saturated >> probe) & 1) != (n.saturated > 0)) fail("saturation flag of node " + n.name);
    if (++unit_ == hidden_) finish_frame();
  }

  void finish_frame() {
    char word[16];
    for (std::size_t i = 0; i < order_.size(); i++) {
      Node& n = nodes_.at(order_[i]);
      std::snprintf(word, sizeof word, "%08x", n.saturated);
      saturations_file_ << word << (i + 1 < order_.size() ? ' ' : '\n');
      n.write();
    }
    std::snprintf(word, sizeof word, "%08x\n", sequence_[taken_]);
    sequence_file_ << word;
    std::snprintf(word, sizeof word, "%08x\n", step_[taken_]);
    step_file_ << word;
    taken_++;
    unit_ = 0;
  }

  const Options options_;
  uint32_t random_;
  Vlstm_top top_;
  std::vector<uint32_t> x_, sequence_, step_;
  std::map<unsigned, Node> nodes_;
  std::vector<unsigned> order_;
  std::ofstream sequence_file_, step_file_, saturations_file_;
  unsigned input_ = 0, hidden_ = 0, unit_ = 0;
  std::size_t frames_ = 0, fed_ = 0, taken_ = 0;
  bool accepted_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    Bench(options).run();
  } catch (const std::exception& e) {
    std::cerr << "bench: " << e.what() << '\n';
    return 1;
  }
}
