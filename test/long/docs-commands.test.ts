// Every command that the documentation shows is run, as it stands there: in one folder with the files
// it names, against a server where it names one. Other addresses and folders than ours are put in the
// place of the example's, nothing else is changed.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { before, after, test } from 'node:test'
import { addEstate } from '#test/support/estate.ts'
import { startProgram } from '#test/support/api.ts'
import { newFolder } from '#test/support/folder.ts'
import { runHere, type Ran } from '#test/support/shell.ts'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** Whole stories have tests of their own: `test/cli/demo.test.ts`, `test/long/estate.test.ts`. */
const STORIES = /^demo\b/
/** Beside the documents whose commands need a directory that no server holds. */
const APART = new Set(['README.md', 'docs/operating.md', 'docs/start.md'])

interface Shown {
  readonly file: string
  readonly line: string
}

const DOCUMENTS = ['README.md', ...globSync('docs/*.md', { cwd: root }).toSorted()]
const COMMANDS: readonly Shown[] = DOCUMENTS.flatMap((file) =>
  [...readFileSync(path.join(root, file), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(
    ([, block]) =>
      block!
        .replaceAll('\\\n', ' ')
        .split('\n')
        .filter((line) => /^(?:rulewright|curl) /.test(line))
        .map((line) => ({ file, line })),
  ),
)

/** The first rule of somebody new, as it stands there. */
const RULE = /^```yaml\n(title:[\s\S]*?)^```$/m.exec(
  readFileSync(path.join(root, 'docs/start.md'), 'utf8'),
)![1]!
const EVENT = '{"EventID":1,"host":"a","@timestamp":"2026-11-22T09:00:00Z"}\n'
const KUSTO = 'SecurityEvent | where EventID == 4688'
const EVTX_XML =
  '<Events><Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>' +
  '<Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4688</EventID>' +
  '<TimeCreated SystemTime="2026-11-22T09:00:00.000Z"/><Computer>a</Computer></System>' +
  '<EventData><Data Name="NewProcessName">C:\\whoami.exe</Data></EventData></Event></Events>'
const SCHEMA = { tables: { SecurityEvent: { EventID: 'long' } } }

const reference = (id: string) => [{ source_name: 'mitre-attack', external_id: id }]
/** The smallest matrix: one tactic with one technique. */
const MATRIX = [
  { type: 'x-mitre-collection', x_mitre_version: '99.1' },
  {
    type: 'x-mitre-tactic',
    name: 'Execution',
    x_mitre_shortname: 'execution',
    external_references: reference('TA0002'),
  },
  {
    type: 'attack-pattern',
    id: 'attack-pattern--one',
    name: 'Shells',
    kill_chain_phases: [{ kill_chain_name: 'mitre-attack', phase_name: 'execution' }],
    external_references: reference('T1059'),
  },
]

/** What the commands name, each made as a person would have it. */
function furnish(cwd: string): void {
  const files: Record<string, string | Buffer> = {
    'rules/whoami.yml': RULE,
    'detection.spl': 'index=windows EventCode=4688',
    'detection.kql': KUSTO,
    'acme.json': JSON.stringify(SCHEMA),
    'queries.ndjson': `${JSON.stringify({ id: 1, query: KUSTO, language: 'kusto' })}\n`,
    'events.ndjson': EVENT,
    'day.ndjson.gz': gzipSync(EVENT),
    'security.xml': EVTX_XML,
    'proxy.csv': 'timestamp,url\n2026-11-22T09:00:00Z,http://a.example/\n',
    'password-file': 'seven hard walnuts under the blue bridge\n',
    'enterprise-attack.json': JSON.stringify({ type: 'bundle', objects: MATRIX }),
    'new.secret': `${randomBytes(48).toString('base64')}\n`,
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true })
    writeFileSync(path.join(cwd, name), content, { mode: 0o600 })
  }
  for (const folder of ['backups', 'kept-anchors']) mkdirSync(path.join(cwd, folder))
}

let app: TestApp
const ends: (() => unknown)[] = []

before(async () => {
  const lifetime = { after: (end: () => unknown) => void ends.push(end) }
  app = await startApp(lifetime, { env: { RULEWRIGHT_OUTBOUND_ALLOW: '127.0.0.1' } })
  await addEstate({ after: (end) => void ends.push(end) }, app.house, app.acme.id)
})
after(async () => {
  for (const end of ends.toReversed()) await end()
})

test('the documentation shows commands', () => {
  assert.ok(COMMANDS.length >= 30, `${COMMANDS.length} commands`)
  const apart = COMMANDS.filter(({ line }) => STORIES.test(line.slice('rulewright '.length)))
  assert.ok(apart.length <= 4)
})

for (const [file, shown] of Map.groupBy(COMMANDS, (one) => one.file)) {
  test(`the commands of ${file} do what it says`, async () => {
    const cwd = newFolder('docs')
    furnish(cwd)
    const data = APART.has(file) ? path.join(cwd, 'data') : app.data
    if (APART.has(file)) await settle(cwd, data)
    const { text: token } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
    for (const { line } of shown) {
      if (line.startsWith('curl ')) {
        assert.equal(await runCurl(line, token), 200, `${file}: ${line}`)
        continue
      }
      const words = line.slice('rulewright '.length)
      if (STORIES.test(words)) continue
      if (/--public-key|--checkpoints|--bundle/.test(line)) await hand(cwd, data, line)
      const ran = await runLine(words, { cwd, data, token })
      assert.equal(ran.code, 0, `${file}: ${line}\n${ran.err}\n${ran.out.slice(0, 400)}`)
    }
  })
}

test('each line of curl in the reference that needs nothing else is answered', async () => {
  const { text: token } = await startProgram(app, app.cast.ada, { scopes: ['admin'] })
  const index = await (await app.fetch('/api')).text()
  const nouns = new Set([...index.matchAll(/href="(\/api\/[a-z-]+)"/g)].map((match) => match[1]!))
  const lines: string[] = []
  for (const noun of nouns) {
    const html = await (await app.fetch(noun)).text()
    for (const [, line] of html.matchAll(/<pre class="curl"[^>]*><code>([^<]+)<\/code>/g)) {
      lines.push(line!.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&'))
    }
  }
  assert.ok(lines.length > 150, `${lines.length} lines`)
  const plain = lines.filter((line) => /^curl -H "[^"]+" "[^"$]+"$/.test(line))
  assert.ok(plain.length > 30, `${plain.length} lines without a variable`)
  for (const line of plain) assert.equal(await runCurl(line, token), 200, line)
})

/** The status that a line of curl is answered with. */
async function runCurl(line: string, token: string): Promise<number> {
  const put = line.replaceAll('https://rules.example.com', app.url).replaceAll('$TOKEN', token)
  const [header, url] = wordsOf(put).filter((word) => !/^(?:curl|-H)$/.test(word))
  const [name, value] = header!.split(': ')
  const answer = await fetch(url!, {
    headers: { [name!]: value! },
    signal: AbortSignal.timeout(60_000),
  })
  await answer.body?.cancel()
  return answer.status
}

async function settle(cwd: string, data: string): Promise<void> {
  const at = ['--data', data]
  for (const argv of [
    ['init', ...at],
    ['workspace', 'add', 'acme', '--name', 'Acme', ...at],
  ]) {
    const { code, err } = await runHere(argv, { cwd })
    assert.equal(code, 0, err)
  }
}

/** The files that somebody outside was given: keys, kept checkpoints, an export, a bundle. */
async function hand(cwd: string, data: string, line: string): Promise<void> {
  const env = { RULEWRIGHT_DATA: data }
  const { code, out, err } = await runHere(['audit', 'export', '--workspace', 'acme'], { cwd, env })
  assert.equal(code, 0, err)
  writeFileSync(path.join(cwd, 'log.ndjson'), `${out}\n`)
  const anchors = path.join(data, 'anchors')
  cpSync(anchors, path.join(cwd, 'kept-anchors'), { recursive: true })
  copyFileSync(path.join(anchors, 'audit.pub'), path.join(cwd, 'audit.pub'))
  if (!line.includes('--bundle')) return
  const answer = await app.fetchAs(app.cast.ada, '/w/acme/as-of/bundle')
  assert.equal(answer.status, 200)
  writeFileSync(path.join(cwd, 'as-of.ndjson'), await answer.text())
}

interface Place {
  readonly cwd: string
  readonly data: string
  readonly token: string
}

/** A line as a shell would read it: words, quotes, `< FILE` and `> FILE`. */
async function runLine(line: string, { cwd, data, token }: Place): Promise<Ran> {
  const put = line
    .replaceAll('https://rules.example.com', app.url)
    .replaceAll('/var/lib/rulewright', data)
    .replaceAll('/backups/', `${cwd}/backups/`)
  const [asked, ...into] = put.split(/ > /)
  const [call, from] = asked!.split(/ < /)
  const argv = wordsOf(call!)
  const ending = new AbortController()
  const lines: string[] = []
  const ran = await runHere(argv, {
    cwd,
    env: {
      RULEWRIGHT_DATA: data,
      RULEWRIGHT_TOKEN: token,
      RULEWRIGHT_SERVER_LISTEN: '127.0.0.1:0',
    },
    stdin: async () => (from ? readFileSync(path.join(cwd, from.trim()), 'utf8') : ''),
    signal: ending.signal,
    out(said) {
      lines.push(said)
      if (said.startsWith('listening on ')) ending.abort()
    },
  })
  if (into[0]) writeFileSync(path.join(cwd, into[0].trim()), `${lines.join('\n')}\n`)
  return { ...ran, out: lines.join('\n') }
}

const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare!,
  )
