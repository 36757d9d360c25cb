-- What wrk asks of a REST service: wrk -s rest.lua URL -- ACTION SEED
-- Prints one line of JSON.
local actions = {}
local count, seed = 0, ""

function actions.get()
   return wrk.format("GET", "/api/v1/devices/d0/tags/k7")
end

function actions.list()
   return wrk.format("GET", "/api/v1/devices/d0/tags?limit=100")
end

function actions.values()
   return wrk.format("GET", "/api/v1/values?limit=1000")
end

function actions.post()
   count = count + 1
   local name = "new-" .. seed .. "-" .. count
   return wrk.format("POST", "/api/v1/devices", nil,
      '{"name": "' .. name .. '", "mqtt": {"topic": "plant/' .. name .. '", "qos": 1}}')
end

function actions.patch()
   count = count + 1
   return wrk.format("PATCH", "/api/v1/devices/d0/tags/k" .. count % 100, nil,
      '{"unit": "u' .. count % 16 .. '"}')
end

function init(args)
   wrk.headers["Content-Type"] = "application/json"
   request = actions[args[1]]
   seed = args[2]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format('\n{"requests": %d, "per_s": %.1f, "p50_us": %.0f, "p99_us": %.0f, ' ..
      '"bad": %d}\n', summary.requests, summary.requests / summary.duration * 1e6,
      latency:percentile(50), latency:percentile(99),
      errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
