-- The budget of budget.py, breaker.py and others.py, for several machines: kept in one key, changed by one script,
-- by the time of the server. tests/api/test_redis.py plays both against each other.
--
-- KEYS[1]  where the budget is kept
-- ARGV     what to do, the window in seconds, the period of the breaker, and the words of the matter:
--            ask ID LANE DEADLINE MAX_WAIT    leave ID    look    spend_down_to LEFT
--            answered HELD_UNTIL USED NUMBER REASON LOCK_OUT LIMIT LEFT
-- Returns a list of texts; numbers are written in full, so that they come back as they were.

local USUAL_LIMIT, HIGHEST_LIMIT = 30, 90
local RESERVE, RESERVE_KEPT, TASK_BURST = 2, 600, 3
local WAITER_LIFE, MAX_WAITERS, DISTRUST, LONGEST_HOLD = 1 / 40, 500, 3600, 180
local OTHERS_KEPT, SURPRISE, UNSENT = 3, 2, -1
local ENOUGH = 3
local WEIGHTS = { ['switched-off'] = ENOUGH, timeout = 2 }
local REASONS = {
  connection = true, timeout = true, tls = true, proxy = true,
  ['switched-off'] = true, forbidden = true, server = true, html = true, dns = true,
}
-- Long enough for the distrust after a lock-out to be remembered, in seconds.
local KEPT = 2 * DISTRUST

local action, window, period = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000

local function fresh()
  local budget = {
    slots = {}, locked_until = 0, distrust_until = 0, web_seen = -RESERVE_KEPT, task_due = 0,
    promised = 0, spent = 0, others = 0, others_until = 0, probe = 0, waiters = {},
    failures = 0, reason = '', open_until = 0, probing_until = 0,
  }
  for slot = 1, USUAL_LIMIT do budget.slots[slot] = 0 end
  return budget
end

local function load()
  local packed = redis.call('GET', KEYS[1])
  if not packed then return fresh() end
  local fine, budget = pcall(cmsgpack.unpack, packed)
  if not fine or type(budget) ~= 'table' or type(budget.slots) ~= 'table' then return fresh() end
  local latest = math.max(budget.locked_until, budget.web_seen, unpack(budget.slots))
  if latest > now + window + LONGEST_HOLD then return fresh() end
  return budget
end

local budget = load()

local function limit() return #budget.slots end

local function free()
  local count = 0
  for _, moment in ipairs(budget.slots) do
    if moment <= now then count = count + 1 end
  end
  return count
end

local function known_others()
  return now < budget.others_until and budget.others or 0
end

local function claimed()
  local others = known_others()
  return others > 0 and others + 1 or 0
end

local function left()
  if now < budget.locked_until then return 0 end
  return math.max(free() - claimed(), 0)
end

-- Has a slot that would be free again at moment be so at another one; returns whether there is one.
local function move(moment, to)
  for place, free in ipairs(budget.slots) do
    if free == moment then
      budget.slots[place] = to
      table.sort(budget.slots)
      return true
    end
  end
  return false
end

local function resize(wanted)
  if wanted > limit() then
    for slot = limit() + 1, wanted do budget.slots[slot] = 0 end
    table.sort(budget.slots)
  elseif wanted < limit() then
    local kept = {}
    for slot = limit() - wanted + 1, limit() do kept[#kept + 1] = budget.slots[slot] end
    budget.slots = kept
  end
end

local function spend(count)
  for slot = 1, math.min(count, limit()) do budget.slots[slot] = now + window end
  table.sort(budget.slots)
end

-- The queue

local function leave(id)
  local rest = {}
  for _, waiter in ipairs(budget.waiters) do
    if waiter.id ~= id then rest[#rest + 1] = waiter end
  end
  budget.waiters = rest
end

local function note(id, lane)
  if lane == 'web' then budget.web_seen = now end
  local rest, mine = {}, nil
  for _, waiter in ipairs(budget.waiters) do
    local idle = now - waiter.seen
    if waiter.id == id then
      waiter.seen, mine = now, waiter
      rest[#rest + 1] = waiter
    elseif idle >= 0 and idle < WAITER_LIFE * window then
      rest[#rest + 1] = waiter
    end
  end
  budget.waiters = rest
  if mine then return mine end
  mine = { id = id, lane = lane, since = now, seen = now }
  if #rest < MAX_WAITERS then rest[#rest + 1] = mine end
  return mine
end

local function comes_before(one, other)
  local task, other_task = one.lane == 'task', other.lane == 'task'
  if task ~= other_task then return other_task end
  if one.since ~= other.since then return one.since < other.since end
  return one.id < other.id
end

local function ahead(mine)
  local count = 0
  for _, waiter in ipairs(budget.waiters) do
    if comes_before(waiter, mine) then count = count + 1 end
  end
  return count
end

local function due(lane)
  if lane ~= 'task' then return 0 end
  local burst = known_others() > 0 and 1 or TASK_BURST
  return budget.task_due - (burst - 1) * window / limit()
end

local function free_at(place, lane)
  place = place + claimed()
  local rounds = math.floor(place / limit())
  local first = budget.slots[place % limit() + 1]
  if rounds > 0 then first = math.max(first, now) + rounds * window end
  return math.max(first, budget.locked_until, due(lane))
end

local function promise(moment)
  if budget.promised > moment - window / limit() then
    moment = math.min(budget.promised + window / limit(), moment + window)
  end
  budget.promised = moment
  return moment
end

local function full(number) return string.format('%.17g', number) end

local function grant(id, lane, deadline)
  leave(id)
  local held_until = now + deadline + window
  move(budget.slots[1], held_until)
  if lane == 'task' then budget.task_due = math.max(budget.task_due, now) + window / limit() end
  budget.spent = budget.spent + 1
  if budget.failures >= ENOUGH then budget.probing_until = now + deadline end
  if budget.probe == UNSENT then
    budget.probe, budget.locked_until = budget.spent, now + deadline
  end
  return { 'ticket', full(held_until), full(free()), full(limit() - free()), full(budget.spent) }
end

local function outage()
  local till = math.max(budget.open_until, budget.probing_until)
  if budget.failures < ENOUGH or now >= till then return nil end
  return { 'outage', budget.reason, full(till - now) }
end

local actions = {}

function actions.ask(id, lane, deadline, max_wait)
  deadline, max_wait = math.min(tonumber(deadline), LONGEST_HOLD), tonumber(max_wait)
  local closed = outage()
  if closed then
    leave(id)
    return closed
  end
  local mine = note(id, lane)
  local reserve = 0
  if lane == 'task' and now - budget.web_seen < RESERVE_KEPT then reserve = RESERVE end
  local place = ahead(mine) + reserve
  if left() > place and due(lane) <= now then return grant(id, lane, deadline) end
  local seconds = math.max(free_at(place, lane) - now, 0.001)
  if now + seconds > mine.since + max_wait then
    leave(id)
    return { 'refusal', full(promise(now + seconds) - now) }
  end
  return { 'wait', full(seconds) }
end

function actions.leave(id)
  leave(id)
  return {}
end

function actions.spend_down_to(wanted)
  spend(math.max(left() - tonumber(wanted), 0))
  return {}
end

local function hear_others(spent)
  if spent >= budget.others or now >= budget.others_until then
    budget.others = spent
    budget.others_until = now + OTHERS_KEPT * window
  end
end

local function hear_limit(told)
  told = math.min(math.max(told, 1), HIGHEST_LIMIT)
  if told < limit() or now >= budget.distrust_until then resize(told) end
end

local function hear(reason)
  budget.probing_until = 0
  if not REASONS[reason] then
    budget.failures = 0
    return
  end
  budget.failures = math.min(budget.failures + (WEIGHTS[reason] or 1), 2 * ENOUGH)
  budget.reason = reason
  if budget.failures >= ENOUGH then budget.open_until = now + period end
end

function actions.answered(held_until, used, number, reason, lock_out, told, told_left)
  local is_ours = move(tonumber(held_until), now + window)
  if lock_out ~= '' then
    if limit() > USUAL_LIMIT then
      resize(USUAL_LIMIT)
    elseif now >= budget.locked_until then
      hear_others(math.min(known_others() + SURPRISE, math.floor(limit() / 2)))
    end
    budget.locked_until = math.max(budget.locked_until, now + tonumber(lock_out))
    budget.distrust_until = now + DISTRUST
    budget.probe = UNSENT
    return {}
  end
  if budget.probe ~= 0 and tonumber(number) == budget.probe then
    budget.probe, budget.locked_until = 0, now
  end
  hear(reason)
  if told ~= '' and told_left ~= '' then
    hear_limit(tonumber(told))
    if is_ours then
      local spent = tonumber(used) + budget.spent - tonumber(number) -- by us
      local others = math.min(tonumber(told), HIGHEST_LIMIT) - tonumber(told_left) - spent
      hear_others(math.min(math.max(others, 0), limit()))
    end
  end
  return {}
end

function actions.look()
  local closed = outage() or { 'outage', '', '0' }
  local first = math.max(now, free_at(0, 'web'))
  return {
    full(limit()), full(left()), full(first - now), full(math.max(budget.locked_until - now, 0)),
    closed[2], full(#budget.waiters),
  }
end

local answer = actions[action](unpack(ARGV, 4))
if action ~= 'look' then
  redis.call('SET', KEYS[1], cmsgpack.pack(budget), 'EX', KEPT)
end
return answer
