// Models that flotte knows by name: what they are good for and what they cost. The table is api/models.toml, compiled in; a person's
// models.toml beside the configuration file comes before it.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "route/price.hpp"

namespace flotte::route {

struct CatalogModel {
  std::string vendor;                // "openai": the name of route::Vendor, or of a person's own [[provider]]
  std::string model;                 // as the vendor calls it; '*' stands for any text
  std::vector<std::string> aliases;  // other names of the same, '*' allowed
  std::string role;                  // "smart" | "fast" | "embedding", or empty
  std::int64_t context_tokens = 0;   // of one conversation, 0 = unknown
  std::optional<Price> price;        // nothing: unknown
  std::string origin;                // "models.toml:12"
};

class Catalog {
 public:
  /// Error: invalid_argument whose message has a line for each mistake, with file and line.
  static Result<Catalog> parse(std::string_view text, std::string_view file_name);
  /// The compiled-in table.
  static const Catalog& built_in();
  /// The compiled-in table with the person's file before it, where there is one. Errors: those of `parse`; io.
  static Result<std::shared_ptr<const Catalog>> load(const std::string& path);
  /// "models.toml" in the directory of the configuration file.
  static std::string path_beside(const std::string& config_file);

  /// What is known of `model`, by name, alias, or as a dated snapshot ("gpt-5-mini-2025-08-07", "...-latest"). The longest name that fits
  /// counts, a person's before the compiled-in ones. Null: nothing. Valid as long as the catalog.
  const CatalogModel* find(std::string_view vendor, std::string_view model) const;
  /// The vendor's current general model for "smart" or "fast". Null: none is known.
  const CatalogModel* general(std::string_view vendor, std::string_view role) const;
  /// Of the compiled-in table, "2026-11-21": for people.
  const std::string& date() const noexcept { return date_; }
  const std::vector<CatalogModel>& models() const noexcept { return models_; }

 private:
  std::string date_;
  std::vector<CatalogModel> models_;  // a person's first
  std::size_t own_ = 0;               // so many are a person's
};

/// The text of api/models.toml.
std::string_view models_toml();

}  // namespace flotte::route
