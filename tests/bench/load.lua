-- One request over and over; every answer must be the expected bytes.
--   wrk ... -s load.lua URL -- MCP_METHOD MCP_NAME REQUEST_FILE ANSWER_FILE
-- MCP_NAME is empty where the method needs none. Prints one line of JSON.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  wrk.method = "POST"
  wrk.path = "/mcp"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json, text/event-stream"
  wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
  wrk.headers["Mcp-Method"] = args[1]
  if args[2] ~= "" then wrk.headers["Mcp-Name"] = args[2] end
  wrk.body = read(args[3])
  expected = read(args[4])
  wrong = 0
  first_wrong = ""
end

-- A string is interned, so that equal ones are found equal without looking at them again.
function response(status, headers, body)
  if status ~= 200 or body ~= expected then
    if wrong == 0 then first_wrong = status .. " " .. body:sub(1, 300) end
    wrong = wrong + 1
  end
end

function done(summary, latency, requests)
  local wrong_answers, example = 0, ""
  for _, thread in ipairs(threads) do
    wrong_answers = wrong_answers + thread:get("wrong")
    if thread:get("first_wrong") ~= "" then example = thread:get("first_wrong") end
  end
  local errors = summary.errors
  if wrong_answers > 0 then io.stderr:write(example .. "\n") end
  io.write(string.format(
    '\n{"calls":%d,"seconds":%.6f,"p50_us":%d,"p99_us":%d,"wrong":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), wrong_answers,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
