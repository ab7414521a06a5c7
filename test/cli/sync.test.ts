// Detection as code over real HTTP: a folder, a workspace, and people who edit on both sides.

import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { systemCaller } from '#domain/access/system.ts'
import { getRule, listRules } from '#domain/rules/reading.ts'
import { createRule, saveRule } from '#domain/rules/actions.ts'
import { pushFiles } from '#domain/rules/files/actions.ts'
import type { RuleId } from '#kernel/id.ts'
import { startProgram } from '#test/support/api.ts'
import { makeFolder } from '#test/support/database.ts'
import { runHere } from '#test/support/shell.ts'
import { startApp } from '#test/support/start-app.ts'

const UNHURRIED = { RULEWRIGHT_SERVER_TOKEN_REQUESTS_PER_SECOND_MAX: '100000' }

const sigma = (title: string, id: string | null, level = 'high') =>
  `title: ${title} # as the analysts call it
${id === null ? '' : `id: ${id}\n`}level: ${level}
logsource: {category: process_creation, product: windows}
custom: {kept: [as, it, 'is']}
detection:
    selection:
        Image|endswith: '\\${title}.exe'
    condition: selection
`

const ID = '80167ada-7a12-41ed-b8e9-aa47195c66a1'
const OTHER_ID = '80167ada-7a12-41ed-b8e9-aa47195c66a2'

async function startTeam(t: TestContext) {
  const app = await startApp(t, { env: UNHURRIED })
  const scopes = ['rules:read', 'rules:write'] as const
  const { text: token } = await startProgram(app, app.cast.ravi, { scopes })
  const caller = systemCaller(app.house, 'test', undefined, app.acme.id)
  const list = async () => {
    const sort = 'title' as const
    return (await listRules(app.house, caller, { filter: {}, sort, limit: 100 })).items
  }
  return {
    list,
    async pending() {
      const wanted = { filter: { renders: 'pending' }, sort: 'title', limit: 100 } as const
      return (await listRules(app.house, caller, wanted)).items.map(({ title }) => title)
    },
    /** An edit in the product. */
    async edit(id: RuleId, change: (text: string) => string) {
      const { text } = await getRule(app.house, caller, id)
      const edit = { text: change(text), reason: 'in the product', expected: 'any' as const }
      await saveRule(app.house, caller, id, edit)
    },
    /** A new rule, in the product. */
    async write(text: string) {
      await createRule(app.house, caller, { text, reason: '', origin: 'written' })
    },
    /** As a program that knows the API, from a folder with names of its own. */
    async push(path: string, text: string) {
      const files = [{ path, document: 0, text }]
      const [result] = await pushFiles(app.house, caller, { files, same: [] })
      assert.equal(result?.outcome, 'created')
    },
    textOf: async (id: RuleId) => (await getRule(app.house, caller, id)).text,
    clone: (from?: string) => new Clone(t, app.url, token, from),
  }
}

/** A folder on somebody's machine. */
class Clone {
  readonly root: string
  readonly #url: string
  readonly #token: string

  constructor(t: TestContext, url: string, token: string, from?: string) {
    this.root = makeFolder(t)
    this.#url = url
    this.#token = token
    if (from !== undefined) cpSync(from, this.root, { recursive: true })
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.root, name)), { recursive: true })
    writeFileSync(join(this.root, name), text)
  }

  read(name: string): string {
    return readFileSync(join(this.root, name), 'utf8')
  }

  remove(name: string): void {
    rmSync(join(this.root, name))
  }

  has(name: string): boolean {
    return existsSync(join(this.root, name))
  }

  async run(...argv: string[]): Promise<{ code: number; lines: string[]; err: string }> {
    const env = { RULEWRIGHT_TOKEN: this.#token }
    const { code, out, err } = await runHere([...argv, '--server', this.#url], {
      cwd: this.root,
      env,
    })
    return {
      code,
      err,
      lines: out === '' ? [] : out.split('\n').map((line) => line.replace(/ +/, ' ')),
    }
  }

  async says(command: string, lines: readonly string[], code = 0): Promise<void> {
    const ran = await this.run(...command.split(' '))
    assert.deepEqual({ code: ran.code, lines: ran.lines }, { code, lines }, ran.err)
  }
}

test('a folder is pushed as it is, and then both sides are the same', async (t) => {
  const team = await startTeam(t)
  const laptop = team.clone()
  const [whoami, two] = [sigma('whoami', ID), sigma('one', OTHER_ID)]
  const crlf = sigma('crlf', null).replaceAll('\n', '\r\n')
  laptop.write('windows/endpoint/whoami.yml', whoami)
  laptop.write('pair.yaml', `${two}---\n${sigma('two', null)}`)
  laptop.write('crlf.yml', crlf)
  laptop.write('.github/workflows/rules.yml', 'on: push\n')
  await laptop.says('status', [
    'new crlf.yml',
    'new pair.yaml',
    'new pair.yaml#1',
    'new windows/endpoint/whoami.yml',
  ])
  await laptop.says('push', [
    'created crlf.yml',
    'created pair.yaml',
    'created pair.yaml#1',
    'created windows/endpoint/whoami.yml',
  ])
  assert.equal(laptop.read('windows/endpoint/whoami.yml'), whoami)
  const rules = await team.list()
  assert.deepEqual(
    rules.map(({ title, group }) => [title, group]),
    [
      ['crlf', null],
      ['one', null],
      ['two', null],
      ['whoami', 'windows-endpoint'],
    ],
  )
  assert.equal(await team.textOf(rules[0]!.id), crlf)
  for (const command of ['status', 'diff', 'push', 'pull', 'sync']) await laptop.says(command, [])
  // The same answer without the lock file, and in another folder of the same files.
  const ci = team.clone(laptop.root)
  ci.remove('rulewright.lock.json')
  await ci.says('status', [])
  await ci.says('push', [])
  assert.equal(ci.read('rulewright.lock.json'), laptop.read('rulewright.lock.json'))
  // A folder that has nothing yet gets the same files.
  const fresh = team.clone()
  const pulled = await fresh.run('pull')
  assert.equal(pulled.code, 0)
  assert.equal(fresh.read('windows/endpoint/whoami.yml'), whoami)
  assert.equal(fresh.read('crlf.yml'), crlf)
  await fresh.says('status', [])
})

test('a correlation of a correlation is sent after what it builds on', async (t) => {
  const team = await startTeam(t)
  const laptop = team.clone()
  const above = (name: string, below: string) =>
    `title: ${name}\nname: ${name}\ncorrelation: {type: event_count, rules: [${below}], group-by: [User], timespan: 5m, condition: {gte: 2}}\n`
  laptop.write('a.yml', above('a', 'b'))
  laptop.write('b.yml', above('b', 'c'))
  laptop.write('c.yml', `name: c\n${sigma('c', null)}`)
  await laptop.says('push', ['created c.yml', 'created b.yml', 'created a.yml'])
  assert.deepEqual(await team.pending(), [])
})

test('edits of both sides meet in one text, and what both changed waits for a person', async (t) => {
  const team = await startTeam(t)
  const laptop = team.clone()
  const text = sigma('whoami', ID)
  laptop.write('a.yml', text)
  await laptop.says('push', ['created a.yml'])
  const [rule] = await team.list()
  const { id } = rule!
  const ci = team.clone(laptop.root)

  await t.test('an edit in the product comes in', async () => {
    await team.edit(id, (old) => old.replace('level: high', 'level: low # noisy'))
    await laptop.says('status', ['behind a.yml'])
    await laptop.says('diff', ['behind a.yml', ' there: level high → low'])
    await laptop.says('push', ['behind a.yml'])
    await laptop.says('pull', ['pulled a.yml'])
    assert.equal(laptop.read('a.yml'), text.replace('level: high', 'level: low # noisy'))
    await laptop.says('status', [])
  })

  await t.test(
    'edits of different fields are merged, here and in a clone without a lock file',
    async () => {
      await team.edit(id, (old) => old.replace('level: low', 'level: medium'))
      laptop.write(
        'a.yml',
        laptop.read('a.yml').replace("'\\whoami.exe'", "['\\whoami.exe', '\\w.exe']"),
      )
      await laptop.says('push', ['pushed a.yml'])
      assert.match(laptop.read('a.yml'), /level: medium # noisy[^]*'\\w.exe'/)
      assert.equal(await team.textOf(id), laptop.read('a.yml'))
      await laptop.says('status', [])
      ci.write('a.yml', laptop.read('a.yml').replace('custom:', '# From CI.\ncustom:'))
      ci.remove('rulewright.lock.json')
      await ci.says('push', ['pushed a.yml'])
      await laptop.says('sync', ['pulled a.yml'])
      assert.equal(laptop.read('a.yml'), ci.read('a.yml'))
    },
  )

  await t.test('a conflict is on disk, and nothing is sent before it is settled', async () => {
    await team.edit(id, (old) =>
      old.replace('level: medium', 'level: critical').replace('custom: {', 'custom: {more: 1, '),
    )
    const mine = laptop.read('a.yml').replace('level: medium', 'level: informational')
    laptop.write('a.yml', mine)
    await laptop.says('status', ['conflict a.yml: both sides changed level'], 1)
    assert.ok(!laptop.has('a.yml.theirs'))
    const there = await team.textOf(id)
    await laptop.says(
      'push',
      ['conflict a.yml: both sides changed level; the other side is in a.yml.theirs'],
      1,
    )
    assert.equal(laptop.read('a.yml'), mine.replace('custom: {', 'custom: {more: 1, '))
    assert.equal(laptop.read('a.yml.theirs'), there)
    const { code, lines } = await laptop.run('push')
    assert.equal(code, 1)
    assert.match(lines.join('\n'), /^undecided a\.yml: the other side still lies beside it/)
    assert.equal(await team.textOf(id), there)
    laptop.remove('a.yml.theirs')
    await laptop.says('sync', ['pushed a.yml'])
    assert.equal(await team.textOf(id), laptop.read('a.yml'))
  })

  await t.test(
    'a file that was deleted does not come back, and a renamed one is the same rule',
    async () => {
      const kept = laptop.read('a.yml')
      laptop.remove('a.yml')
      await laptop.says('pull', [])
      laptop.write('windows/b.yml', kept)
      await laptop.says('push', [])
      const [now] = await team.list()
      assert.equal(now?.id, id)
      assert.equal(now.group, 'windows')
    },
  )
})

test('an id used twice stops both files, a text that is no rule is refused, the rest goes', async (t) => {
  const team = await startTeam(t)
  const laptop = team.clone()
  laptop.write('a.yml', sigma('a', ID))
  laptop.write('b.yml', sigma('b', ID))
  laptop.write('c.yml', sigma('c', null))
  laptop.write('d.yml', 'broken: [\n')
  const { code, lines } = await laptop.run('push')
  assert.equal(code, 1)
  assert.deepEqual(lines.slice(0, 1), ['created c.yml'])
  assert.match(lines[1]!, /^refused d\.yml: line 2: /)
  assert.deepEqual(lines.slice(2), [
    'repeated a.yml: is the same rule as b.yml#0',
    'repeated b.yml: is the same rule as a.yml#0',
  ])
  assert.deepEqual(
    (await team.list()).map(({ title }) => title),
    ['c'],
  )
  // Put together here, so that no file of this repository looks as if it held one.
  const secret = ['hR7kQ2vX', '9pLm4TzB'].join('')
  laptop.write('d.yml', sigma('d', null) + `# password=${secret}\n`)
  const again = await laptop.run('push')
  assert.equal(again.code, 1)
  assert.match(again.lines[0]!, /^refused d\.yml: line \d+: /)
  assert.ok(!again.lines.join().includes(secret), 'the answer is masked')
  laptop.remove('b.yml')
  laptop.remove('d.yml')
  await laptop.says('push --write-ids', ['created a.yml'])
  assert.equal(laptop.read('c.yml'), sigma('c', null), 'what is the same already is left alone')
  laptop.write('e.yml', sigma('e', null))
  await laptop.says('push --write-ids', ['created e.yml'])
  assert.match(
    laptop.read('e.yml'),
    /^title: e # as the analysts call it\nid: [0-9a-f-]{36}\nlevel: high\n/,
  )
  assert.deepEqual(readdirSync(laptop.root).toSorted(), [
    'a.yml',
    'c.yml',
    'e.yml',
    'rulewright.lock.json',
  ])
})

test('what a server says of places stays inside the folder, and without a past a person decides', async (t) => {
  const team = await startTeam(t)
  const laptop = team.clone()
  for (const [at, place] of [
    '../../evil.yml',
    '/tmp/evil.yml',
    '.git/hooks/x.yml',
    'a\\b.yml',
  ].entries()) {
    await team.push(place, sigma(`evil ${at}`, null))
  }
  const { lines } = await laptop.run('pull')
  assert.deepEqual(lines.toSorted(), [
    'pulled evil-0.yml',
    'pulled evil-3.yml',
    'pulled git-hooks/evil-2.yml',
    'pulled tmp/evil-1.yml',
  ])
  await laptop.says('status', [])

  // The same id on both sides, and nobody knows which text came first.
  await team.write(sigma('whoami', ID))
  laptop.write('pair.yml', `${sigma('first', null)}---\n${sigma('whoami', ID, 'low')}`)
  const what = 'both sides changed level; the other side is in pair.yml.1.theirs'
  await laptop.says('sync', [`conflict pair.yml#1: ${what}`, 'created pair.yml'], 1)
  assert.equal(laptop.read('pair.yml.1.theirs'), sigma('whoami', ID))
  assert.equal(laptop.read('pair.yml'), `${sigma('first', null)}---\n${sigma('whoami', ID, 'low')}`)

  const lock = laptop.read('rulewright.lock.json')
  laptop.write('rulewright.lock.json', lock.replace(/"workspace": "\w+/, '"workspace": "wsp_other'))
  const elsewhere = await laptop.run('status')
  assert.equal(elsewhere.code, 2)
  assert.match(elsewhere.err, /belongs to another workspace/)
  laptop.write('rulewright.lock.json', lock.slice(5))
  assert.match((await laptop.run('status')).err, /is damaged/)
})

test('without a token, a server or a right the exit code says which', async (t) => {
  const app = await startApp(t)
  const cwd = makeFolder(t)
  const run = (env: Record<string, string>, url = app.url) =>
    runHere(['push', '--server', url], { cwd, env })
  assert.equal((await run({})).code, 2)
  assert.equal((await runHere(['push'], { cwd })).code, 2)
  assert.equal((await run({ RULEWRIGHT_TOKEN: `rw_pat_${'x'.repeat(60)}` })).code, 3)
  const reader = await startProgram(app, app.cast.vera, { scopes: ['rules:read'] })
  writeFileSync(join(cwd, 'token'), `${reader.text}\n`)
  writeFileSync(join(cwd, 'a.yml'), sigma('a', ID))
  const env = { RULEWRIGHT_TOKEN_FILE: 'token' }
  const status = await runHere(['status', '--server', app.url], { cwd, env })
  assert.deepEqual([status.code, status.out], [0, 'new         a.yml'])
  assert.equal((await run(env)).code, 3)
  await app.stop()
  assert.equal((await run(env)).code, 3)
})
