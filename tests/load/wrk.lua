-- Sends the requests of a file, each whole as it stands there, one after the other: again and again, or each once, and then ends.
-- Used by tests/load/generator.py. At the end one line of JSON says how it went.
local ffi = require("ffi")
ffi.cdef("int kill(int pid, int signal); int getpid(void);")

local requests, sent, answered, once, shown = {}, 0, 0, false, 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  once = args[2] == "once"
  local size = file:read("*l")
  while size do
    requests[#requests + 1] = file:read(tonumber(size))
    size = file:read("*l")
  end
end

-- Asked before each request. Who comes when all are taken waits until the last is answered.
function delay()
  sent = sent + 1
  if once and sent > #requests then return 3600000 end
  return 0
end

local at = 0

function request()
  at = at % #requests + 1
  return requests[at]
end

function response(status, headers, body)
  answered = answered + 1
  if status >= 400 and shown < 3 then
    shown = shown + 1
    io.stderr:write(status, " ", body:gsub("%s+", " "):sub(1, 200), "\n")
  end
  if once and answered == #requests then
    ffi.C.kill(ffi.C.getpid(), 2)
  end
end

function done(summary, latency, _)
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "failures": %d, "p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status + lost,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000
  ))
end
