// Texts that try to act, and the watch that notices when one does. Lines of our own always; the shared
// corpus beside the checkout when it is there.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { BrowserContext } from 'playwright-core'
import { corpusPath } from '#test/support/corpora.ts'

export const OWN_LINES = [
  '<script>__xss(1)</script>',
  '"><img src=x onerror=__xss(2)>',
  "'><svg/onload=__xss(3)>",
  '<div hx-get="/api/admin/users" hx-trigger="load">',
  '"hx-on:click="__xss(4)',
  '</textarea><script>__xss(5)</script>',
  '</title><script>__xss(6)</script>',
  'javascript:__xss(7)',
  'JaVaScRiPt\t:__xss(8)',
  'data:text/html,<script>__xss(9)</script>',
  'https://attacker.invalid/"onmouseover="__xss(10)',
  '<base href="https://attacker.invalid/">',
  '<meta http-equiv="refresh" content="0;url=https://attacker.invalid/">',
  '<form action="https://attacker.invalid/"><input name="attributes">',
  '<hx-partial hx-target="#main">phish</hx-partial>',
  '{{constructor.constructor("__xss(11)")()}}',
  '\u202Egnp.exe \u2066\u2069 \u001B[31m',
  '&lt;script&gt;__xss(12)&lt;/script&gt;',
] as const

/** Lines of `class<TAB>payload as JSON`. */
export function readCorpus(): readonly string[] {
  const file = corpusPath('hostile/xss.txt.gz')
  if (file === undefined) return []
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => JSON.parse(line.slice(line.indexOf('\t') + 1)) as string)
}

/** Some lines at a time: escaping goes by character and knows no lines. */
export function bundled(lines: readonly string[]): readonly string[] {
  const texts: string[] = []
  for (let at = 0; at < lines.length; at += 12) texts.push(lines.slice(at, at + 12).join('\n'))
  return texts
}

/**
 * Every sign that a text acted: a script, a dialog, a request for another path than those that the test
 * itself opens.
 */
export async function watchFor(
  context: BrowserContext,
  origin: string,
  own = /^\/(static\/[\w.-]+|dev\/parts|instance\/signals)$/,
): Promise<string[]> {
  const signs: string[] = []
  await context.exposeFunction('__xssTold', (word: string) => void signs.push(word))
  await context.addInitScript(() => {
    const told = (globalThis as never as { __xssTold: (word: string) => void }).__xssTold
    Object.assign(globalThis, { __xss: (n: number) => told(`script ${n}`) })
    for (const name of ['alert', 'prompt', 'confirm']) {
      Object.assign(globalThis, { [name]: () => told(name) })
    }
  })
  context.on('request', (request) => {
    const { pathname, origin: from } = new URL(request.url())
    const isOurs = from === origin && own.test(pathname)
    if (!isOurs) signs.push(`${request.method()} ${request.url()}`)
  })
  return signs
}
