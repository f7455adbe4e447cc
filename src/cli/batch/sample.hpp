// Sizes of a batch's inputs: prompts are all there; of the documents a few are read, and the others are taken to be like them.
#pragma once
#include <string>
#include <vector>

#include "base/async/types.hpp"
#include "cli/batch/estimate.hpp"
#include "cli/batch/input.hpp"

namespace flotte::cli {

struct Sample {
  std::vector<Sized> inputs;  // in the same order
  std::size_t read = 0;       // so many documents and prompts were looked into
  std::vector<std::string> notes;
};

/// Never fails: what cannot be read is guessed from its size, and a note says so. PDFs are read with pdftotext where it is installed.
Awaitable<Sample> take_sample(std::vector<const Input*> inputs);

}  // namespace flotte::cli
