// Handing work to another loop without including Asio.
#pragma once
#include <boost/asio/post.hpp>

#include "base/async/types.hpp"

namespace flotte {

/// Runs `work` soon on that executor's loop. Any thread.
template <class Work>
void post_to(Executor executor, Work work) {
  asio::post(executor, std::move(work));
}

}  // namespace flotte
