-- The requests that wrk sends; `benchmarks/wrk.py` gives the options behind the URL, and reads
-- the line of JSON that `done` prints. One thread only: with If-Match, a profile is off the
-- list until its answer is there, so that no two writes of one meet by accident.

local options = {}
local texts = {}
local known = {}              -- the newest entity tag, by number
local free, head, tail = {}, 1, 0
local position = 0
local cumulative = {}

acknowledged, exhausted = 0, 0

local function content(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function token(number) return string.format("%010d", number) end

local function filled(text, number)
  return (text:gsub("@TOKEN@", token(number)))
end

local function path_of(number) return filled(options.path, number) end

local function push(number)
  tail = tail + 1
  free[tail] = number
end

local function pop()
  if head > tail then return nil end
  local number = free[head]
  free[head] = nil
  head = head + 1
  return number
end

-- There is nothing left to ask for: what is measured from here on is worth nothing.
local function filler()
  exhausted = 1
  return wrk.format("GET", options.filler)
end

local function any()
  return options.first + math.random(0, options.count - 1)
end

local function zipf()
  local point, low, high = math.random() * cumulative[#cumulative], 1, #cumulative
  while low < high do
    local middle = math.floor((low + high) / 2)
    if cumulative[middle] < point then low = middle + 1 else high = middle end
  end
  return options.first + (low * 7919) % options.count
end

local function headers_of(number, more)
  local headers = {}
  for name, value in pairs(wrk.headers) do headers[name] = value end
  local tenant = options.tenants > 0 and 1 + number % options.tenants or options.tenant
  headers["X-Genesys-TenantId"] = tostring(tenant)
  for name, value in pairs(more or {}) do headers[name] = value end
  return headers
end

local JSON = {["Content-Type"] = "application/json"}

local function get(number)
  return wrk.format("GET", path_of(number) .. filled(options.query, number), headers_of(number))
end

local function identify(number)
  return wrk.format("GET", "/profiles" .. filled(options.identify, number), headers_of(number))
end

local function put(number)
  return wrk.format("PUT", path_of(number), headers_of(number, JSON), filled(texts.body, number))
end

local function next_number()
  if position >= options.count then return nil end
  position = position + 1
  return options.first + position - 1
end

local kinds = {}

function kinds.get() return get(any()) end
function kinds.identify() return identify(any()) end

-- All in turn: a profile comes again long after its answer.
function kinds.put()
  position = position % options.count + 1
  return put(options.first + position - 1)
end

function kinds.put_if_match()
  local number = pop()
  if not number then return filler() end
  local headers = headers_of(number, JSON)
  headers["If-Match"] = known[number]
  return wrk.format("PUT", path_of(number), headers, filled(texts.body, number))
end

function kinds.post()
  local number = next_number()
  if not number then return filler() end
  return wrk.format("POST", options.collection, headers_of(number, JSON), filled(texts.body, number))
end

function kinds.delete()
  local number = next_number()
  if not number then return filler() end
  return wrk.format("DELETE", path_of(number), headers_of(number))
end

function kinds.merge()
  local number = next_number()
  if not number then return filler() end
  local second = options.first + (number - options.first) * 2
  return wrk.format("PUT", path_of(second) .. "/merge/000000" .. token(second + 1), headers_of(number))
end

function kinds.mixed()
  local number, draw = zipf(), math.random()
  if draw < 0.6 then return get(number) end
  if draw < 0.9 then return identify(number) end
  return put(number)
end

local counted = {put_if_match = true, post = true, delete = true, merge = true, mixed = true}

local function tag_of(headers) return headers["ETag"] or headers["etag"] end

-- Reads and fillers are answered with something else than the id.
local function on_write(status, headers, text)
  local number = text:match('^{"customer_id":"0*(%d*)"}$')
  if status < 300 and (number or status == 204) then acknowledged = acknowledged + 1 end
  if number and options.kind == "put_if_match" then
    number = tonumber(number) or 0
    known[number] = tag_of(headers)
    push(number)
  end
end

function init(arguments)
  options = {first = 0, count = 1, seed = 1, tenant = 1, tenants = 0, query = "",
             path = "/profiles/000000@TOKEN@", collection = "/profiles", filler = "/health/live"}
  for _, argument in ipairs(arguments) do
    local name, value = argument:match("^(%w+)=(.*)$")
    options[name] = tonumber(value) or value
  end
  math.randomseed(options.seed)
  if options.body then texts.body = content(options.body) end
  if options.authorization then wrk.headers["Authorization"] = options.authorization end
  if options.etags then
    for number, tag in content(options.etags):gmatch("(%d+) (%S+)\n") do known[tonumber(number)] = tag end
  end
  if options.kind == "put_if_match" then
    for number = options.first, options.first + options.count - 1 do push(number) end
  end
  if options.kind == "mixed" then
    local sum = 0
    for rank = 1, options.count do
      sum = sum + 1 / rank
      cumulative[rank] = sum
    end
  end
  request = kinds[options.kind]
  if counted[options.kind] then response = on_write end
end

local threads = {}
function setup(thread) threads[1] = thread end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"seconds":%f,"requests":%d,"p50":%f,"p99":%f,"p999":%f,"non_2xx":%d,"broken":%d,"acknowledged":%d,"exhausted":%d}\n',
    summary.duration / 1e6, summary.requests, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, threads[1]:get("acknowledged"), threads[1]:get("exhausted")))
end
