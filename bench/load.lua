-- One load for wrk: what is asked for, and the result as one line of JSON.
-- Arguments: "get"; "sign-in" and a file of bodies, one a line; "send" and the files with a body's halves.

local kind, bodies, before, after, count

local function whole(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

local function draft()
    local id = ("%08x%04x4%03x8%03x%012x"):format(math.random(0, 0x7fffffff), math.random(0, 0xffff),
        math.random(0, 0xfff), math.random(0, 0xfff), count)
    return id:sub(1, 8) .. "-" .. id:sub(9, 12) .. "-" .. id:sub(13, 16) .. "-" .. id:sub(17, 20) .. "-" .. id:sub(21)
end

function init(args)
    kind, count = args[1], 0
    math.randomseed(tonumber(args[#args]))
    if kind == "sign-in" then
        bodies = {}
        for line in io.lines(args[2]) do bodies[#bodies + 1] = line end
    elseif kind == "send" then
        before, after = whole(args[2]), whole(args[3])
    end
end

local function post()
    count = count + 1
    if kind == "sign-in" then return wrk.format("POST", nil, nil, bodies[count % #bodies + 1]) end
    return wrk.format("POST", nil, nil, before .. draft() .. after)
end

function request()
    if kind == "get" then
        request = function() return wrk.request end
        wrk.request = wrk.format()
        return wrk.request
    end
    request = post
    return post()
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(("\nRESULT {\"requests\": %d, \"microseconds\": %d, \"p50\": %d, \"p95\": %d, \"p99\": %d, \"status\": %d, "
        .. "\"broken\": %d}\n"):format(summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(95), latency:percentile(99), errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
end
