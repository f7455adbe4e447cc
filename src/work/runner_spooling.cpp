// The spool side of RunnerCore: numbers, what waits for the disk, what went out on this link, what the hub has stored.
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "work/runner_core.hpp"

namespace flotte::work {
namespace {
constexpr std::int64_t record_overhead = 128;  // bytes of a record besides its text, roughly

json::object output_body(std::string_view stream, std::string_view text) {
  json::object body;
  body["stream"] = stream;
  body["text"] = text;
  return body;
}
}  // namespace

RunnerCore::RunnerCore(RunnerLimits limits, std::int64_t instance, std::int64_t next_number, const std::vector<SpooledRecord>& pending)
    : limits_(limits), instance_(instance), pending_(pending.begin(), pending.end()), next_number_(next_number) {
  for (const SpooledRecord& record : pending_) {
    FLOTTE_ASSERT(record.number < next_number_);
    pending_bytes_ += record.bytes;
  }
}

Actions RunnerCore::output(const wire::RunId& run, std::string_view stream, std::string_view text, Now now, std::int64_t to) {
  Actions out;
  const auto it = runs_.find(run);
  if (it == runs_.end() || it->second.stage == Stage::dropped || it->second.stage == Stage::ending || text.empty()) return out;
  const auto size = static_cast<std::int64_t>(text.size());
  if (pending_bytes_ + size + record_overhead > limits_.spool_bytes) {
    if (it->second.unkept_bytes == 0)
      append(run, wire::RecordKind::output,
             output_body("note", fmt::format("output is not kept from here on: this node holds {} MiB that the hub has not taken yet",
                                             limits_.spool_bytes / (1024 * 1024))),
             now, false, out);
    it->second.unkept_bytes += size;
    return out;
  }
  json::object body = output_body(stream, text);
  if (to >= 0) body["to"] = to;
  append(run, wire::RecordKind::output, std::move(body), now, false, out);
  return out;
}

Actions RunnerCore::progress(const wire::RunId& run, std::string_view step, double fraction, Now now) {
  Actions out;
  const auto it = runs_.find(run);
  if (it == runs_.end() || it->second.stage == Stage::dropped || it->second.stage == Stage::ending) return out;
  if (pending_bytes_ + record_overhead > limits_.spool_bytes) return out;
  json::object body;
  body["step"] = step;
  body["progress"] = fraction;
  append(run, wire::RecordKind::progress, std::move(body), now, false, out);
  return out;
}

Actions RunnerCore::ended(const wire::RunId& run, wire::Finished finished, Now now) {
  Actions out;
  const auto it = runs_.find(run);
  FLOTTE_ASSERT(it != runs_.end() && it->second.stage != Stage::ending);
  if (it->second.stage == Stage::dropped) {
    forget(run, out);
    say_doing(now, out);
    return out;
  }
  if (it->second.stage == Stage::cancelled && finished.outcome == "failed") finished.outcome = "cancelled";
  if (it->second.unkept_bytes > 0)
    append(run, wire::RecordKind::output, output_body("note", fmt::format("{} bytes of output were not kept", it->second.unkept_bytes)),
           now, false, out);
  it->second.stage = Stage::ending;
  append(run, wire::RecordKind::finished, finished.to_json(), now, true, out);
  return out;
}

void RunnerCore::append(const wire::RunId& run, wire::RecordKind kind, json::object body, Now now, bool durable, Actions& out) {
  wire::Record record{next_number_++, run, kind, to_ms(now.wall), std::move(body)};
  std::int64_t bytes = record_overhead;
  if (const auto text = json::get_string(record.body, "text")) bytes += static_cast<std::int64_t>(text->size());
  if (kind == wire::RecordKind::finished) bytes += static_cast<std::int64_t>(json::dump(record.body).size());
  const bool next_in_line =
      linked() && sent_ == pending_.size() && unsynced_.empty() && sent_ < limits_.window_records && sent_bytes_ < limits_.window_bytes;
  pending_.push_back(SpooledRecord{record.number, bytes, run, kind});
  pending_bytes_ += bytes;
  out.push_back(Append{record, durable});
  if (durable)
    unsynced_.emplace(record.number, std::move(record));
  else if (next_in_line)
    send_records({std::move(record)}, out);
}

Actions RunnerCore::synced(std::int64_t up_to, Now now) {
  Actions out;
  while (!unsynced_.empty() && unsynced_.begin()->first <= up_to) {
    wire::Record record = std::move(unsynced_.begin()->second);
    unsynced_.erase(unsynced_.begin());
    const wire::RunId run = record.run;
    const bool next_in_line = linked() && !reading_ && sent_ < pending_.size() && pending_[sent_].number == record.number &&
                              sent_ < limits_.window_records && sent_bytes_ < limits_.window_bytes;
    if (next_in_line) send_records({std::move(record)}, out);
    forget(run, out);
  }
  pump(out);
  say_doing(now, out);
  return out;
}

void RunnerCore::send_records(std::vector<wire::Record> records, Actions& out) {
  for (const wire::Record& record : records) {
    FLOTTE_ASSERT(sent_ < pending_.size() && pending_[sent_].number == record.number);
    sent_bytes_ += pending_[sent_].bytes;
    ++sent_;
  }
  out.push_back(Send{wire::Records{std::move(records)}});
}

bool RunnerCore::sendable(std::int64_t number) const { return unsynced_.empty() || number < unsynced_.begin()->first; }

void RunnerCore::pump(Actions& out) {
  if (!linked() || reading_ || sent_ == pending_.size() || !sendable(pending_[sent_].number)) return;
  if (sent_ >= limits_.window_records || sent_bytes_ >= limits_.window_bytes) return;  // goes on with the next Acknowledge
  reading_ = true;
  out.push_back(ReadBack{pending_[sent_].number - 1, limits_.window_bytes - sent_bytes_});
}

Actions RunnerCore::read_back(const std::vector<wire::Record>& records, Now now) {
  Actions out;
  if (!reading_) return out;
  reading_ = false;
  if (!linked() || sent_ == pending_.size()) return out;
  std::vector<wire::Record> next;
  for (const wire::Record& record : records) {
    const std::size_t at = sent_ + next.size();
    if (at >= pending_.size() || at >= limits_.window_records || !sendable(pending_[at].number)) break;
    if (record.number < pending_[at].number) continue;
    if (record.number != pending_[at].number) break;
    next.push_back(record);
  }
  if (!next.empty()) {
    send_records(std::move(next), out);
  } else {  // the disk lost what it had promised to keep
    const SpooledRecord lost = pending_[sent_];
    pending_bytes_ -= lost.bytes;
    pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(sent_));
    if (lost.kind == wire::RecordKind::finished) report_lost_end(lost.run, now, out);
  }
  pump(out);
  return out;
}

void RunnerCore::acknowledge(std::int64_t up_to, Actions& out) {
  const std::int64_t known = std::min(up_to, next_number_ - 1);
  std::int64_t gone = 0;
  while (!pending_.empty() && pending_.front().number <= known && sendable(pending_.front().number)) {
    pending_bytes_ -= pending_.front().bytes;
    gone = pending_.front().number;
    if (sent_ > 0) {
      --sent_;
      sent_bytes_ -= pending_.front().bytes;
    }
    pending_.pop_front();
  }
  if (gone > 0) out.push_back(Discard{gone});
}

void RunnerCore::recover_numbers(std::int64_t acknowledged, Now now, Actions& out) {
  // The hub has stored numbers that we never used: our spool was lost. What we wrote since would be taken for old, so its numbers are given
  // up; an end among them becomes a failure that may be tried again.
  std::vector<wire::RunId> ends;
  for (const SpooledRecord& record : pending_)
    if (record.kind == wire::RecordKind::finished) ends.push_back(record.run);
  std::vector<wire::Record> waiting;
  for (auto& [number, record] : unsynced_) waiting.push_back(std::move(record));
  unsynced_.clear();
  pending_.clear();
  pending_bytes_ = sent_bytes_ = 0;
  sent_ = 0;
  next_number_ = acknowledged + 1;
  out.push_back(Discard{acknowledged});
  for (const wire::RunId& run : ends) {
    const auto held = std::find_if(waiting.begin(), waiting.end(), [&](const wire::Record& r) { return r.run == run; });
    if (held != waiting.end())
      append(run, wire::RecordKind::finished, std::move(held->body), now, true, out);
    else
      report_lost_end(run, now, out);
  }
}

void RunnerCore::report_lost_end(const wire::RunId& run, Now now, Actions& out) {
  wire::Finished finished;
  finished.outcome = "failed";
  finished.retryable = true;
  finished.error =
      Error(Code::io, "the node could not read the result back from its spool", "look at the disk of the node's data directory");
  append(run, wire::RecordKind::finished, finished.to_json(), now, true, out);
}

}  // namespace flotte::work
