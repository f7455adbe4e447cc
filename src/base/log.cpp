// Log lines over spdlog.
#include "base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

namespace flotte::log {
namespace {

spdlog::level::level_enum from(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
    case Level::off: return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> make(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("flotte", std::move(sink));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->flush_on(spdlog::level::debug);
  return logger;
}

Level first_level() {
  const char* word = std::getenv("FLOTTE_LOG");
  const std::string_view w = word ? word : "info";
  if (w == "debug") return Level::debug;
  if (w == "warning") return Level::warning;
  if (w == "error") return Level::error;
  if (w == "off") return Level::off;
  return Level::info;
}

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> it = [] {
    auto l = make(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    l->set_level(from(first_level()));
    return l;
  }();
  return it;
}

void append_value(std::string& line, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"=\n\r\t") == std::string_view::npos;
  if (plain) {
    line += value;
    return;
  }
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    if (c == '\n')
      line += "\\n";
    else if (static_cast<unsigned char>(c) >= 0x20)
      line += c;
  }
  line += '"';
}

void write(Level level, std::string_view event, Fields fields) {
  if (!enabled(level)) return;
  std::string line(event);
  for (const Field& f : fields) {
    line += ' ';
    line += f.name;
    line += '=';
    append_value(line, f.value);
  }
  logger()->log(from(level), "{}", line);
}

}  // namespace

void set_level(Level level) { logger()->set_level(from(level)); }
bool enabled(Level level) { return logger()->should_log(from(level)); }

bool to_file(const std::string& path) {
  try {
    auto next = make(std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
    next->set_level(logger()->level());
    logger() = std::move(next);
    return true;
  } catch (const spdlog::spdlog_ex&) {
    return false;
  }
}

void debug(std::string_view event, Fields fields) { write(Level::debug, event, fields); }
void info(std::string_view event, Fields fields) { write(Level::info, event, fields); }
void warning(std::string_view event, Fields fields) { write(Level::warning, event, fields); }
void error(std::string_view event, Fields fields) { write(Level::error, event, fields); }

}  // namespace flotte::log
