// The fence bites: the lint config is copied into an empty folder with one breach per arrow, and each
// must be reported where it stands. Beside every breach stands its lawful twin, which must not be.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'

const root = path.resolve(import.meta.dirname, '..')

/** Where a line stands, what it imports, and whether the fence lets it through. */
const ARROWS: readonly [file: string, allowed: readonly string[], banned: readonly string[]][] = [
  [
    'src/kernel/a.ts',
    ['./b.ts', '#kernel/b.ts', 'node:crypto'],
    ['zod', 'node:fs', '#languages/regex.ts', '#platform/caller.ts', '#domain/rules/rule.ts'],
  ],
  [
    'src/languages/spl/a.ts',
    ['#kernel/b.ts', '#languages/predicate.ts'],
    ['#platform/log.ts', '#domain/rules/rule.ts', 'node:fs', 'zod', 'yaml', 're2js', 'js-yaml'],
  ],
  ['src/languages/sigma/a.ts', ['yaml'], ['@kusto/language-service-next', 're2js', 'node:path']],
  [
    'src/languages/kusto/a.ts',
    ['@kusto/language-service-next/bridge.min.js'],
    ['yaml', 'node:worker_threads'],
  ],
  ['src/languages/rule-formats/a.ts', ['yaml'], ['re2js', 'node:fs']],
  ['src/languages/regex.ts', ['re2js'], ['yaml']],
  [
    'src/platform/jobs/a.ts',
    ['#kernel/b.ts', 'node:fs', 'kysely', 'zod', 'croner', 'pino'],
    ['#domain/rules/rule.ts', '#languages/regex.ts', '#http/caller.ts', 'hono', 'node:net'],
  ],
  ['src/platform/outbound.ts', ['undici', 'node:net', 'node:tls', 'node:dns'], ['#domain/a/b.ts']],
  ['src/platform/outbound-exchange.ts', ['node:https'], ['#domain/a/b.ts']],
  ['src/platform/db/a.ts', ['better-sqlite3'], ['pg', 'undici', 'node:https']],
  ['src/platform/db/engine/postgres/a.ts', ['pg'], ['undici']],
  [
    'src/domain/rules/actions.ts',
    ['./store.ts', './jobs.ts', '#domain/targets/port.ts', '#platform/house.ts', 'zod'],
    [
      '#domain/targets/store.ts',
      '#domain/targets/jobs.ts',
      '#domain/changes/change.ts',
      '#views/rules/list.tsx',
      '#http/caller.ts',
      '#adapters/siem/splunk/client.ts',
      '#platform/db/engine/sqlite/open.ts',
      'kysely',
      'better-sqlite3',
      'hono',
      'node:fs',
      '@node-rs/argon2',
    ],
  ],
  ['src/http/mcp/a.ts', ['@modelcontextprotocol/server', '#http/api/rules.ts'], ['kysely', 'ajv']],
  ['src/domain/rules/store.ts', ['kysely', './rule.ts'], ['#domain/targets/target.ts', 'hono']],
  [
    'src/domain/placements/actions.ts',
    ['#domain/rules/rule-state.ts', '#domain/targets/port.ts'],
    ['#domain/adoption/pull.ts', '#domain/rules/rule-store.ts'],
  ],
  [
    'src/domain/adoption/actions.ts',
    ['#domain/rules/reading.ts', '#domain/targets/connect.ts'],
    ['#domain/searches/search.ts', '#domain/rules/rule-store.ts'],
  ],
  ['src/domain/workspaces/actions.ts', ['#domain/access/permission.ts'], ['#domain/access/a.ts']],
  [
    'src/domain/audit/actions.ts',
    ['#domain/workspaces/policy-actions.ts'],
    ['#domain/messages/message.ts', '#domain/access/person.ts'],
  ],
  [
    'src/domain/messages/actions.ts',
    ['#domain/workspaces/workspace.ts', '#domain/access/permission.ts'],
    ['#domain/access/person.ts', 'nodemailer'],
  ],
  ['src/adapters/mail/smtp.ts', ['nodemailer', '#platform/outbound.ts'], ['node:net']],
  ['src/adapters/identity/saml-answer.ts', ['@node-saml/node-saml'], ['kysely']],
  ['src/domain/access/password.ts', ['@node-rs/argon2'], ['nodemailer', 'kysely']],
  [
    'src/domain/identity/arriving.ts',
    ['#domain/access/provided.ts', './port.ts', 'zod'],
    ['#domain/access/session-store.ts', '#domain/targets/target.ts', 'openid-client', 'kysely'],
  ],
  ['src/domain/access/permission.ts', ['#platform/caller.ts'], ['#platform/db/database.ts']],
  [
    'src/domain/events/actions.ts',
    ['#domain/targets/port.ts'],
    ['#domain/rules/rule.ts', 'kysely'],
  ],
  [
    'src/domain/mappings/mapping.ts',
    ['#domain/targets/places.ts', '#languages/sigma/names.ts'],
    ['#domain/rules/rule.ts', '#domain/targets/store.ts'],
  ],
  ['src/domain/targets/port.ts', ['#kernel/id.ts'], ['#domain/workspaces/workspace.ts']],
  [
    'src/adapters/siem/splunk/client.ts',
    ['#domain/targets/port.ts', '#platform/outbound.ts', '#adapters/siem/row.ts', 'zod'],
    [
      '#domain/targets/actions.ts',
      '#domain/targets/pause.ts',
      '#http/caller.ts',
      '#views/shell/page.tsx',
      'undici',
      'node:https',
      'kysely',
    ],
  ],
  ['src/adapters/siem/local/store.ts', ['kysely'], ['hono']],
  [
    'views/rules/list.tsx',
    ['#kernel/time.ts', '#views/parts/table.tsx', './row.tsx', 'hono/jsx'],
    ['#domain/rules/rule.ts', '#http/respond.tsx', '#platform/log.ts', 'zod', 'node:fs'],
  ],
  [
    'src/http/pages/rules.tsx',
    ['#domain/rules/actions.ts', '#views/rules/list.tsx', '#http/respond.tsx', 'hono', 'zod'],
    [
      '#domain/rules/store.ts',
      '#domain/rules/bulk/jobs.ts',
      '#adapters/siem/splunk/client.ts',
      '#platform/db/engine/sqlite/open.ts',
      '#src/app.ts',
      '#cli/serve.ts',
      '#standins/splunk.ts',
      'kysely',
      'node:http',
      'undici',
    ],
  ],
  ['src/http/server.ts', ['node:http', '@hono/node-server'], ['undici', 'kysely']],
  [
    'src/cli/rule.ts',
    ['#domain/rules/actions.ts', '#languages/sigma/rule.ts', 'node:fs'],
    ['#domain/rules/store.ts', '#adapters/mail/smtp.ts', 'kysely', 'better-sqlite3', 'node:net'],
  ],
  ['src/adapters/siem/local/import.ts', ['node:fs', 'node:zlib'], ['kysely', 'node:net']],
  [
    'src/workers/match.ts',
    ['#languages/sigma/match.ts', '#adapters/siem/local/answer.ts'],
    ['#http/server.ts', '#adapters/mail/smtp.ts', 'hono', 'node:net'],
  ],
  [
    'src/standins/splunk.ts',
    ['#kernel/id.ts', 'node:http', 'jose'],
    ['#domain/rules/rule.ts', 'kysely'],
  ],
  ['src/packaging/pack.ts', ['node:fs', '#kernel/hash.ts'], ['#platform/log.ts', '#src/app.ts']],
  ['src/app.ts', ['#adapters/siem/splunk/client.ts', '#domain/rules/bulk/jobs.ts'], ['node:net']],
]

/** A file with one breach of a rule that is no import. */
const BREACHES: readonly [rule: string, file: string, text: string][] = [
  ['no-default-export', 'src/domain/rules/default.ts', 'export default 1'],
  ['no-relative-parent-imports', 'src/domain/rules/up.ts', "export { a } from '../access/a.ts'"],
  ['no-restricted-imports', 'src/http/lazy.ts', "export const a = import('#adapters/a.ts')"],
  ['no-restricted-imports', 'views/raw.tsx', "import { raw } from 'hono/html'\nraw('')"],
  [
    'no-danger',
    'views/inner.tsx',
    'export const a = <b dangerouslySetInnerHTML={{ __html: "" }} />',
  ],
  ['no-restricted-globals', 'src/domain/rules/fetch.ts', "void fetch('http://a.example')"],
  ['no-restricted-properties', 'src/kernel/clock.ts', 'export const a = Date.now()'],
  ['no-restricted-properties', 'src/languages/dice.ts', 'export const a = Math.random()'],
  ['no-explicit-any', 'src/domain/rules/any.ts', 'export const a: any = 1'],
  ['no-empty', 'src/domain/rules/catch.ts', 'try {\n  void 1\n} catch {}'],
  ['no-console', 'src/platform/print.ts', "console.log('a')"],
  ['no-warning-comments', 'src/platform/later.ts', ['// TO', 'DO: later'].join('')],
  ['filename-case', 'src/platform/CamelCase.ts', 'export const a = 1'],
  ['max-lines', 'src/platform/long.ts', `${'// a line\n'.repeat(500)}export const a = 1\n`],
  [
    'max-lines-per-function',
    'src/platform/tall.ts',
    `export function a(): void {\n${'  void 1\n'.repeat(70)}}\n`,
  ],
  [
    'no-floating-promises',
    'src/platform/lost.ts',
    'export const a = () => {\n  work()\n}\nasync function work(): Promise<void> {}\n',
  ],
]

let field: string
let reported: ReadonlyMap<string, readonly string[]>

before(() => {
  field = mkdtempSync(path.join(tmpdir(), 'rulewright-fence-'))
  for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
    cpSync(path.join(root, file), path.join(field, file))
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(field, 'node_modules'))
  for (const [file, allowed, banned] of ARROWS) put(file, [...allowed, ...banned].map(importLine))
  for (const [, file, text] of BREACHES) put(file, [text])
  reported = lint()
})

after(() => rmSync(field, { recursive: true, force: true }))

for (const [file, allowed, banned] of ARROWS) {
  test(`${file} may import what its floor may, and nothing else`, () => {
    const caught = (reported.get(file) ?? []).filter((line) =>
      line.includes('no-restricted-imports'),
    )
    // One line may offend two bans of its floor.
    const lines = new Set(caught.map((line) => Number(line.split(' ')[0])))
    const expected = banned.map((_, index) => allowed.length + index + 1)
    assert.deepEqual(
      [...lines].toSorted((a, b) => a - b),
      expected,
      `of ${[...allowed, ...banned].join(', ')}`,
    )
  })
}

test('a view may import the types of a domain', () => {
  put('views/rules/types.tsx', [
    "import type { Rule } from '#domain/rules/rule.ts'",
    'export const a = (_: Rule) => 1',
  ])
  assert.equal(lint().get('views/rules/types.tsx'), undefined)
})

for (const [rule, file] of BREACHES) {
  test(`${rule} reports ${file}`, () => {
    const caught = reported.get(file) ?? []
    assert.ok(
      caught.some((line) => line.includes(`(${rule})`)),
      `reported instead: ${caught.join('; ') || 'nothing'}`,
    )
  })
}

function importLine(specifier: string, index: number): string {
  return `export { a as a${index} } from '${specifier}'`
}

function put(file: string, lines: readonly string[]): void {
  mkdirSync(path.dirname(path.join(field, file)), { recursive: true })
  writeFileSync(path.join(field, file), `${lines.join('\n')}\n`)
}

/** File → findings as `line (rule)`. */
function lint(): ReadonlyMap<string, readonly string[]> {
  const oxlint = path.join(root, 'node_modules/oxlint/bin/oxlint')
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--type-aware', '-f', 'unix'], {
    cwd: field,
    encoding: 'utf8',
  })
  const findings = new Map<string, string[]>()
  for (const line of stdout.split('\n')) {
    const found = /^(\S+?):(\d+):\d+: .*(\([a-z-]+\))\]$/.exec(line)
    if (found === null) continue
    const [, file = '', row = '', rule = ''] = found
    findings.set(file, [...(findings.get(file) ?? []), `${row} ${rule}`])
  }
  assert.ok(findings.size > 0, `the linter found nothing at all: ${stdout}${stderr}`)
  return findings
}
