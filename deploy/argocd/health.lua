-- What Argo CD shows of an IpTunnel, by the conditions that its agent writes, and of an IpTunnelSet, by those of the
-- controller. Argo CD's Lua is 5.1.
local writer = "the controller of IpTunnelSets"
if obj.kind == "IpTunnel" then
  writer = "the agent on node " .. obj.spec.nodeName
end

local conditions = {}
for _, condition in ipairs(obj.status and obj.status.conditions or {}) do
  conditions[condition.type] = condition
end

local function is_true(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

local function health(status, type)
  return { status = status, message = conditions[type].reason .. ": " .. conditions[type].message }
end

if conditions.Ready == nil then
  return { status = "Progressing", message = "waiting for " .. writer }
end
if (obj.status.observedGeneration or obj.metadata.generation) < obj.metadata.generation then
  return { status = "Progressing", message = writer .. " has not seen this spec yet" }
end
if is_true("Stalled") then
  return health("Degraded", "Stalled")
end
if is_true("Paused") then
  return health("Suspended", "Paused")
end
if is_true("Ready") then
  return health("Healthy", "Ready")
end
return health("Progressing", "Ready")
