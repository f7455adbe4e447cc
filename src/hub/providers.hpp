// All providers of this hub: those of the configuration, which stay as they are, and those that were added while it runs. Added ones are a
// row in the database and a file with the key, sealed by a key that follows from the hub's secret, so that a copy of these files or of the
// database tells nothing. On the fleet loop once the hub runs.
#pragma once
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/secret.hpp"
#include "hub/provider_request.hpp"
#include "route/config.hpp"
#include "route/provider_store.hpp"

namespace flotte::store {
class Store;
}

namespace flotte::hub {

class Providers {
 public:
  /// What the configuration has, and which of it comes from the environment.
  struct Configured {
    route::RouteConfig routes;
    std::vector<std::string> from_environment;
  };
  /// Reads rows and keys; seals keys that an earlier version left open; removes key files that no row names. Blocking, before the hub
  /// starts. A key that is missing or cannot be opened is no error: its provider is off. `sealing_key` has 32 bytes. Errors: io, and those
  /// of the store.
  static Result<std::unique_ptr<Providers>> load(store::Store& database, const std::string& data, std::string sealing_key,
                                                 Configured configured);

  /// The configuration was read again: added providers whose names it took are off, those whose names it gave back are on.
  void use(Configured configured);
  /// Everything that can be used now.
  route::RouteConfig effective() const;
  /// `Provider` of api/openapi.yaml, each.
  json::array list() const;

  /// A name is reserved while it is added or removed, so that what happens to it happens in one order. Error: conflict.
  Result<void> reserve_new(const std::string& name);
  /// Error: not_found; conflict for one that was not added here.
  Result<void> reserve_old(const std::string& name);
  void release(const std::string& name) { reserved_.erase(name); }

  void put(const route::StoredProvider& row, const Secret& key);
  /// As it was, for the answer.
  json::object drop(const std::string& name);

  /// Where a key of that file name lies.
  std::string path_of(const std::string& key_file) const { return directory_ + "/" + key_file; }
  /// Seals and writes. Blocking, on any thread. Error: io.
  Result<void> save_key(const std::string& key_file, const Secret& key) const;
  static json::object describe(const route::StoredProvider& row, std::string_view off_because);

 private:
  struct Stored {
    route::StoredProvider row;
    route::ProviderSpec spec;
    std::string off_because;  // empty: on
    std::string key_problem;  // why it could not be used under whatever name
  };
  Providers(std::string directory, std::string sealing_key, Configured configured)
      : directory_(std::move(directory)), sealing_key_(std::move(sealing_key)), configured_(std::move(configured)) {}
  Result<Secret> read_key(const std::string& key_file) const;
  bool configured(const std::string& name) const;
  std::string source_of(const std::string& name) const;
  std::string reason_of(const std::string& name) const;
  void remove_orphans() const;
  void shade(Stored& stored) const;

  const std::string directory_;
  const Secret sealing_key_;
  Configured configured_;
  std::vector<Stored> stored_;  // by name
  std::set<std::string> reserved_;
};

}  // namespace flotte::hub
