#include "bridge/app/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "bridge/base/version.h"
#include "bridge/transport/origin.h"

namespace bridge::app {
namespace {

constexpr char kFooter[] =
    "Tracing is configured by the standard OTEL_* variables, for example\n"
    "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318. Recent traces are at /debug/traces of the\n"
    "admin address.";

constexpr char kStdioFooter[] =
    "Nothing but the protocol is on standard output; the log is on standard error. Ends when its\n"
    "input ends. Tracing is configured by the standard OTEL_* variables.";

constexpr char kClientConfigFooter[] =
    "The JSON is on standard output, and where it belongs on standard error. The client starts\n"
    "`stdio` with the TARGETs and options given here, but for --client and --name.";

constexpr char kSchemaFooter[] =
    "Exits with 0 if all was converted, with 2 if stderr says what was not, with 1 if a file\n"
    "cannot be used, and with 64 if the command line cannot.";

// "127.0.0.1:8080", "[::1]:8080"; an IP address, since a name may stand for several.
bool ParseEndpoint(const std::string& text, Endpoint* endpoint) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return false;
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || parsed != end || port > 65535 || host.empty()) return false;
  endpoint->host = host == "localhost" ? "127.0.0.1" : host;
  endpoint->port = static_cast<uint16_t>(port);
  return true;
}

// What would never match is a mistake.
std::string IsHost(const std::string& text) {
  if (text == "*" || transport::ParseHost(text).has_value()) return "";
  return "\"" + text + "\" is no host name, such as mcp.example.com or [::1]";
}

// Browsers also send "null", and extensions have schemes of their own.
std::string IsOrigin(const std::string& text) {
  const bool web = absl::StartsWithIgnoreCase(text, "http");
  const bool other = text == "null" || (!web && text.find("://") != std::string::npos);
  if (text == "*" || other || transport::ParseOrigin(text).has_value()) return "";
  return "\"" + text + "\" is no origin, such as https://app.example.com (without a path)";
}

CLI::Option* AddEndpoint(CLI::App* app, const std::string& name, Endpoint* endpoint,
                         const std::string& help) {
  const auto read = [endpoint](const std::string& text) {
    if (!ParseEndpoint(text, endpoint)) {
      throw CLI::ValidationError("\"" + text + "\" is no ADDRESS:PORT, such as 127.0.0.1:8080");
    }
  };
  return app->add_option_function<std::string>(name, read, help)->type_name("ADDRESS:PORT");
}

void AddTargets(CLI::App* app, std::vector<upstream::Target>* targets) {
  const auto read = [targets](const std::vector<std::string>& texts) {
    std::set<std::string> names;
    for (const std::string& text : texts) {
      auto target = upstream::ParseTarget(text);
      if (!target.ok()) throw CLI::ValidationError(std::string(target.status().message()));
      if (!names.insert(target->name).second) {
        throw CLI::ValidationError("two targets are named \"" + target->name +
                                   "\"; write NAME=ADDRESS to tell them apart");
      }
      targets->push_back(*std::move(target));
    }
  };
  app->add_option_function<std::vector<std::string>>(
         "TARGET", read, "gRPC servers with reflection: [NAME=]HOST:PORT or [NAME=]unix:PATH")
      ->required()
      ->type_name("");
}

// An option whose values have names.
template <typename Value>
void AddChoice(CLI::App* app, const std::string& name, Value* out,
               const std::map<std::string, Value>& values, const std::string& help) {
  app->add_option_function<std::string>(
         name, [out, values](const std::string& chosen) { *out = values.at(chosen); }, help)
      ->check(CLI::IsMember(values));
}

// What tools look like.
void AddSchemaOptions(CLI::App* app, schema::SchemaOptions* options) {
  using schema::SchemaProfile;
  AddChoice<SchemaProfile>(
      app, "--schema-profile", &options->profile,
      {{"portable", SchemaProfile::kPortable},
       {"standard", SchemaProfile::kStandard},
       {"openai-strict", SchemaProfile::kOpenAiStrict}},
      "whom input schemas are for: portable, which every model vendor takes; standard, all of "
      "JSON Schema 2020-12; openai-strict, OpenAI's strict mode [portable]");
  app->add_option_function<std::string>(
         "--descriptions",
         [options](const std::string& length) {
           if (length == "full") schema::UseWholeComments(options);
         },
         "how much of the comments becomes descriptions of fields: short, all of one of up "
         "to 150 bytes, else its first sentence; or full [short]")
      ->check(CLI::IsMember({"short", "full"}));
  using descriptor::ZeroValues;
  AddChoice<ZeroValues>(
      app, "--zero-values", &options->zero_values,
      {{"none", ZeroValues::kNone},
       {"auto", ZeroValues::kAuto},
       {"top", ZeroValues::kTop},
       {"all", ZeroValues::kAll}},
      "which results say 0, false and \"\" of fields that have no presence: none, as ProtoJSON; "
      "auto, the own fields of answers of at most eight fields that no mask or view chooses "
      "among; top, the own fields of every answer; all, every object [auto]");
}

// How much is served at once, and how it is answered.
void AddBounds(CLI::App* serve, ServeOptions* options) {
  serve
      ->add_option("--max-calls", options->max_calls,
                   "calls under way at once, of each thread; one more is refused at once [10000]")
      ->check(CLI::Range(1, 1'000'000));
  serve->add_flag_callback(
      "--no-argument-repair", [options] { options->repair_arguments = false; },
      "refuse what clients get wrong, such as \"true\" for true or a string for an object, also if "
      "it can mean one thing only");
  serve->add_flag("--show-internal-errors", options->show_internal_errors,
                  "pass on what services say with INTERNAL and UNKNOWN: often the text of an "
                  "exception");
  serve
      ->add_option("--page-size", options->page_tools,
                   "tools in one page of tools/list [all, up to 10000]")
      ->check(CLI::Range(1, 10'000));
  serve
      ->add_option("--list-ttl-ms", options->list_ttl_ms,
                   "how long clients may keep a list of tools [0]")
      ->check(CLI::Range(0, 86'400'000));
  serve->add_option("--log-level", options->log_level, "debug, info, warn or error [info]")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  serve->add_flag("--log-calls", options->log_calls,
                  "log each call: tool, upstream, status, durations, sizes, trace; never arguments "
                  "or results");
}

using Milliseconds = std::chrono::milliseconds;

void AddTime(CLI::App* app, const std::string& name, Milliseconds* out, const std::string& help,
             int most) {
  const std::map<std::string, Milliseconds::rep> units{{"ms", 1}, {"s", 1000}, {"m", 60'000}};
  app->add_option_function<Milliseconds::rep>(
         name, [out](Milliseconds::rep ms) { *out = Milliseconds(ms); }, help)
      ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED))
      ->check(CLI::Range(1, most));
}

void AddSeconds(CLI::App* app, const std::string& name, std::chrono::seconds* out,
                const std::string& help, int least, int most) {
  app->add_option_function<int>(
         name, [out](int value) { *out = std::chrono::seconds(value); }, help)
      ->check(CLI::Range(least, most))
      ->type_name("SECONDS");
}

// How much of a stream one call collects.
void AddStreams(CLI::App* app, mcp::StreamLimits* limits) {
  app->add_option("--stream-messages", limits->messages, "messages that one call collects [1000]")
      ->check(CLI::Range(1, 1'000'000));
  app->add_option("--stream-bytes", limits->bytes,
                  "JSON of the messages that one call collects [1048576]")
      ->check(CLI::Range(1024, 16 << 20));
  AddTime(app, "--stream-silence", &limits->silence,
          "without a message for so long, a stream is ended [60s]", 3'600'000);
  AddTime(app, "--stream-time", &limits->time, "the life of a stream [10m]", 86'400'000);
}

// What is called, and how it is shown.
void AddUpstreams(CLI::App* app, ServeOptions* options) {
  AddTargets(app, &options->targets);
  app->add_option("--descriptor-set", options->descriptor_sets,
                  "file of protoc --include_source_info -o FILE: its comments become the tools' "
                  "descriptions")
      ->allow_extra_args(false)
      ->check(CLI::ExistingFile);
  AddSchemaOptions(app, &options->schema);
  app->add_flag("--use-proxy", options->use_proxy,
                "call upstreams and collectors through the HTTP proxy of the environment "
                "(http_proxy)");
  AddTime(app, "--call-timeout", &options->call_timeout, "deadline of each gRPC call [30s]",
          3'600'000);
  AddStreams(app, &options->stream);
  AddSeconds(app, "--refresh", &options->refresh,
             "how often upstreams are asked for changes [60]; 0: never", 0, 86'400);
}

void AddServe(CLI::App* serve, ServeOptions* options) {
  AddEndpoint(serve, "--listen", &options->listen,
              "where MCP is served, at the path /mcp [127.0.0.1:8080]; port 0 takes a free one");
  AddEndpoint(serve, "--admin", &options->admin,
              "where /livez, /readyz, /metrics and /debug/traces are [127.0.0.1:9090]");
  AddUpstreams(serve, options);
  serve
      ->add_option("--allow-host", options->allow_hosts,
                   "Host a client may name besides localhost; * for every one")
      ->allow_extra_args(false)
      ->check(IsHost, "");
  serve
      ->add_option("--allow-origin", options->allow_origins,
                   "Origin of web pages that may call; * for every one")
      ->allow_extra_args(false)
      ->check(IsOrigin, "");
  serve->add_flag("--trace-intake", options->trace_intake,
                  "take OTLP/HTTP spans of other services at POST /v1/traces of the admin address");
  AddSeconds(serve, "--session-ttl", &options->session_ttl, "life of a legacy session [86400]", 60,
             2'592'000);
  AddSeconds(serve, "--drain-timeout", &options->drain_timeout,
             "how long calls under way may take after SIGTERM [20]", 0, 3600);
  serve
      ->add_option("--session-key-file", options->session_key_files,
                   "file with 32 secret bytes that signs legacy sessions; the same for all "
                   "replicas [made at start]; given again, further keys that are understood")
      ->allow_extra_args(false)
      ->check(CLI::ExistingFile);
  serve->add_option("--reactors", options->reactors, "threads that serve requests [1]")
      ->check(CLI::Range(1, 64));
  serve
      ->add_option("--connections-per-address", options->connections_per_address,
                   "connections of one client address, of each thread [2500]; behind a proxy, "
                   "whose address all clients have, as many as it opens")
      ->check(CLI::Range(1, 10'000));
  serve
      ->add_option("--metrics-tools", options->metrics_tools,
                   "tools with series of their own in /metrics [50]; those beyond are counted "
                   "together")
      ->check(CLI::Range(1, 10'000));
  AddBounds(serve, options);
}

void AddStdio(CLI::App* stdio, StdioOptions* options) {
  AddUpstreams(stdio, &options->serve);
  AddBounds(stdio, &options->serve);
}

// `unused` is read so that a mistake is found now, and not when a client starts the bridge.
void AddClientConfig(CLI::App* app, ClientConfigCommand* command, StdioOptions* unused) {
  using Client = ClientConfigCommand::Client;
  AddChoice<Client>(app, "--client", &command->client,
                    {{"claude", Client::kClaude},
                     {"cursor", Client::kCursor},
                     {"vscode", Client::kVsCode},
                     {"generic", Client::kGeneric}},
                    "whose file it is for [generic]");
  app->add_option("--name", command->name, "what the client calls the server [grpc]");
  const auto is_url = [](const std::string& text) {
    const bool is = text.starts_with("http://") || text.starts_with("https://");
    return is ? "" : "\"" + text + "\" is no URL, such as http://127.0.0.1:8080/mcp";
  };
  CLI::Option* const url =
      app->add_option("--url", command->url,
                      "of a bridge that runs already, such as http://127.0.0.1:8080/mcp; in place "
                      "of TARGET")
          ->check(is_url, "");
  AddStdio(app, unused);
  app->get_option("TARGET")->required(false)->excludes(url);
}

// What a client starts `stdio` with: all words that are not about the client. It may start it in
// any folder, so files get their whole paths.
std::vector<std::string> StdioWords(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    const size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const std::string name = word.substr(0, equals);
    const auto value = [&] {
      return equals == std::string::npos ? std::string(argv[++i]) : word.substr(equals + 1);
    };
    if (name == "--client" || name == "--name" || name == "--url") {
      value();
    } else if (name == "--descriptor-set") {
      words.insert(words.end(), {name, std::filesystem::absolute(value()).string()});
    } else {
      words.push_back(word);
    }
  }
  return words;
}

void AddHealth(CLI::App* health, HealthOptions* options) {
  AddEndpoint(health, "--admin", &options->admin,
              "the admin address of the bridge to ask [127.0.0.1:9090]");
  health->add_flag("--ready", options->ready,
                   "ask whether it can serve calls (/readyz), not only whether it lives (/livez)");
}

void AddSchema(CLI::App* schema, SchemaCommand* command) {
  AddSchemaOptions(schema, &command->schema);
  schema->add_flag("--hints", command->list_guessed_hints,
                   "say on stderr which hints of each tool are guessed: declare them by "
                   "idempotency_level, google.api.http or (mcp.bridge.v1.tool)");
  schema
      ->add_option("FILE", command->files,
                   "descriptor sets, of protoc --include_imports --include_source_info -o FILE or "
                   "buf build -o FILE; together they are one description")
      ->required()
      ->type_name("");
}

}  // namespace

std::optional<Command> ParseCommandLine(int argc, char** argv, int* exit_code) {
  ServeOptions serve_options;
  StdioOptions stdio_options;
  ClientConfigCommand client_config_command;
  HealthOptions health_options;
  SchemaCommand schema_command;
  CLI::App app("Serves the methods of gRPC services as MCP tools.", "grpc-mcp-bridge");
  app.set_version_flag("--version", "grpc-mcp-bridge " BRIDGE_VERSION);
  app.require_subcommand(1);
  CLI::App* serve = app.add_subcommand("serve", "serve gRPC services as MCP tools over HTTP");
  serve->footer(kFooter);
  AddServe(serve, &serve_options);
  CLI::App* stdio = app.add_subcommand(
      "stdio", "serve gRPC services as MCP tools on standard input and output, for one client");
  stdio->footer(kStdioFooter);
  AddStdio(stdio, &stdio_options);
  CLI::App* client_config = app.add_subcommand(
      "client-config", "print what a client's configuration file needs to use the bridge");
  client_config->footer(kClientConfigFooter);
  AddClientConfig(client_config, &client_config_command, &stdio_options);
  CLI::App* health = app.add_subcommand(
      "health", "ask a running bridge how it is; exits with 0 if it is well and with 1 if not");
  AddHealth(health, &health_options);
  CLI::App* schema = app.add_subcommand(
      "schema",
      "print the tools of descriptor sets as JSON, one a line, and what is none on stderr");
  schema->footer(kSchemaFooter);
  AddSchema(schema, &schema_command);
  try {
    app.parse(argc, argv);
    if (client_config->parsed() && client_config_command.url.empty() &&
        client_config->count("TARGET") == 0) {
      throw CLI::ValidationError("client-config needs a TARGET, or --url");
    }
  } catch (const CLI::ParseError& error) {
    *exit_code = app.exit(error) == 0 ? 0 : 64;
    return std::nullopt;
  }
  if (stdio->parsed()) return stdio_options;
  if (client_config->parsed()) {
    client_config_command.words = StdioWords(argc, argv);
    return client_config_command;
  }
  if (health->parsed()) return health_options;
  if (schema->parsed()) return schema_command;
  return serve_options;
}

}  // namespace bridge::app
