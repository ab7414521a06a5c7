// A folder of 5,000 rule files beside a workspace: pushed for the first time, with nothing changed, with
// 50 files changed, and the same from a clone without its lock file.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { startProgram } from '#test/support/api.ts'
import { readCorpus } from '#test/support/corpora.ts'
import { runHere } from '#test/support/shell.ts'
import { startApp } from '#test/support/start-app.ts'
import type { Bench, Print } from './bench.ts'

export const bench: Bench = { name: 'push of a folder of rules', run }

const FILES = 5_000
const CHANGED = 50

async function run(say: Print): Promise<void> {
  const ends: (() => unknown)[] = []
  const t = { after: (end: () => unknown) => ends.push(end) } as unknown as TestContext
  const env = {
    RULEWRIGHT_SERVER_TOKEN_REQUESTS_PER_SECOND_MAX: '100000',
    RULEWRIGHT_SERVER_WORKSPACE_REQUESTS_PER_SECOND_MAX: '100000',
  }
  const app = await startApp(t, { env })
  const cwd = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
  try {
    const scopes = ['rules:read', 'rules:write'] as const
    const { text: token } = await startProgram(app, app.cast.ravi, { scopes })
    const names = writeFolder(cwd)
    const push = async (what: string, wanted = '') => {
      const began = performance.now()
      const argv = ['push', '--server', app.url]
      const { code, err } = await runHere(argv, { cwd, env: { RULEWRIGHT_TOKEN: token } })
      const seconds = (performance.now() - began) / 1_000
      say(what, `${seconds.toFixed(2)} s`, wanted)
      if (code !== 0) say(`  exit code ${code}`, err.split('\n').at(-1)!.slice(0, 60))
    }
    await push(`${FILES} files for the first time`)
    await push(`${FILES} files, nothing changed`, '≤ 2 s')
    for (const name of names.slice(0, CHANGED)) change(path.join(cwd, name))
    await push(`${FILES} files, ${CHANGED} changed`, '≤ 2 s')
    rmSync(path.join(cwd, 'rulewright.lock.json'))
    await push('nothing changed, in a clone without a lock file', '≤ 2 s')
  } finally {
    rmSync(cwd, { recursive: true })
    for (const end of ends) await end()
  }
}

/** There are fewer published rules than files here: the rest are the same ones with other ids. */
function writeFolder(cwd: string): readonly string[] {
  const corpus = readCorpus<{ yaml: string }>('sigma/rules.jsonl.gz').map(({ yaml }) => yaml)
  return Array.from({ length: FILES }, (_, at) => {
    const text = corpus[at % corpus.length]!
    const id = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
    const name = `group-${at % 40}/rule-${at}.yml`
    mkdirSync(path.join(cwd, path.dirname(name)), { recursive: true })
    writeFileSync(path.join(cwd, name), text.replace(/^id:.*$/m, `id: ${id}`))
    return name
  })
}

function change(file: string): void {
  writeFileSync(file, `${readFileSync(file, 'utf8').trimEnd()}\n# Seen again.\n`)
}
