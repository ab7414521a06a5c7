// Every operation of the OpenAPI document, as every role with a token of every scope it may have:
// with input that fits, that does not, and that belongs to another workspace. What is answered is
// held against the document.

import assert from 'node:assert/strict'
import test from 'node:test'
import { NO_OWN_BUDGET } from '#domain/access/agent-budget.ts'
import { systemCaller } from '#domain/access/system.ts'
import { scopesOf, type Scope } from '#domain/access/token-scope.ts'
import { changeMember, getMember, type Member } from '#domain/access/members.ts'
import { addGroup } from '#domain/rules/groups/actions.ts'
import { saveView } from '#domain/rules/views/actions.ts'
import { startBulkEdit } from '#domain/rules/bulk/edit.ts'
import { createRule, retireRule, saveRule } from '#domain/rules/actions.ts'
import { runTests } from '#domain/rules/testing/actions.ts'
import { addPerson } from '#cli/demo/cast.ts'
import { ROLES, type Role } from '#domain/access/permission.ts'
import { readAudit, readCheckpoints } from '#domain/audit/actions.ts'
import { verifyAuditJob } from '#domain/audit/jobs.ts'
import { describeApi, type DocumentedOperation, type OpenApiDocument } from '#http/api/document.ts'
import { OPERATIONS } from '#http/api/operations.ts'
import { cancelJob } from '#domain/jobs/actions.ts'
import { makeId, type JobId } from '#kernel/id.ts'
import { addMs, DAY } from '#kernel/time.ts'
import { startProgram, type Program } from '#test/support/api.ts'
import { compilerOf, type Documented } from '#test/support/api-schema.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'
import { thoroughly } from '#test/support/thorough.ts'
import { ADOPTION_INPUTS } from './walk-adoption.ts'
import { DRIFT_INPUTS } from './walk-drift.ts'
import { CHANGE_INPUTS } from './walk-changes.ts'
import { EXCLUSION_INPUTS } from './walk-exclusions.ts'
import { LIST_INPUTS } from './walk-lists.ts'
import { hostileBodies } from './walk-hostile.ts'
import { IMPORT_INPUTS } from './walk-imports.ts'
import { HOTFIX_INPUTS } from './walk-hotfixes.ts'
import { BACKTEST_INPUTS } from './walk-backtests.ts'
import { DEPLOYMENT_INPUTS } from './walk-deployments.ts'
import { HEALTH_INPUTS } from './walk-health.ts'
import { SEARCH_INPUTS } from './walk-searches.ts'
import { MAPPING_INPUTS } from './walk-mappings.ts'
import { PROVIDER_INPUTS } from './walk-providers.ts'
import { TARGET_INPUTS } from './walk-targets.ts'
import { WORKSPACE_INPUTS } from './walk-workspace.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'

const UNHURRIED = {
  RULEWRIGHT_SERVER_REQUESTS_PER_SECOND_MAX: '100000',
  RULEWRIGHT_SERVER_TOKEN_REQUESTS_PER_SECOND_MAX: '100000',
  RULEWRIGHT_SERVER_WORKSPACE_REQUESTS_PER_SECOND_MAX: '100000',
}

interface Listed {
  readonly method: string
  readonly path: string
  readonly operation: DocumentedOperation
}

interface World {
  readonly app: TestApp
  readonly document: OpenApiDocument
  readonly operations: readonly Listed[]
  /** Those that are called: in the quick suite every third, so that all kinds of them are among it. */
  readonly walked: readonly Listed[]
  /** Throws unless the value is what the document says of this name. */
  readonly check: (schema: object, value: unknown, what: string) => void
  /** What refused operations were called with, by their names. */
  readonly unused: Map<string, Input>
  /** Whose tokens are tried: what is a person's own is made for them. */
  readonly holder: 'ada' | 'vera'
}

// Making validators takes longer than all they check.
const compile = compilerOf(describeApi(OPERATIONS))

async function startWorld(t: test.TestContext): Promise<World> {
  const app = await startApp(t, { env: UNHURRIED })
  const answer = await app.fetch('/api/v1/openapi.json')
  const document = (await answer.json()) as OpenApiDocument
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  )
  const check = (schema: object, value: unknown, what: string) => {
    const isValid = compile(schema)
    assert.ok(
      isValid(value),
      `${what}: ${JSON.stringify(isValid.errors)} in ${JSON.stringify(value)}`,
    )
  }
  const sample = operations.filter((_, at) => at % 3 === 0)
  const walked = thoroughly(sample, operations)
  return { app, document, operations, walked, check, unused: new Map(), holder: 'vera' }
}

/** What fits an operation; made anew for each call, because some use up what they are called with. */
interface Input {
  readonly query?: string
  readonly json?: unknown
  readonly id?: string
  readonly n?: number
  /** What else stands in the path, by name. */
  readonly named?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

const WHOAMI = `title: Whoami
logsource: {category: process_creation, product: windows}
detection: {selection: {Image|endswith: '\\\\whoami.exe'}, condition: selection}
rulewright: {tests: [{name: fires, expect: match, events: [{Image: whoami.exe}]}]}
`

let count = 0
const INPUTS: Readonly<Record<string, (world: World, place: Workspace) => Promise<Input>>> = {
  lintRules: async () => ({ json: { rules: [{ text: WHOAMI }] } }),
  convertRules: async () => ({ json: { rules: [{ text: WHOAMI }], to: 'spl' } }),
  matchRules: async () => ({
    json: { rules: [{ text: WHOAMI }], events: [{ Image: 'C:\\whoami.exe' }, { Image: 'x' }] },
  }),
  runQuery: async () => ({
    json: { language: 'spl', query: 'x=1 | stats count', events: [{ x: 1 }] },
  }),
  lintQuery: async () => ({ json: { language: 'spl', query: 'index=a | stats count' } }),
  listRules: async () => ({ query: '?limit=2&q=whoami&level=high,low' }),
  addRule: async () => ({ json: { text: WHOAMI } }),
  getRule: async (world, place) => ({ id: (await newRule(world, place)).id }),
  saveRule: async (world, place) => {
    const { id, headers } = await newRule(world, place)
    return { id, headers, json: { text: `${WHOAMI}# changed\n`, reason: 'a comment' } }
  },
  deleteRule: newRule,
  listRuleVersions: async (world, place) => ({ id: (await newRule(world, place)).id }),
  getRuleVersion: async (world, place) => ({ id: (await newRule(world, place)).id, n: 1 }),
  restoreRule: async ({ app }, place) => {
    const { id } = await newRule({ app }, place)
    const caller = systemCaller(app.house, 'test', undefined, place.id)
    const edit = { text: `${WHOAMI}# changed\n`, reason: '', expected: 'any' } as const
    await saveRule(app.house, caller, id, edit)
    return { id, json: { version: 1 } }
  },
  retireRule: async (world, place) => ({ id: (await newRule(world, place)).id }),
  reviveRule: async ({ app }, place) => {
    const { id } = await newRule({ app }, place)
    await retireRule(app.house, systemCaller(app.house, 'test', undefined, place.id), id)
    return { id }
  },
  editRules: async ({ app }) => {
    const id = makeId('rul', app.clock.now(), app.house.random(10))
    return { json: { edit: { kind: 'level', level: 'low' }, ids: [id] } }
  },
  ...ADOPTION_INPUTS,
  ...PROVIDER_INPUTS,
  ...WORKSPACE_INPUTS,
  ...DRIFT_INPUTS,
  ...EXCLUSION_INPUTS,
  ...LIST_INPUTS,
  ...CHANGE_INPUTS,
  ...IMPORT_INPUTS,
  ...TARGET_INPUTS,
  ...MAPPING_INPUTS,
  ...SEARCH_INPUTS,
  ...BACKTEST_INPUTS,
  ...HOTFIX_INPUTS,
  ...HEALTH_INPUTS,
  ...DEPLOYMENT_INPUTS,
  getRuleBulk: async ({ app }, place) => ({ id: await newBulk(app, place) }),
  listRuleBulkItems: async ({ app }, place) => ({ id: await newBulk(app, place) }),
  undoRuleBulk: async ({ app }, place) => {
    const id = await newBulk(app, place)
    await app.runner.drain()
    return { id }
  },
  exportRules: async () => ({ query: '?format=ndjson&q=whoami' }),
  listGroups: async () => ({}),
  renameGroup: async ({ app }, place) => ({
    id: await newGroup(app, place),
    json: { name: `Group ${count++}` },
  }),
  getWrittenLayer: async () => ({ query: '?q=whoami' }),
  listViews: async () => ({}),
  saveView: async () => ({ json: { name: `View ${count++}`, query: 'level=high' } }),
  getView: async (world, place) => ({ id: await newView(world, place) }),
  changeView: async (world, place) => ({
    id: await newView(world, place),
    json: { name: `View ${count++}`, isDefault: true },
  }),
  deleteView: async (world, place) => ({ id: await newView(world, place) }),
  removeGroup: async ({ app }, place) => ({ id: await newGroup(app, place) }),
  getGroupPolicy: async ({ app }, place) => ({ id: await newGroup(app, place) }),
  setGroupPolicy: async ({ app }, place) => {
    const caller = systemCaller(app.house, 'test', undefined, place.id)
    const { version } = await readPolicy(app.house, caller)
    const headers = { 'If-Match': `"${version}"` }
    return {
      id: await newGroup(app, place),
      headers,
      json: { asked: { soakDays: 1 + (count++ % 90) } },
    }
  },

  addGroup: async () => ({ json: { slug: `group-${count++}`, name: 'A group' } }),
  listRuleRenders: async (world, place) => ({ id: (await newRule(world, place)).id }),
  listRuleFiles: async () => ({ query: '?limit=2' }),
  readRuleFiles: async (world, place) => ({
    json: { versions: [{ rule: (await newRule(world, place)).id, version: 1 }] },
  }),
  pushRules: async () => ({ json: { files: [{ path: 'a/b.yml', document: 0, text: WHOAMI }] } }),
  runRuleTests: async (world, place) => ({ id: (await newRule(world, place)).id }),
  runTests: async () => ({ json: { all: true } }),
  listRuleTestRuns: async (...at) => ({ id: await testedRule(...at), query: '?limit=2' }),
  getRuleTestReport: async (...at) => ({ id: await testedRule(...at) }),
  generateRuleTests: async (...at) => ({ id: (await newRule(...at)).id, json: { save: true } }),
  renderRule: async (world, place) => ({ id: (await newRule(world, place)).id }),
  getMe: async () => ({}),
  listTokens: async () => ({ query: '?limit=2' }),
  addToken: async () => ({ json: { name: `Child ${count++}`, scopes: ['rules:read'] } }),
  rotateToken: async ({ app }, place) => ({ id: await ownToken(app, place), json: { hours: 1 } }),
  getTokenBudget: async ({ app }, place) => ({ id: await ownToken(app, place, 'mcp') }),
  setTokenBudget: async ({ app }, place) => ({
    id: await ownToken(app, place, 'mcp'),
    json: { ...NO_OWN_BUDGET, callsPerDay: 1 + count++ },
  }),
  revokeToken: async ({ app }, place) => ({ id: await ownToken(app, place) }),
  listMembers: async () => ({ query: '?limit=2&q=a' }),
  getMember: async ({ app }, place) => ({ id: (await newMember(app, place)).userId }),
  changeMember: async ({ app }, place) => {
    const { userId, version } = await newMember(app, place)
    return { id: userId, json: { role: 'analyst' }, headers: { 'If-Match': `"${version}"` } }
  },
  removeMember: async ({ app }, place) => {
    const { userId, version } = await newMember(app, place)
    return { id: userId, headers: { 'If-Match': `"${version}"` } }
  },
  inviteMember: async () => ({ json: { email: `new${count++}@acme.example`, role: 'viewer' } }),
  listAuditEntries: async () => ({ query: '?action=token&limit=3' }),
  listAuditCheckpoints: async () => ({}),
  proveAuditEntry: async (world, place) => ({ query: `?seq=${await someEntry(world, place)}` }),
  proveAuditContinuation: async ({ app }) => ({ query: `?size=${await someSize(app)}` }),
  listJobs: async () => ({ query: '?limit=2' }),
  getJob: async ({ app }, place) => ({ id: await startJob(app, place) }),
  cancelJob: async ({ app }, place) => ({ id: await startJob(app, place) }),
  followJob: async ({ app }, place) => ({ id: await endedJob(app, place) }),
}

test('the document names each operation once, and every reference in it leads somewhere', async (t) => {
  const { document, operations } = await startWorld(t)
  assert.equal(document.openapi, '3.1.0')
  const names = operations.map(({ operation }) => operation.operationId)
  assert.equal(new Set(names).size, names.length)
  assert.deepEqual(
    names.toSorted(),
    Object.keys(INPUTS).toSorted(),
    'an operation without input here',
  )
  for (const name of Object.keys(document.components.schemas)) {
    const isValid = compile({ $ref: `#/components/schemas/${name}` })
    assert.equal(isValid({ nonsense: true }), false, name)
  }
  for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    let at: unknown = document
    for (const step of ref!.split('/')) at = (at as Record<string, unknown>)[step]
    assert.ok(at, ref)
  }
  for (const { path, operation } of operations) {
    const declared = operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name)
    assert.deepEqual(
      [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
      declared,
      path,
    )
  }
})

// The analyst is let in here and refused there, and holds a flag: the sample of the quick suite.
for (const role of thoroughly<readonly Role[]>(['analyst'], ROLES)) {
  test(`as ${role}, each scope opens what it says, and every write is one entry of the log`, async (t) => {
    const world = await startWorld(t)
    const { app, walked } = world
    const flags = { isApprover: false, isAuditor: role === 'analyst' }
    await changeMember(app.house, inAcme(app), app.cast.vera.userId, { role, ...flags })
    await app.signIn(app.cast.vera) // a fresh proof, for what asks for one
    const scopes = scopesOf(role, flags.isAuditor ? ['auditor'] : [])
    assert.ok(scopes.length > 0, 'the premise')
    for (const scope of scopes) {
      const program = await startProgram(app, app.cast.vera, { scopes: [scope] })
      const { verbs } = (await (await program.call('/me')).json()) as { verbs: string[] }
      for (const listed of walked) {
        const isAllowed = verbs.includes(listed.operation['x-permission'])
        await callOnce(world, program, listed, { isAllowed, role, scope })
      }
    }
  })
}

async function callOnce(
  world: World,
  program: Program,
  { method, path, operation }: Listed,
  { isAllowed, role, scope }: { isAllowed: boolean; role: Role; scope: Scope },
): Promise<void> {
  const { app, check } = world
  const what = `${operation.operationId} as ${role} with ${scope}`
  if (!isAllowed) return refuseOnce(world, program, { method, path, operation }, what)
  const input = await INPUTS[operation.operationId]!(world, app.acme)
  const before = await entryCount(app, program)
  const isWrite = operation.parameters.some(({ name }) => name === 'Idempotency-Key')
  // With a key, act and answer are one transaction: an act that is not made for it fails here.
  const headers = { ...input.headers, ...(isWrite && { 'Idempotency-Key': `${count++}` }) }
  const request = { method, json: input.json, headers }
  const answer = await program.call(addressOf(path, input), request)
  const [status, declared] = Object.entries(operation.responses)[0]!
  const body = await answer.text()
  assert.equal(answer.status, Number(status), `${what}: ${body}`)
  const written = (await entryCount(app, program)) - before
  const isTold = isWrite ? !STILL.has(operation.operationId) : TOLD.has(operation.operationId)
  const expected = isTold ? 1 : 0
  assert.equal(written, expected, `${what} wrote ${written} entries`)
  if (isWrite) {
    const again = await program.call(addressOf(path, input), request)
    assert.deepEqual([again.status, await again.text()], [answer.status, body], what)
    assert.equal(again.headers.get('ETag'), answer.headers.get('ETag'), what)
    assert.equal((await entryCount(app, program)) - before, expected, `${what}: sent again`)
  }
  const { content: schema, headers: told = {} } = declared as Documented
  for (const name of Object.keys(told)) {
    const isThere = answer.headers.has(name)
    assert.equal(isThere, name !== 'Idempotency-Replayed', `${what} answers ${name}`)
  }
  if (schema === undefined) assert.equal(body, '')
  else if (schema['text/event-stream']) assert.match(body, /event: job\ndata: \{.*"cancelled"/)
  else if (schema['application/x-ndjson']) assert.match(body, /^(?:\{.*\}\n)*$/)
  else if (schema['application/json'])
    check(schema['application/json'].schema, JSON.parse(body), what)
  else assert.ok(schema[answer.headers.get('Content-Type')!], `${what} answers another type`)
}

/** Changes nothing but the log, which says who took it along. */
const TOLD = new Set(['exportAudit'])
/** Finds nothing that moved here, and then there is nothing to tell. */
const STILL = new Set(['refreshChange'])

/** With input that would fit: nobody uses it up, so it is made once. */
async function refuseOnce(
  world: World,
  program: Program,
  { method, path, operation }: Listed,
  what: string,
): Promise<void> {
  const { operationId } = operation
  const input = world.unused.get(operationId) ?? (await INPUTS[operationId]!(world, world.app.acme))
  world.unused.set(operationId, input)
  const { json, headers = {} } = input
  const answer = await program.call(addressOf(path, input), { method, json, headers })
  const body = await answer.text()
  assert.equal(answer.status, 403, `${what}: ${body}`)
  world.check({ $ref: '#/components/schemas/Refusal' }, JSON.parse(body), what)
}

test('input that does not fit is refused with a problem, at every operation', async (t) => {
  const world: World = { ...(await startWorld(t)), holder: 'ada' }
  const { app, walked, check } = world
  await app.signIn(app.cast.ada)
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  let responses: DocumentedOperation['responses'] = {}
  const refuse = async (status: number, path: string, init: Parameters<Program['call']>[1]) => {
    const answer = await call(path, init)
    const body = await answer.text()
    const what = `${init?.method ?? 'GET'} ${path} ${init?.body ?? ''}`.slice(0, 200)
    assert.equal(answer.status, status, `${what}: ${body}`)
    assert.ok(responses[status], `${what}: ${status} is not in the document`)
    assert.equal(answer.headers.get('Content-Type'), 'application/problem+json')
    check({ $ref: '#/components/schemas/Refusal' }, JSON.parse(body), what)
  }
  for (const { method, path, operation } of walked) {
    responses = operation.responses
    const input = await INPUTS[operation.operationId]!(world, app.acme)
    const at = addressOf(path, input)
    const { json, headers: own = {} } = input
    const more = at.includes('?') ? '&' : '?'
    await refuse(422, `${at}${more}unknown=1`, { method, json, headers: own })
    if (own['If-Match'] !== undefined) {
      await refuse(428, at, { method, json })
      await refuse(412, at, { method, json, headers: { 'If-Match': '"another", W/"weak"' } })
      for (const wrong of ['abc', '"a" "b"', '"a'])
        await refuse(400, at, { method, json, headers: { 'If-Match': wrong } })
    }
    if (operation.parameters.some(({ name }) => name === 'limit')) {
      for (const query of ['limit=0', 'limit=501', 'limit=1e2', 'limit=1&limit=2', 'cursor=AAAA']) {
        await refuse(422, addressOf(path, { ...input, query: `?${query}` }), { method })
      }
    }
    if (input.id !== undefined)
      await refuse(403, addressOf(path, { ...input, id: 'x', query: '' }), { method, headers: own })
    if (json === undefined) {
      if (method !== 'GET') await refuse(400, at, { method, json: {}, headers: own })
      continue
    }
    const extra = { ...(json as object), workspaceId: app.globex.id }
    for (const wrong of [{}, [], null, 'text', extra])
      await refuse(422, at, { method, json: wrong, headers: own })
    for (const body of ['', '{', `${JSON.stringify(json)} x`])
      await refuse(400, at, { method, body, headers: own })
    const headers = { ...own, 'Content-Type': 'text/plain' }
    await refuse(415, at, { method, body: JSON.stringify(json), headers })
    await refuse(413, at, { method, body: JSON.stringify({ name: 'x'.repeat(1_100_000) }) })
  }
})

test('what is of another workspace and what never was get the same answer', async (t) => {
  const world = await startWorld(t)
  const { app, walked } = world
  await app.signIn(app.cast.ada)
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const withId = walked.filter(({ path }) => path.includes('{id}'))
  assert.ok(withId.length >= 4, 'the premise')
  for (const { method, path, operation } of withId) {
    const input = await INPUTS[operation.operationId]!(world, app.globex)
    const { id, json, headers: own = {} } = input
    const prefix = id!.slice(0, 3) as 'job'
    const none = makeId(prefix, app.clock.now(), app.house.random(10))
    const answers = await Promise.all(
      [id!, none].map(async (one) => {
        const at = addressOf(path, { ...input, id: one, query: '' })
        const answer = await call(at, { method, json, headers: own })
        const body = (await answer.text()).replace(/req_[\w-]+/, '')
        const headers = [...answer.headers].filter(([name]) => !VOLATILE.has(name))
        return { status: answer.status, body, headers }
      }),
    )
    assert.equal(answers[0]!.status, 403, operation.operationId)
    assert.deepEqual(answers[0], answers[1], operation.operationId)
  }
  const seq = await someEntry(world, app.globex)
  assert.equal((await call(`/audit/proof?seq=${seq}`)).status, 403)
})

test('a token that reaches other targets and groups is told of nothing beyond them', async (t) => {
  const world: World = { ...(await startWorld(t)), holder: 'ada' }
  const { app, walked } = world
  const { ada } = app.cast
  const { id: target } = await TARGET_INPUTS['getTarget'](world, app.acme)
  const group = await newGroup(app, app.acme)
  const scopes = scopesOf('admin', []).filter((one) => one !== 'admin' && one !== 'audit:read')
  const whole = await startProgram(app, ada, { scopes })
  const reaches: readonly (readonly [RegExp, Program])[] = [
    [BOUND, await startProgram(app, ada, { scopes, targets: [target], groups: [group] })],
    [/^tgt_/, await startProgram(app, ada, { scopes, targets: [target] })],
    [/^(rul|grp|exc)_/, await startProgram(app, ada, { scopes, groups: [group] })],
  ]
  const beyond = new Set<string>()
  let told = 0
  for (const { method, path, operation } of walked) {
    for (const [bound, program] of thoroughly(reaches.slice(0, 1), reaches)) {
      const input = await INPUTS[operation.operationId]!(world, app.acme)
      for (const id of idsIn(input)) if (id !== target && id !== group) beyond.add(id)
      const { json, headers = {} } = input
      const answer = await program.call(addressOf(path, input), { method, json, headers })
      const what = `${method} ${path} with ${bound.source}`
      assert.ok(answer.status < 500, `${what}: ${answer.status}`)
      const text = await answer.text()
      const shown = idsIn(text).filter((id) => bound.test(id) && beyond.has(id))
      assert.deepEqual(shown, [], `${what}: ${answer.status}`)
      if (method !== 'GET' || answer.status !== 200) continue
      const all = await (await whole.call(addressOf(path, input))).text()
      told += idsIn(all).filter((id) => bound.test(id) && beyond.has(id)).length
    }
  }
  assert.ok(told > 0, 'the premise: without a bound the same answers tell of them')
})

/** What is of a target or of a rule. */
const BOUND = /^(rul|tgt|chg|dep|drf|sea|sav|grp|exc|obs|dpn|bkt|alr|hfx|ups|imp)_/

function idsIn(value: unknown): readonly string[] {
  return (JSON.stringify(value) ?? '').match(/[a-z]{3}_[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? []
}

test('no list of a workspace holds anything of another', async (t) => {
  const world = await startWorld(t)
  const { app, walked } = world
  const theirs = [app.globex.id, app.cast.gwen.userId] as string[]
  for (const { operation } of walked) {
    const { id } = await INPUTS[operation.operationId]!(world, app.globex)
    if (id !== undefined) theirs.push(id)
  }
  assert.ok(theirs.length > 5, 'the premise')
  const ours = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const gwens = await startProgram(app, app.cast.gwen, { scopes: ['admin'], workspace: app.globex })
  const seen = new Set<string>()
  for (const { path, operation } of walked) {
    if (!operation.parameters.some(({ name }) => name === 'cursor') || path.includes('{')) continue
    const query = operation.operationId === 'listTokens' ? '?of=all&limit=500' : '?limit=500'
    const answer = await ours.call(path + query)
    assert.equal(answer.status, 200, path)
    const text = await answer.text()
    for (const id of theirs) assert.ok(!text.includes(id), `${path} tells of ${id}`)
    const own = await (await gwens.call(path + query)).text()
    for (const id of theirs) if (own.includes(id)) seen.add(id)
  }
  assert.ok(seen.size > 5, 'the premise: their own lists do')
})

const VOLATILE = new Set(['date', 'x-request-id', 'content-security-policy', 'ratelimit-remaining'])

test('a cursor goes on where a page ended, and opens no other list', async (t) => {
  const world = await startWorld(t)
  const { app } = world
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  for (let n = 0; n < 4; n++) await ownToken(app, app.acme)
  interface Page {
    items: { id: string }[]
    next: string | null
  }
  const all = (await (await call('/tokens?of=all')).json()) as Page
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const query: string = next === '' ? '' : `&cursor=${next}`
    const page = (await (await call(`/tokens?of=all&limit=2${query}`)).json()) as Page
    seen.push(...page.items.map(({ id }) => id))
    next = page.next
  }
  assert.deepEqual(
    seen,
    all.items.map(({ id }) => id),
  )
  const { next: cursor } = (await (await call('/tokens?of=all&limit=2')).json()) as Page
  assert.equal((await call(`/tokens?of=me&cursor=${cursor}`)).status, 422)
  assert.equal((await call(`/jobs?cursor=${cursor}`)).status, 422)
  const gwens = await startProgram(app, app.cast.gwen, { scopes: ['admin'], workspace: app.globex })
  assert.equal((await gwens.call(`/tokens?of=all&cursor=${cursor}`)).status, 422)
})

test('hostile JSON is refused or taken as it says, and never met with a fault of ours', async (t) => {
  const world: World = { ...(await startWorld(t)), holder: 'ada' }
  const { app, walked } = world
  await app.signIn(app.cast.ada) // or what asks for a fresh proof would never look at a body
  const { call } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const writes = walked.filter(({ operation }) => operation.requestBody)
  assert.ok(writes.length >= 2, 'the premise')
  const bodies = hostileBodies()
  for (const [at, { method, path, operation }] of writes.entries()) {
    const input = await INPUTS[operation.operationId]!(world, app.acme)
    const share = bodies.filter((_, n) => n % writes.length === at)
    for (const body of thoroughly(share, bodies)) {
      const answer = await call(addressOf(path, input), { method, body, headers: input.headers })
      const told = `${method} ${path} ${body.slice(0, 80)}: ${answer.status}`
      assert.ok([400, 413, 422].includes(answer.status), `${told}: it was for the body`)
      assert.ok(((await answer.json()) as { detail: string }).detail.length > 10, told)
    }
  }
})

const inAcme = ({ house, acme }: TestApp) => systemCaller(house, 'test', undefined, acme.id)

function addressOf(path: string, { id, n = 1, named = {}, query = '' }: Input): string {
  const parts: Readonly<Record<string, unknown>> = { id, n, ...named }
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(parts[name] ?? '')) + query
}

/** Of what the program did itself: jobs that it began write in their own name, when they are done. */
async function entryCount(app: TestApp, { token }: Program): Promise<number> {
  const own = { actor: token.id, outcome: 'done' } as const
  return (await readAudit(app.house, inAcme(app), own, { limit: 500 })).items.length
}

/** A token of whoever is there: in acme of vera, who walks. */
async function ownToken(
  app: TestApp,
  workspace: Workspace,
  kind: 'pat' | 'mcp' = 'pat',
): Promise<string> {
  const person = workspace.slug === 'acme' ? app.cast.vera : app.cast.gwen
  return (await startProgram(app, person, { scopes: ['rules:read'], workspace, kind })).token.id
}

async function newMember({ house }: TestApp, workspace: Workspace): Promise<Member> {
  const userId = await addPerson(house, workspace, `member${count++}`, 'engineer')
  return getMember(house, systemCaller(house, 'test', undefined, workspace.id), userId)
}

async function testedRule({ app }: World, place: Workspace): Promise<string> {
  const { id } = await newRule({ app }, place)
  return (await runTests(app.house, systemCaller(app.house, 'test', undefined, place.id), id))
    .ruleId
}

/** Of the one whose tokens are tried. */
async function newView({ app: { house, cast }, holder }: World, place: Workspace) {
  const caller = systemCaller(house, 'test', undefined, place.id)
  const view = { name: `View ${count++}`, query: 'level=high' }
  return (await saveView(house, { ...caller, actor: cast[holder].userId }, view)).id
}

async function newGroup({ house }: TestApp, place: Workspace) {
  const caller = systemCaller(house, 'test', undefined, place.id)
  return (await addGroup(house, caller, { slug: `group-${count++}`, name: 'A group' })).id
}

async function newBulk({ house, clock }: TestApp, place: Workspace): Promise<JobId> {
  const caller = systemCaller(house, 'test', undefined, place.id)
  const ids = [makeId('rul', clock.now(), house.random(10))]
  return startBulkEdit(house, caller, { edit: { kind: 'retire' }, ids })
}

async function newRule({ app: { house } }: Pick<World, 'app'>, place: Workspace) {
  const caller = systemCaller(house, 'test', undefined, place.id)
  const { rule } = await createRule(house, caller, { text: WHOAMI, reason: '', origin: 'written' })
  return { id: rule.id, headers: { 'If-Match': `"${rule.version}"` } }
}

/** One that waits, so that what is done to it does not race with its run. */
async function startJob({ house, clock }: TestApp, { id }: Workspace): Promise<string> {
  const caller = systemCaller(house, 'test', undefined, id)
  const runAt = addMs(clock.now(), DAY)
  return house.db.write(caller, (tx) =>
    house.jobs.enqueue(tx, caller, verifyAuditJob, {}, { title: 'A job', runAt }),
  )
}

async function endedJob(app: TestApp, workspace: Workspace): Promise<string> {
  const id = await startJob(app, workspace)
  const caller = systemCaller(app.house, 'test', undefined, workspace.id)
  await cancelJob(app.house, caller, id as JobId)
  return id
}

/** An entry of this workspace that a checkpoint covers. */
async function someEntry({ app }: World, { id }: Workspace): Promise<number> {
  const caller = systemCaller(app.house, 'test', undefined, id)
  if (app.globex.id === id) await ownToken(app, app.globex)
  await app.house.audit.checkpoint()
  return (await readAudit(app.house, caller, {}, { limit: 1 })).items[0]!.seq
}

async function someSize(app: TestApp): Promise<number> {
  await app.house.audit.checkpoint()
  const [head] = await readCheckpoints(app.house, inAcme(app), { limit: 1 })
  return head!.size
}
