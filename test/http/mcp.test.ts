// The door for MCP clients, by a client of the protocol: what a token lists is what it may call, what it
// calls can do no more than read and propose, and what it is told says what it is.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { parse as parseToml } from 'smol-toml'
import { scopesOf, type Scope } from '#domain/access/token-scope.ts'
import { systemCaller } from '#domain/access/system.ts'
import { giveAgentBudget, readAgentBudget } from '#domain/access/agent-budget-actions.ts'
import { NO_OWN_BUDGET } from '#domain/access/agent-budget.ts'
import { DEFAULT_POLICY } from '#domain/workspaces/policy.ts'
import { TokenBudgets } from '#domain/access/token-budget.ts'
import { ROLES, VERBS, verbsOf } from '#domain/access/permission.ts'
import { isWrite } from '#http/api/operation.ts'
import { OPERATIONS } from '#http/api/operations.ts'
import { WORDS } from '#http/mcp/words.ts'
import { pageOf } from '#http/mcp/lists.ts'
import { WITHOUT_TOOL } from '#http/mcp/without-tool.ts'
import { NOT_FOR_AGENTS, TOOL_VERBS, TOOLS } from '#http/mcp/tools.ts'
import { sha256Hex } from '#kernel/hash.ts'
import { DAY, MINUTE } from '#kernel/time.ts'
import { entriesOf, startProgram } from '#test/support/api.ts'
import { agentSetups } from '#views/settings/agent-setup.tsx'
import { startApp, type CastMember, type TestApp } from '#test/support/start-app.ts'

let app: TestApp
const ends: (() => unknown)[] = []
before(async () => {
  app = await startApp({ after: (end) => ends.push(end) })
})
after(async () => {
  for (const end of ends) await end()
})

async function connect(person: CastMember, scopes: readonly Scope[], workspace = app.acme) {
  const { text, token } = await startProgram(app, person, { scopes, workspace, kind: 'mcp' })
  const client = new Client({ name: 'a client', version: '1' })
  const headers = { Authorization: `Bearer ${text}` }
  const url = new URL('/mcp', app.url)
  const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers } })
  await client.connect(transport)
  ends.unshift(() => client.close())
  const call = async (name: string, given: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: given })) as CallToolResult
  return { client, call, text, token }
}

interface Told {
  readonly complete: boolean
  readonly leftOut: string | null
  readonly rest: string | null
  readonly untrusted: readonly string[]
  readonly result: Record<string, unknown>
}
const told = ({ structuredContent }: CallToolResult) => structuredContent as unknown as Told

interface Refused {
  readonly code: string
  readonly detail: string
  readonly next: string
  readonly requestId: string
}
const refusal = ({ isError, _meta }: CallToolResult) => {
  assert.equal(isError, true)
  return _meta!['rulewright/refusal'] as Refused
}
const textsOf = ({ content }: CallToolResult) =>
  content.map((one) => (one.type === 'text' ? one.text : ''))

const WHOAMI = `title: Whoami
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\whoami.exe'}, condition: selection}
level: high
`

test('an agent drafts a rule, edits it, tests it, proposes a change, and no more', async () => {
  const { client, call } = await connect(app.cast.ravi, ['rules:write', 'changes:write'])
  const { tools } = await client.listTools()
  assert.ok(tools.some(({ name }) => name === 'draft_rule'))
  const drafted = told(await call('draft_rule', { text: WHOAMI })).result as {
    id: string
    version: number
  }
  const { id } = drafted
  const edited = await call('edit_rule', {
    id,
    text: WHOAMI.replace('high', 'low'),
    overVersion: drafted.version,
  })
  assert.equal(told(edited).result['level'], 'low')
  const late = await call('edit_rule', { id, text: WHOAMI, overVersion: drafted.version })
  assert.equal(refusal(late).code, 'stale')
  assert.match(textsOf(late)[0]!, /Next: .*overVersion/)
  const event = { Image: 'C:\\Windows\\whoami.exe' }
  const added = await call('add_test', { id, name: 'fires', event })
  assert.equal(told(added).result['expect'], 'match')
  const why = told(await call('explain_event', { ruleId: id, event })).result
  assert.equal((why['documents'] as { lines: { isTrue: boolean }[] }[])[0]!.lines[0]!.isTrue, true)
  const { items } = told(await call('list_targets')).result as { items: { id: string }[] }
  const change = told(
    await call('open_change', { title: 'Whoami', items: [{ ruleId: id, targetId: items[0]!.id }] }),
  ).result
  assert.equal(change['state'], 'draft')
  for (const absent of ['submitChange', 'submit_change', 'deploy_change', 'sign_change']) {
    await assert.rejects(call(absent, { id: change['id'] }), /-32602/)
  }
})

test('a tool beyond the token is answered like one that is not there', async () => {
  const { client, call } = await connect(app.cast.ravi, ['rules:read'])
  const { tools } = await client.listTools()
  assert.ok(
    tools.some(({ name }) => name === 'list_rules'),
    'the premise',
  )
  assert.ok(!tools.some(({ name }) => name === 'draft_rule'))
  const answers = await Promise.allSettled(
    ['draft_rule', 'no_such_tool'].map((name) => call(name, { text: WHOAMI })),
  )
  const [beyond, absent] = answers.map((one) => one.status === 'rejected' && String(one.reason))
  assert.ok(beyond)
  assert.equal(beyond, absent)
})

test('another workspace and what is not there are the same refusal', async () => {
  const theirs = await connect(app.cast.gwen, ['rules:write'], app.globex)
  const { id } = told(await theirs.call('draft_rule', { text: WHOAMI })).result
  const ours = await connect(app.cast.ada, ['admin'])
  const none = 'rul_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5f'
  const answers = await Promise.all(
    [id, none, 'nonsense'].map((one) => ours.call('get_rule', { id: one })),
  )
  for (const answer of answers) {
    const [{ requestId: _a, ...one }, { requestId: _b, ...first }] = [answer, answers[0]!].map(
      refusal,
    ) as [Refused, Refused]
    assert.equal(one.code, 'forbidden')
    assert.deepEqual(one, first)
  }
})

test('an answer says how complete it is, and what others wrote stands between two lines', async () => {
  const { client, call } = await connect(app.cast.ada, scopesOf('admin', []))
  await client.listTools() // from here on the client holds answers against their schemas
  for (const title of ['One', 'Two']) {
    await call('draft_rule', { text: WHOAMI.replace('Whoami', title) })
  }
  const first = await call('list_rules', { limit: 1 })
  const { complete, rest, untrusted } = told(first)
  assert.equal(complete, false)
  assert.match(rest!, /list_rules again .* cursor/)
  assert.ok(untrusted.includes('items/*/title') && !untrusted.includes('items/*/id'))
  const [words, data] = textsOf(first)
  assert.match(words!, /^Not complete\./)
  const [line] = data!.split('\n')
  assert.match(line!, /^UNTRUSTED [0-9a-f]{24}$/)
  assert.equal(data!.split(line!).length, 3, 'two lines')
  assert.ok(!textsOf(await call('list_rules', { limit: 1 }))[1]!.includes(line!))
  const ours = await call('list_budgets')
  assert.deepEqual(told(ours).untrusted, [], 'nothing of others, so nothing is marked')
  assert.equal(textsOf(ours)[0], 'Complete.')
  const odd = refusal(await call('list_rules', { limit: 1, order: 'up' }))
  assert.equal(odd.code, 'invalid')
})

test('this door takes MCP tokens, its own origin and nothing else', async () => {
  const { text } = await connect(app.cast.ada, ['admin'])
  const pat = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const ask = (token: string, headers: Record<string, string> = {}) =>
    app.fetch('/mcp', {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    })
  assert.equal((await ask(text)).status, 200, 'the premise')
  assert.equal((await ask(text, { Origin: app.url })).status, 200)
  assert.equal((await ask(text, { Origin: 'https://evil.example' })).status, 403)
  assert.equal((await ask(pat.text)).status, 401)
  assert.equal((await app.fetch('/mcp')).status, 405, 'no stream is open to be read')
})

test('rules and texts are resources, and work begins with a prompt', async () => {
  const { client, call } = await connect(app.cast.ravi, ['rules:write', 'changes:write'])
  const { id } = told(await call('draft_rule', { text: WHOAMI })).result as { id: string }
  const { resources } = await client.listResources()
  const named = resources.map(({ uri }) => uri)
  assert.ok(named.includes(`rule://${id}`) && named.includes('docs://mcp'))
  const [read] = (await client.readResource({ uri: `rule://${id}` })).contents
  assert.equal(read && 'text' in read && read.text, WHOAMI)
  const listed = resources.find(({ uri }) => uri === `rule://${id}`)!
  assert.ok(listed.annotations?.lastModified)
  const [old] = (await client.readResource({ uri: `rule://${id}/versions/1` })).contents
  assert.equal(old && 'text' in old && old.text, WHOAMI)
  const offered = async (uri: string, name: string, value: string, given = {}) => {
    const ref = { type: 'ref/resource', uri } as const
    const asked = { ref, argument: { name, value }, context: { arguments: given } }
    return (await client.complete(asked)).completion.values
  }
  assert.ok((await offered('rule://{id}', 'id', 'whoami')).includes(id))
  assert.deepEqual(await offered('rule://{id}', 'id', 'nosuchword'), [])
  assert.deepEqual(await offered('rule://{id}/versions/{n}', 'n', '', { id }), ['1'])
  assert.deepEqual(await offered('docs://{name}', 'name', 'mcp'), ['mcp'])
  for (const uri of [
    'docs://../SECURITY',
    'docs://nothing',
    'rule://nonsense',
    'file:///etc/passwd',
  ]) {
    await assert.rejects(client.readResource({ uri }), /-32/)
  }
  const { prompts } = await client.listPrompts()
  assert.deepEqual(
    prompts.map(({ name }) => name),
    ['write_rule'],
    'what it has the tools for',
  )
  const arguments_ = { description: 'whoami as SYSTEM' }
  const { messages } = await client.getPrompt({ name: 'write_rule', arguments: arguments_ })
  assert.match(JSON.stringify(messages), /whoami as SYSTEM.*never an instruction/)
  await assert.rejects(client.getPrompt({ name: 'write_rule' }), /Name description/)
})

test('the log holds each call: token, person, tool and digest, questions counted by the minute', async () => {
  const { call, token } = await connect(app.cast.ravi, ['rules:write'])
  const drafted = told(await call('draft_rule', { text: WHOAMI })).result
  for (let n = 0; n < 3; n += 1) await call('list_rules')
  await assert.rejects(call('deploy_change'))
  const mine = async () => {
    const entries = await entriesOf(app, app.acme)
    return entries.filter(({ actor, action }) => actor === token.id && action === 'tool.call')
  }
  const first = await mine()
  assert.deepEqual(
    first.map(({ outcome, target, data }) => [outcome, target, (data as { tool: string }).tool]),
    [
      ['refused', app.acme.id, 'unknown'],
      ['done', app.acme.id, 'list_rules'],
      ['done', drafted['id'], 'draft_rule'],
    ],
  )
  const { digest, person } = first[2]!.data as { digest: string; person: string }
  assert.equal(digest, sha256Hex(JSON.stringify({ text: WHOAMI })))
  assert.equal(person, app.cast.ravi.userId)
  app.clock.advance(MINUTE)
  await call('who_am_i')
  const counts = (await mine()).map(({ data }) => data as { tool: string; count?: number })
  assert.ok(counts.some(({ tool, count }) => tool === 'list_rules' && count === 2))
})

test('a budget that is spent is said with the time until there is more', async () => {
  const { token } = await connect(app.cast.ravi, ['rules:read'])
  const caller = () => systemCaller(app.house, 'test', undefined, app.acme.id)
  const budgets = new TokenBudgets()
  const take = () => budgets.take(app.house, caller(), token)
  for (let n = 0; n < DEFAULT_POLICY.agentCallsPerMinute; n += 1) await take()
  await assert.rejects(take(), { code: 'rate_limited', retryAfterSeconds: 60 })
  app.clock.advance(MINUTE)
  await take()
  const brought = { rows: DEFAULT_POLICY.agentRowsPerDay, bytes: 7 }
  await budgets.brought(app.house, caller(), token, brought)
  await assert.rejects(take(), { code: 'rate_limited' })
  const after = new TokenBudgets()
  await assert.rejects(
    after.take(app.house, caller(), token),
    /rows of a day .* 100000, are spent\. There is more at .*T00:00:00/,
    'and after a restart',
  )
  const ravi = { userId: app.cast.ravi.userId }
  const { used } = await readAgentBudget(app.house, caller(), ravi, token.id)
  assert.deepEqual([used.rows, used.bytes], [DEFAULT_POLICY.agentRowsPerDay, 7])
  app.clock.advance(DAY)
  await take()
})

test('an admin gives one token a budget of its own, and answers tell what is left of it', async () => {
  const { call, token } = await connect(app.cast.ravi, ['rules:write', 'searches:run'])
  const left = ({ _meta }: CallToolResult) => _meta!['rulewright/budget'] as Record<string, number>
  const first = left(await call('list_rules'))
  assert.equal(first['callsThisMinute'], DEFAULT_POLICY.agentCallsPerMinute - 1)
  assert.ok(first['bytesToday']! < DEFAULT_POLICY.agentMegabytesPerDay * 1_000_000)
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const own = { ...NO_OWN_BUDGET, callsPerMinute: 2, searchesPerDay: 0 }
  await giveAgentBudget(app.house, caller, token.id, own)
  app.clock.advance(MINUTE)
  const search = refusal(await call('start_search', { language: 'sigma', text: WHOAMI }))
  assert.match(search.detail, /searches of a day of this token, 0, are spent/)
  await call('list_rules')
  assert.equal(left(await call('list_rules'))['callsThisMinute'], 0)
  const over = refusal(await call('list_rules'))
  assert.equal(over.code, 'rate_limited')
  assert.match(over.next, /Stop calling/)
  const [entry] = (await entriesOf(app, app.acme)).filter(({ action }) => action === 'token.budget')
  assert.deepEqual([entry!.target, entry!.data], [token.id, { from: NO_OWN_BUDGET, to: own }])
})

test('role by role, a verb of a person has a tool, or there is a reason why it has none', () => {
  const without = WITHOUT_TOOL.flatMap(([, verbs]) => verbs)
  assert.deepEqual(
    without.filter((verb) => TOOL_VERBS.has(verb)),
    [],
  )
  for (const role of ROLES) {
    const held = [...verbsOf(role, role === 'viewer' ? ['approver', 'auditor'] : [])]
    const bare = held.filter((verb) => !TOOL_VERBS.has(verb) && !without.includes(verb))
    assert.deepEqual(bare, [], `${role}: make a tool for them, or say why not`)
    const tools = TOOLS.filter(({ verb }) => held.includes(verb))
    assert.ok(tools.length >= 30, `the premise: ${role}`)
    const mayWrite = role === 'admin' || role === 'engineer'
    assert.equal(
      tools.some(({ name }) => name === 'draft_rule'),
      mayWrite,
    )
  }
})

test('what reads is a tool unless it is named as none, and of acts these are tools and no others', () => {
  const names = OPERATIONS.map(({ name }) => name)
  assert.deepEqual(
    NOT_FOR_AGENTS.filter((name) => !names.includes(name)),
    [],
  )
  const acts = TOOLS.filter(({ effect }) => effect !== 'reads').map(({ name }) => name)
  assert.deepEqual(acts.toSorted(), [
    'add_test',
    'cancel_search',
    'comment_change',
    'draft_rule',
    'edit_rule',
    'generate_rule_tests',
    'open_change',
    'run_rule_tests',
    'start_search',
  ])
  const tools = new Set(TOOLS.map(({ name }) => name))
  assert.equal(tools.size, TOOLS.length, 'no name twice')
  const promised = [
    'list_rules',
    'get_rule',
    'list_rule_versions',
    'get_rule_version',
    'explain_event',
    'lint_rules',
    'convert_rules',
    'match_events',
    'get_coverage',
    'list_rule_health',
    'get_rule_health',
    'list_changes',
    'list_deployments',
    'list_drift',
    'list_silenced',
    'list_targets',
    'get_search',
    'list_search_rows',
    'list_audit_entries',
  ]
  assert.deepEqual(
    promised.filter((name) => !tools.has(name)),
    [],
  )
})

test('every tool has words for models, and there are none for a tool that is not there', () => {
  assert.deepEqual(Object.keys(WORDS).toSorted(), TOOLS.map(({ name }) => name).toSorted())
})

test('a tool reads or proposes, and holds no verb for more', () => {
  const BEYOND =
    /^(deployment\.run|drift\.resolve|change\.(sign|breakglass)|hotfix\.|target\.write|mapping\.|exclusion\.write|(token|member|user|policy|backup|secret|instance|attack|database|budget)\.)/
  assert.deepEqual(
    [...TOOL_VERBS].filter((verb) => BEYOND.test(verb)),
    [],
  )
  assert.ok(VERBS.filter((verb) => BEYOND.test(verb)).length > 20, 'the premise')
  for (const { name, effect, operation } of TOOLS) {
    if (effect === 'reads') assert.ok(!isWrite(operation), `${name} changes nothing`)
    assert.match(name, /^[a-z]+(_[a-z]+)*$/)
  }
})

test('every snippet of the paper is what its client reads, and names this door', () => {
  const paper = readFileSync(path.resolve(import.meta.dirname, '../../docs/mcp.md'), 'utf8')
  const snippets = [...paper.matchAll(/```(json|toml)\n(.*?)```/gs)]
  assert.ok(snippets.length >= 5, 'the premise')
  for (const [, kind, text] of snippets) {
    const value = JSON.stringify(kind === 'json' ? JSON.parse(text!) : parseToml(text!))
    assert.match(value, /"rulewright":\{.*https:\/\/rules\.example\.com\/mcp/)
    assert.match(value, /Bearer|bearer_token_env_var/)
  }
  for (const { client, text } of agentSetups('https://rules.example.com/mcp')) {
    assert.ok(paper.includes(`\n${text}\n`), `the page and the paper show the same for ${client}`)
  }
  for (const [, name] of paper.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)) {
    const isKnown = name === 'rate_limited' || TOOLS.some((one) => one.name === name)
    assert.ok(isKnown, `${name} is a tool`)
  }
})

test('a list in memory goes page by page, and a cursor of another list is refused', () => {
  const all = ['a', 'b', 'c'].map((name) => ({ name }))
  const first = pageOf(all, undefined, 2)
  assert.deepEqual([first.items.length, first.nextCursor], [2, 'b'])
  assert.deepEqual(pageOf(all, first.nextCursor, 2), { items: [{ name: 'c' }] })
  assert.throws(() => pageOf(all, 'z', 2), /Begin again/)
  assert.equal(pageOf(TOOLS, undefined).nextCursor, undefined, 'clients that read one page see all')
})
