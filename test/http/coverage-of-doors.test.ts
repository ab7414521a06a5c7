// Pages, REST and MCP cover the same verbs, role by role: from the table that `routes --json` prints, the
// OpenAPI document and the tools that an agent lists. RECORD=1 rewrites what docs/api.md says of it.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { VERBS, verbsOf, type Verb } from '#domain/access/permission.ts'
import { narrowVerbs, SCOPES, scopesOf, verbsOfScope } from '#domain/access/token-scope.ts'
import { WITHOUT_OPERATION, WITHOUT_PAGE } from '#http/api/beside-pages.ts'
import { apiDocument } from '#http/api/operations.ts'
import { TOOLS } from '#http/mcp/tools.ts'
import { WITHOUT_TOOL } from '#http/mcp/without-tool.ts'
import { routeTable } from '#http/route-table.ts'
import { differencesOf, PEOPLE, type Doors } from '#test/support/doors.ts'

const operations = Object.values(apiDocument().paths)
  .flatMap((methods) => Object.values(methods))
  .map((one) => ({ name: one.operationId, verb: one['x-permission'] as Verb }))
const doors: Doors = { routes: routeTable(), operations, tools: TOOLS }

test('pages, REST and MCP cover the same verbs, for every role and flag', () => {
  assert.ok(
    doors.routes.length > 400 && operations.length > 180 && TOOLS.length > 30,
    'the premise',
  )
  assert.deepEqual(differencesOf(doors), [])
})

test('a page without an operation, an operation without a page and a wide tool are told of', () => {
  const page = { method: 'POST', path: '/w/{slug}/rules/{id}/burn', door: 'page' } as const
  const planted = { ...page, permission: 'rule.write' } as const
  const told = (given: Partial<Doors>) => differencesOf({ ...doors, ...given }).join('\n')
  assert.match(told({ routes: [...doors.routes, planted] }), /burn: make an operation/)
  const burn = { name: 'burnRule', verb: 'rule.write' } as const
  assert.match(told({ operations: [...operations, burn] }), /burnRule: name it beside its page/)
  const less = operations.filter(({ name }) => name !== 'saveRule')
  assert.match(told({ operations: less }), /saveRule: .* the document does not/)
  const stricter = operations.map((one) =>
    one.name === 'listRules' ? ({ ...one, verb: 'rule.write' } as const) : one,
  )
  assert.match(told({ operations: stricter }), /viewer does listRules on a page and may not/)
  const wider = operations.map((one) =>
    one.name === 'breakGlass' ? ({ ...one, verb: 'rule.write' } as const) : one,
  )
  assert.match(told({ operations: wider }), /engineer may breakGlass over REST and opens no page/)
  const sign = { name: 'sign_change', verb: 'change.sign' } as const
  assert.match(told({ tools: [...TOOLS, sign] }), /approver: a tool has change\.sign/)
  const blind = TOOLS.filter(({ verb }) => verb !== 'drift.read')
  assert.match(told({ tools: blind }), /viewer: no tool has drift\.read/)
})

/** Reached by `admin` alone, which only admins may give a token: everybody else does it on pages. */
const OF_ADMIN = /^(token|member|provider|budget|workspace|policy)\.|^change\.breakglass$/
/** Reached by no token at all. */
const OF_NOBODY =
  /^(user|instance|backup|secret|attack|database)\.|^(audit\.(verify|retain)|workspace\.(add|suspend|enter|list|reseal)|domain\.confirm|member\.provide|(event|health)\.tend)$/

test('every verb is reached by a scope, or is one of those that none is for', () => {
  for (const [who, role, flags] of PEOPLE) {
    const inside = flags.filter((flag) => flag !== 'owner') // a workspace knows no owner
    const held = verbsOf(role, inside)
    const scopes = scopesOf(role, inside).filter((scope) => scope !== 'admin')
    const reached = narrowVerbs(held, scopes)
    const bare = [...held].filter((verb) => !reached.has(verb))
    assert.deepEqual(
      bare.filter((verb) => !OF_ADMIN.test(verb)),
      [],
      `${who}: give them to a scope`,
    )
  }
  const all = narrowVerbs(verbsOf('admin', ['approver', 'auditor']), ['admin'])
  assert.deepEqual(
    VERBS.filter((verb) => all.has(verb) === OF_NOBODY.test(verb)),
    [],
  )
})

const FILE = path.resolve(import.meta.dirname, '../../docs/api.md')
const MARK = '<!-- made from the tables of the doors -->\n'

test('docs/api.md says what has no operation and no tool, and what a scope holds', () => {
  const [before] = readFileSync(FILE, 'utf8').split(MARK)
  const made = `${before}${MARK}\n${reference()}`
  if (process.env['RECORD'] === '1') writeFileSync(FILE, made)
  const how = 'run RECORD=1 npm test -- test/http/coverage-of-doors.test.ts'
  assert.equal(readFileSync(FILE, 'utf8'), made, how)
})

function reference(): string {
  const verbs = (list: readonly string[]) => list.map((verb) => `\`${verb}\``).join(' ')
  const everything = verbsOf('admin', ['approver', 'auditor'])
  const reached = narrowVerbs(
    everything,
    SCOPES.filter((scope) => scope !== 'admin'),
  )
  const ofAdmin = [...everything].filter((verb) => !reached.has(verb))
  const rows = SCOPES.map((scope) => {
    const named = verbsOfScope(scope)
    return `| \`${scope}\` | ${named === 'all' ? 'all that its maker holds here' : verbs(named)} |\n`
  })
  const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}\n`).join('')
  return [
    'A page and the operation beside it call the same, for the same roles. These pages have none:\n\n',
    bullets(Object.values(WITHOUT_OPERATION)),
    '\nThese operations have no page beside them:\n\n',
    bullets(Object.entries(WITHOUT_PAGE).map(([name, why]) => `\`${name}\` ${why}.`)),
    '\nAn agent reads and proposes. No tool has a verb that\n\n',
    bullets(WITHOUT_TOOL.map(([why, list]) => `${why}: ${verbs(list)}`)),
    '\nWhat the scopes hold, of what the [role](roles.md) of the maker leaves:\n\n| scope | verbs |\n| --- | --- |\n',
    ...rows,
    `\nOnly \`admin\` holds ${verbs(ofAdmin)}.\n`,
  ].join('')
}
