// What a task depended on, put into its own input: `{{after}}` and `{{after.2}}`.
#include <fmt/format.h>

#include <charconv>
#include <map>

#include "fleet/dependencies.hpp"

namespace flotte::fleet {
namespace {

constexpr std::size_t longest = std::size_t{1024} * 1024;  // of all texts together, as they stand in the input
constexpr std::string_view opening = "{{after";

Failure too_long() {
  return fail(Code::too_large, fmt::format("the texts of what it depends on are longer than {} KiB together", longest >> 10),
              "let other tasks shorten them first, or read them from the API and submit documents");
}

/// Reads texts of ended tasks, and holds the bound.
class Texts {
 public:
  Texts(Ledger& ledger, const std::vector<std::string>& ids) : ledger_(ledger), ids_(ids) {}

  /// Of the nth, from 1.
  Result<std::string> of(std::size_t nth) {
    if (nth < 1 || nth > ids_.size())
      return fail(Code::invalid_argument, fmt::format("{{{{after.{}}}}}: it depends on {} only", nth, ids_.size()));
    const std::string& id = ids_[nth - 1];
    if (const auto batch = wire::parse_id('b', id)) return of_batch(*batch);
    return of_task(wire::parse_id('t', id).value_or(0));
  }
  Result<std::string> all() {
    std::string out;
    for (std::size_t nth = 1; nth <= ids_.size(); ++nth)
      if (auto added = append(out, of(nth)); !added) return pass(added);
    return out;
  }

 private:
  static Result<void> append(std::string& out, Result<std::string> text) {
    if (!text) return pass(text);
    if (out.size() + text->size() + 2 > longest) return too_long();
    if (!out.empty()) out += "\n\n";
    out += *text;
    return {};
  }

  Result<std::string> of_batch(std::int64_t batch) {
    std::string out;
    constexpr std::int64_t page = 500;
    for (std::int64_t after = -1;;) {
      const store::Rows items =
          ledger_.rows.query("SELECT item, task FROM batch_item WHERE batch = ? AND item > ? ORDER BY item LIMIT ?", batch, after, page);
      for (const store::Row& item : items) {
        if (auto added = append(out, of_task(item.integer(1))); !added) return pass(added);
        after = item.integer(0);
      }
      if (static_cast<std::int64_t>(items.size()) < page) return out;
    }
  }

  Result<std::string> of_task(std::int64_t task) {
    const auto row = ledger_.rows.one("SELECT kind, state, result FROM task WHERE id = ?", task);
    const auto state = row ? static_cast<wire::TaskState>(row->integer(1)) : wire::TaskState::cancelled;
    if (state != wire::TaskState::succeeded) return fmt::format("[{} {}: no text]", wire::format_id('t', task), wire::to_string(state));
    if (static_cast<wire::TaskKind>(row->integer(0)) == wire::TaskKind::command) return of_command(task);
    const auto result = json::parse_object(row->text_or_empty(2));
    if (!result) return std::string();
    if (const auto text = json::get_string(*result, "text")) return std::string(*text);
    const std::string blob = json::string_or(*result, "blob", "");
    if (blob.empty() || !ledger_.read_text) return std::string();
    if (json::int_or(*result, "bytes", 0) > static_cast<std::int64_t>(longest)) return too_long();
    return ledger_.read_text(blob, longest);
  }

  /// What it wrote to its standard output, as far as its log holds it.
  Result<std::string> of_command(std::int64_t task) {
    std::string out;
    for (const store::Row& row :
         ledger_.rows.query("SELECT body FROM event WHERE task = ? AND kind = 'output' AND fence = (SELECT max(fence) "
                            "FROM attempt WHERE task = ?) ORDER BY number",
                            task, task)) {
      const auto body = json::parse_object(row.text(0));
      if (!body || json::string_or(*body, "stream", "") != "stdout") continue;
      out += json::string_or(*body, "text", "");
      if (out.size() > longest) return too_long();
    }
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }

  Ledger& ledger_;
  const std::vector<std::string>& ids_;
};

class Filler {
 public:
  Filler(Ledger& ledger, const std::vector<std::string>& ids) : texts_(ledger, ids) {}

  Result<void> fill(json::value& value) {
    if (auto* text = value.if_string()) return fill(*text);
    if (auto* list = value.if_array()) {
      for (json::value& one : *list)
        if (auto good = fill(one); !good) return good;
    } else if (auto* object = value.if_object()) {
      for (auto& member : *object)
        if (auto good = fill(member.value()); !good) return good;
    }
    return {};
  }

 private:
  /// "{{after}}" or "{{after.N}}" at that place: how long it is, and N (0: all). Anything else is the text's own.
  static std::pair<std::size_t, std::size_t> mark_at(std::string_view text) {
    text.remove_prefix(opening.size());
    if (text.starts_with("}}")) return {opening.size() + 2, 0};
    if (!text.starts_with('.')) return {0, 0};
    std::size_t nth = 0;
    const auto end = std::from_chars(text.data() + 1, text.data() + text.size(), nth);
    const auto rest = text.substr(static_cast<std::size_t>(end.ptr - text.data()));
    if (end.ec != std::errc() || nth == 0 || !rest.starts_with("}}")) return {0, 0};
    return {opening.size() + static_cast<std::size_t>(end.ptr - text.data()) + 2, nth};
  }

  Result<void> fill(boost::json::string& into) {
    const std::string_view text(into);
    std::size_t at = text.find(opening);
    if (at == std::string_view::npos) return {};
    std::string out;
    std::size_t done = 0;
    for (; at != std::string_view::npos; at = text.find(opening, at + 1)) {
      const auto [length, nth] = mark_at(text.substr(at));
      if (length == 0) continue;
      auto told = nth == 0 ? texts_.all() : texts_.of(nth);
      if (!told) return pass(told);
      out.append(text.substr(done, at - done));
      out += *told;
      done = at + length;
      total_ += told->size();
      if (total_ > longest) return too_long();
    }
    out.append(text.substr(done));
    into.assign(out.data(), out.size());
    return {};
  }

  Texts texts_;
  std::size_t total_ = 0;
};

}  // namespace

Result<void> fill_in_dependencies(Ledger& ledger, wire::TaskSpec& spec) {
  if (spec.depends_on.empty()) return {};
  Filler filler(ledger, spec.depends_on);
  for (auto& member : spec.input) {
    const std::string_view key = member.key();
    if (key == "blob" || key == "name" || key == "repo" || key == "ref" || key == "cwd") continue;
    if (auto good = filler.fill(member.value()); !good) return good;
  }
  return {};
}

}  // namespace flotte::fleet
