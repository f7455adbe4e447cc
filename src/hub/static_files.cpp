// Serves the board's embedded files: pre-compressed, with ETags, immutable where the name has a hash.
#include "hub/static_files.hpp"

#include "hub/assets.hpp"

namespace flotte::hub {
namespace {

// The cockpit's views are one page; the page reads its address itself.
constexpr std::string_view views[] = {"/",       "/station", "/chat",  "/tasks",    "/batches", "/topology",
                                      "/models", "/usage",   "/inbox", "/requests", "/settings"};

bool is_view(std::string_view path) {
  if (path.starts_with("/station/")) return true;
  return std::find(std::begin(views), std::end(views), path) != std::end(views);
}

const Asset* find_asset(std::string_view path) {
  if (is_view(path)) path = "/index.html";
  for (const Asset& asset : assets())
    if (asset.path == path) return &asset;
  return nullptr;
}

bool accepts(const http::Headers& headers, std::string_view coding) {
  const auto value = headers.get("accept-encoding");
  return value && value->find(coding) != std::string_view::npos;
}

}  // namespace

bool has_static_file(std::string_view path) { return find_asset(path) != nullptr; }

Awaitable<void> respond_static_file(http::ServerCall& call) {
  const Asset* asset = find_asset(call.head().path());
  http::ResponseHead head;
  head.headers.set("content-type", asset->content_type);
  head.headers.set("etag", asset->etag);
  head.headers.set("vary", "accept-encoding");
  head.headers.set("cache-control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  head.headers.set("x-content-type-options", "nosniff");
  head.headers.set("referrer-policy", "no-referrer");
  head.headers.set("content-security-policy",
                   "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
                   "frame-ancestors 'none'; form-action 'self'");
  const http::Headers& asked = call.head().headers;
  std::string_view body = asset->plain;
  if (asked.get("if-none-match") == asset->etag) {
    head.status = 304;
    body = {};
  } else if (!asset->brotli.empty() && accepts(asked, "br")) {
    head.headers.set("content-encoding", "br");
    body = asset->brotli;
  } else if (!asset->gzip.empty() && accepts(asked, "gzip")) {
    head.headers.set("content-encoding", "gzip");
    body = asset->gzip;
  }
  auto sent = co_await call.respond(std::move(head), body);
  (void)sent;  // a client that has gone needs no answer
}

}  // namespace flotte::hub
