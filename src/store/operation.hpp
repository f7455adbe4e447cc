// A closure on its way to the database and its answer on the way back.
#pragma once
#include <functional>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "store/transaction.hpp"

namespace flotte::store {

/// One closure with its type rubbed out. `attempt` and then `answer` are called once each, by the thread that owns the connection.
class Operation {
 public:
  virtual ~Operation() = default;
  /// Runs the closure; false where it failed (then its changes are undone). Lets SqlError through.
  virtual bool attempt(Transaction& transaction) = 0;
  /// Hands over what `attempt` made, or `failure` where the whole transaction failed.
  virtual void answer(const Error* failure) = 0;
};

template <class T>
class TypedOperation final : public Operation {
 public:
  using Body = std::function<Result<T>(Transaction&)>;
  using Done = std::function<void(Result<T>)>;
  TypedOperation(Body body, Done done) : body_(std::move(body)), done_(std::move(done)) {}

  bool attempt(Transaction& transaction) override {
    result_.emplace(body_(transaction));
    body_ = nullptr;
    return result_->has_value();
  }
  void answer(const Error* failure) override {
    if (failure) result_.emplace(Failure(*failure));
    if (done_) done_(std::move(*result_));
  }

 private:
  Body body_;
  Done done_;
  std::optional<Result<T>> result_;
};

}  // namespace flotte::store
