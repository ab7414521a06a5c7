// The door for MCP clients, by a client of the protocol: what a token lists is what it may call, what it
// calls can do no more than read and propose, and what it is told says what it is.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { scopesOf, type Scope } from '#domain/access/token-scope.ts'
import { VERBS } from '#domain/access/permission.ts'
import { isWrite } from '#http/api/operation.ts'
import { OPERATIONS } from '#http/api/operations.ts'
import { TOOL_VERBS, TOOLS } from '#http/mcp/tools.ts'
import { startProgram } from '#test/support/api.ts'
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
  const { text } = await startProgram(app, person, { scopes, workspace, kind: 'mcp' })
  const client = new Client({ name: 'a client', version: '1' })
  const headers = { Authorization: `Bearer ${text}` }
  const url = new URL('/mcp', app.url)
  const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers } })
  await client.connect(transport)
  ends.unshift(() => client.close())
  const call = async (name: string, given: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: given })) as CallToolResult
  return { client, call, text }
}

interface Told {
  readonly completeness: { readonly kind: string }
  readonly untrusted: true
  readonly fence: string
  readonly result: Record<string, unknown>
  readonly code: string
}
const detailOf = (one: CallToolResult) => (one.structuredContent as { detail: string }).detail
const told = ({ structuredContent }: CallToolResult) => structuredContent as unknown as Told

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
  assert.equal(late.isError, true)
  assert.equal(told(late).code, 'stale')
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
    assert.equal(answer.isError, true)
    const { requestId: _, ...rest } = told(answer) as unknown as Record<string, unknown>
    assert.deepEqual(rest, { code: 'forbidden', title: 'Not allowed', detail: rest['detail'] })
    assert.equal(rest['detail'], answers.map(detailOf)[0])
  }
})

test('an answer says how complete it is and stands between two lines of its own', async () => {
  const { call } = await connect(app.cast.ada, scopesOf('admin', []))
  for (const title of ['One', 'Two']) {
    await call('draft_rule', { text: WHOAMI.replace('Whoami', title) })
  }
  const first = await call('list_rules', { limit: 1 })
  assert.deepEqual(told(first).completeness.kind, 'truncated')
  const [{ text }] = first.content as unknown as [{ text: string }]
  const { fence } = told(first)
  assert.equal(text.split(fence).length, 3, 'two lines')
  assert.notEqual(told(await call('list_rules', { limit: 1 })).fence, fence)
  const odd = await call('list_rules', { limit: 1, order: 'up' })
  assert.equal(told(odd).code, 'invalid')
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

/** What no agent gets, and why. */
const NO_TOOLS: readonly (readonly [why: string, names: readonly string[]])[] = [
  [
    'deploys, or undoes what is deployed',
    [
      'deployChange',
      'rollBackRule',
      'goLive',
      'cancelDeployment',
      'rollBackDeployment',
      'resolveDeploymentItem',
      'scanDrift',
      'resolveDrift',
      'endHotfix',
      'breakGlass',
    ],
  ],
  [
    'signs, or moves a change towards a signature',
    ['signChange', 'reviewHotfix', 'submitChange', 'waiveChangeProblem'],
  ],
  ['would void signatures that were given', ['editChange', 'withdrawChange']],
  [
    'makes or shows credentials and tokens',
    [
      'listTokens',
      'addToken',
      'revokeToken',
      'setCredential',
      'promoteCredential',
      'revertCredential',
      'removeCredential',
    ],
  ],
  ['is about people', ['listMembers', 'inviteMember', 'getMember', 'changeMember', 'removeMember']],
  [
    'changes a target, or what is asked of it',
    [
      'addTarget',
      'changeTarget',
      'removeTarget',
      'checkTarget',
      'pullTarget',
      'adoptRules',
      'releaseRules',
      'giveDependency',
      'setBudget',
    ],
  ],
  [
    'changes what rules become or hide',
    [
      'putMapping',
      'restoreMapping',
      'putMappingDraft',
      'discardMappingDraft',
      'applyMappingDraft',
      'previewMapping',
      'surveyMapping',
      'addExclusion',
      'changeExclusion',
      'endExclusion',
      'recompileRules',
      'renderRule',
    ],
  ],
  [
    'changes or ends many things at once',
    [
      'editRules',
      'undoRuleBulk',
      'pushRules',
      'importRules',
      'startRuleImport',
      'addUpstream',
      'bringUpstreamBundle',
      'planUpstream',
      'chooseUpstreamItem',
      'applyUpstreamPlan',
      'runTests',
    ],
  ],
  [
    'takes something away',
    [
      'deleteRule',
      'retireRule',
      'reviveRule',
      'restoreRule',
      'deleteSearch',
      'removeSavedSearch',
      'unpinRow',
      'deleteView',
      'removeGroup',
    ],
  ],
  [
    'is housekeeping of a person',
    [
      'addGroup',
      'renameGroup',
      'listViews',
      'saveView',
      'getView',
      'changeView',
      'saveSearch',
      'changeSavedSearch',
      'askSavedSearch',
      'pinRow',
      'setDisposition',
      'cancelJob',
      'retrySearchSegment',
    ],
  ],
  [
    'asks targets for longer than a call',
    ['startForecast', 'cancelForecast', 'startChangeImpact', 'cancelChangeImpact'],
  ],
  [
    'is a proof or a file for a program',
    [
      'listAuditCheckpoints',
      'proveAuditEntry',
      'proveAuditContinuation',
      'followJob',
      'exportRules',
      'getRuleTestReport',
      'downloadAsOf',
      'exportSearchRows',
      'listRuleFiles',
      'readRuleFiles',
    ],
  ],
  [
    'is about work that agents do not start',
    [
      'getRuleBulk',
      'listRuleBulkItems',
      'listRuleImports',
      'getRuleImport',
      'listRuleImportItems',
      'getMappingDraft',
      'listMappingVersions',
      'getMappingPreview',
      'listMappingSuggestions',
    ],
  ],
]

test('every operation has a tool, or there is a reason why it has none', () => {
  const withTool = new Set(TOOLS.map(({ operation }) => operation.name))
  const without = NO_TOOLS.flatMap(([, names]) => names)
  assert.deepEqual(
    without.filter((name) => withTool.has(name) || !OPERATIONS.some((one) => one.name === name)),
    [],
  )
  const known = new Set([...withTool, ...without])
  assert.deepEqual(
    OPERATIONS.filter(({ name }) => !known.has(name)).map(({ name }) => name),
    [],
    'make a tool of them, or say why not',
  )
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
