// What lies beside the executable: the bill of materials, the licences, the signature, and the check
// of both lock file and bill against a copy of advisories.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { before, test, type TestContext } from 'node:test'

const root = path.resolve(import.meta.dirname, '../..')

interface Bom {
  readonly serialNumber: string
  readonly metadata: {
    readonly component: { readonly hashes: readonly { readonly content: string }[] }
  }
  readonly components: readonly {
    readonly name: string
    readonly version: string
    readonly purl: string
    readonly 'bom-ref': string
    readonly licenses: readonly { readonly expression: string }[]
  }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

let bom: Bom

before(() => {
  bom = JSON.parse(read('dist/rulewright.cdx.json')) as Bom
})

test('every package in the bundle, SQLite, OpenSSL and Node are in the bill of materials', () => {
  const { outputs } = JSON.parse(read('build/bundle.json')) as {
    readonly outputs: Readonly<
      Record<string, { readonly inputs: Readonly<Record<string, object>> }>
    >
  }
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs))
  const inBundle = new Set(
    inputs.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
  )
  assert.ok(
    inBundle.has('hono') && inBundle.has('kysely'),
    'the premise: the bundle names its packages',
  )
  const named = new Set(bom.components.map(({ name }) => name))
  for (const name of inBundle) assert.ok(named.has(name), name)
  for (const name of ['node', 'openssl', 'v8', 'sqlite', 'better-sqlite3', 'htmx.org']) {
    assert.ok(named.has(name), name)
  }
  const sqlites = bom.components.filter(({ name }) => name === 'sqlite')
  assert.equal(sqlites.length, 2, 'Node has one, the addon another')
})

test('the bill names each part once, with version, licence and package URL, and hangs together', () => {
  const refs = bom.components.map((component) => component['bom-ref'])
  assert.equal(new Set(refs).size, refs.length)
  for (const { name, version, purl, licenses } of bom.components) {
    assert.match(version, /\d/, name)
    assert.match(purl, /^pkg:(npm|generic)\/[^@]+@/, name)
    assert.ok(licenses[0]?.expression, name)
  }
  const needed = new Set(bom.dependencies.flatMap(({ dependsOn }) => dependsOn))
  for (const ref of refs) assert.ok(needed.has(ref), `nothing brings ${ref}`)
  assert.match(
    bom.serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
  )
  const sha256 = read('dist/rulewright.sha256').split(' ')[0]
  assert.equal(bom.metadata.component.hashes[0]?.content, sha256)
})

test('the licences file carries a text for every part', () => {
  const licences = read('dist/licences.txt')
  for (const { name, version } of bom.components)
    assert.ok(licences.includes(`\n${name} ${version} (`), name)
  assert.match(licences, /Apache License\s+Version 2\.0/)
  assert.match(licences, /The MITRE Corporation \(MITRE\) hereby grants/)
})

test('the executable prints the licences that lie beside it', () => {
  const { stdout } = spawnSync(path.join(root, 'dist/rulewright'), ['licences'], {
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  })
  assert.equal(stdout, read('dist/licences.txt').trimEnd() + '\n')
})

test('a signature made with a key holds, and not for a changed file', (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'release')
  writeFileSync(file, 'one')
  assert.equal(npmScript('sign', 'keygen', folder).status, 0)
  assert.equal(npmScript('sign', 'sign', path.join(folder, 'release.key'), file).status, 0)
  const publicKey = path.join(folder, 'release.pub')
  assert.equal(npmScript('sign', 'verify', publicKey, file).status, 0)
  writeFileSync(file, 'two')
  assert.equal(npmScript('sign', 'verify', publicKey, file).status, 1)
  assert.notEqual(npmScript('sign', 'keygen', folder).status, 0, 'a key is never overwritten')
  assert.equal(npmScript('sign').status, 2)
})

test('an advisory for a version we hold is a finding, one for others is none', (t) => {
  const hono = versionOf('hono')
  const openssl = versionOf('openssl')
  const affecting = [
    osv('A-1', 'npm', 'hono', [{ introduced: '0' }, { fixed: '999.0.0' }]),
    osv('A-2', 'OSS-Fuzz', 'openssl', [{ introduced: '3.0.0' }, { last_affected: openssl }]),
    { id: 'A-3', affected: [{ package: { ecosystem: 'npm', name: 'hono' }, versions: [hono] }] },
  ]
  const harmless = [
    osv('B-1', 'npm', 'hono', [{ introduced: '0' }, { fixed: hono }]),
    osv('B-2', 'npm', 'hono', [{ introduced: '999.0.0' }]),
    osv('B-3', 'PyPI', 'hono', [{ introduced: '0' }]),
    osv('B-4', 'npm', 'hono', [{ introduced: '0' }, { last_affected: `${hono}-rc.1` }]),
    { ...osv('B-5', 'npm', 'hono', [{ introduced: '0' }]), withdrawn: '2026-01-01T00:00:00Z' },
    osv('B-6', 'npm', 'no-such-package', [{ introduced: '0' }]),
  ]
  const found = checkAgainst(t, affecting)
  assert.equal(found.status, 1)
  for (const { id } of affecting) assert.match(found.stdout, new RegExp(`^${id} `, 'm'))
  const nothing = checkAgainst(t, harmless)
  assert.equal(nothing.status, 0, nothing.stdout)
  assert.match(nothing.stdout, / 5 advisories, 0 findings/)
})

function versionOf(name: string): string {
  return bom.components.find((component) => component.name === name)!.version
}

function osv(id: string, ecosystem: string, name: string, events: readonly object[]) {
  return { id, affected: [{ package: { ecosystem, name }, ranges: [{ type: 'SEMVER', events }] }] }
}

/** Once as one array and once as lines: both must give the same answer. */
function checkAgainst(t: TestContext, advisories: readonly object[]) {
  const folder = temporaryFolder(t)
  const [list, lines] = [path.join(folder, 'list.json'), path.join(folder, 'lines.ndjson')]
  writeFileSync(list, JSON.stringify(advisories))
  writeFileSync(lines, advisories.map((advisory) => JSON.stringify(advisory)).join('\n'))
  const [first, second] = [npmScript('advisories', list), npmScript('advisories', lines)]
  assert.equal(first.stdout, second.stdout)
  return first
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

function npmScript(name: string, ...args: readonly string[]) {
  const run = path.join(root, 'src/packaging/run.mjs')
  return spawnSync(process.execPath, [run, `src/packaging/${name}.ts`, ...args], {
    cwd: root,
    encoding: 'utf8',
  })
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-papers-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
