// What somebody pasted.
#include "base/fuzz_target.hpp"
#include "node/membership.hpp"

namespace flotte::node {
namespace {

void invitation(std::string_view bytes) {
  const auto parsed = Invitation::parse(bytes);
  if (!parsed) return;
  fuzz::require(!parsed->url.empty() && !parsed->code.empty(), "an invitation has an address and a code");
  fuzz::require(parsed->pin.empty() || parsed->pin.size() == 44, "a pin is a whole one");
}

const fuzz::Register target("invitation", invitation);

}  // namespace
}  // namespace flotte::node
