-- The requests that wrk sends; `benchmarks/load/wrk.py` gives the options behind the URL, and reads
-- the line of JSON that `done` prints. With If-Match, a profile is off the list until its answer
-- is there, so that no two writes of one meet by accident. For the same reason each of several
-- threads has a part of the profiles to itself, in the order of their numbers; merge, which goes
-- beyond `count`, takes one thread.

local options = {}
local texts = {}
local known = {}              -- the newest entity tag, by number
local free, head, tail = {}, 1, 0
local position = 0
local cumulative = {}

acknowledged, exhausted = 0, 0
slot = 0                      -- the number of this thread, from 0

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

local function path_of(number) return "/profiles/000000" .. token(number) end

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
  return wrk.format("GET", "/health/live")
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

local function json()
  local headers = {["Content-Type"] = "application/json"}
  for name, value in pairs(wrk.headers) do headers[name] = value end
  return headers
end

local function get(number)
  return wrk.format("GET", path_of(number) .. options.query)
end

local function identify(number)
  return wrk.format("GET", "/profiles" .. filled(options.identify, number))
end

local function put(number)
  return wrk.format("PUT", path_of(number), json(), filled(texts.body, number))
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
  local headers = json()
  headers["If-Match"] = known[number]
  return wrk.format("PUT", path_of(number), headers, filled(texts.body, number))
end

function kinds.post()
  local number = next_number()
  if not number then return filler() end
  return wrk.format("POST", "/profiles", json(), filled(texts.body, number))
end

function kinds.delete()
  local number = next_number()
  if not number then return filler() end
  return wrk.format("DELETE", path_of(number))
end

function kinds.merge()
  local number = next_number()
  if not number then return filler() end
  local second = options.first + (number - options.first) * 2
  return wrk.format("PUT", path_of(second) .. "/merge/000000" .. token(second + 1))
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
  options = {first = 0, count = 1, threads = 1, query = ""}
  for _, argument in ipairs(arguments) do
    local name, value = argument:match("^(%w+)=(.*)$")
    options[name] = tonumber(value) or value
  end
  options.count = math.floor(options.count / options.threads)
  options.first = options.first + slot * options.count
  math.randomseed(1 + slot)
  wrk.headers["X-Genesys-TenantId"] = "1"
  if options.body then texts.body = content(options.body) end
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
function setup(thread)
  thread:set("slot", #threads)
  table.insert(threads, thread)
end

local function sum(name)
  local total = 0
  for _, thread in ipairs(threads) do total = total + thread:get(name) end
  return total
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"seconds":%f,"requests":%d,"p50":%f,"p99":%f,"p999":%f,"non_2xx":%d,"broken":%d,"acknowledged":%d,"exhausted":%d}\n',
    summary.duration / 1e6, summary.requests, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, sum("acknowledged"), sum("exhausted")))
end
