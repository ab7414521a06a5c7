// The documentation that ships: every text stands, and every link within it leads somewhere.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { docsRoutes } from '#http/pages/docs-routes.ts'
import { serveRoutes } from '#test/support/http.ts'
import { startApp } from '#test/support/start-app.ts'

const root = path.resolve(import.meta.dirname, '../..')

test('every page of the documentation stands, and its links lead somewhere', async (t) => {
  const app = await startApp(t)
  const index = await (await app.fetch('/docs')).text()
  const pages = [...index.matchAll(/href="(\/docs\/[a-z-]+|\/api)"/g)].map((match) => match[1]!)
  assert.ok(pages.length >= 7, 'the premise')
  const texts = new Map<string, string>()
  for (const page of new Set(pages)) {
    const answer = await app.fetch(page)
    assert.equal(answer.status, 200, page)
    texts.set(page, await answer.text())
  }
  for (const [page, text] of texts) {
    const main = text.slice(text.indexOf('<article'))
    for (const [, href] of main.matchAll(/href="([^"]+)"/g)) {
      if (/^(https?|mailto):/.test(href!)) continue
      const [path, anchor] = href!.split('#')
      const answer = path === '' ? undefined : await app.fetch(path!)
      assert.ok(answer === undefined || answer.status === 200, `${page} → ${href}`)
      const target = answer === undefined ? text : await answer.text()
      if (anchor) assert.ok(target.includes(`id="${anchor}"`), `${page} → ${href}`)
    }
  }
  assert.equal((await app.fetch('/docs/nothing')).status, 404)
  assert.equal((await app.fetch('/docs/..%2fpackage')).status, 404)
})

test('what a text says is shown as text, whatever it holds', async (t) => {
  const files = {
    list: () => ['a.md'],
    read: () => Buffer.from('# A\n\n<script>1</script> ![i](//x.example/i.png) [j](javascript:1)'),
  }
  const { fetch } = await serveRoutes(t, docsRoutes(files))
  const html = await (await fetch('/docs/a')).text()
  const article = html.slice(html.indexOf('<article'))
  assert.match(article, /&lt;script&gt;/)
  assert.doesNotMatch(article, /<script|<img|href="(javascript|\/\/)/)
})

test('the reference shows every operation of the document', async (t) => {
  const app = await startApp(t)
  const document = (await (await app.fetch('/api/v1/openapi.json')).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>
  }
  const index = await (await app.fetch('/api')).text()
  for (const [path, methods] of Object.entries(document.paths)) {
    const noun = path.replace('/api/v1', '').split('/')[1]!
    const html = await (await app.fetch(`/api/${noun}`)).text()
    for (const { operationId } of Object.values(methods)) {
      assert.ok(index.includes(`/api/${noun}#${operationId}`), operationId)
      assert.ok(html.includes(`id="${operationId}"`), operationId)
    }
  }
  assert.equal((await app.fetch('/api/nothing')).status, 404)
})

test('words are found under their heading, however they are spelled, and never as markup', async (t) => {
  const texts: Record<string, string> = {
    'a.md':
      '# Backups\n\nMade every night.\n\n## Restore one\n\nStop the server first. <b>Held</b>',
    'b.md': '# Keys\n\nA backup needs its key to restore.',
  }
  const files = {
    list: () => Object.keys(texts),
    read: (name: string) => Buffer.from(texts[name.replace('docs/', '')]!),
  }
  const { fetch } = await serveRoutes(t, docsRoutes(files))
  const found = async (question: string) => {
    const answer = await fetch(`/docs/find?q=${encodeURIComponent(question)}`)
    assert.equal(answer.status, 200)
    const html = await answer.text()
    const list = html.slice(html.indexOf('<article'))
    return { list, links: [...list.matchAll(/href="([^"]+)"/g)].map(([, href]) => href) }
  }
  assert.deepEqual((await found('RESTORE')).links, ['/docs/a#restore-one', '/docs/b'])
  assert.deepEqual((await found('restore key')).links, ['/docs/b'])
  assert.match((await found('held')).list, /&lt;b&gt;Held/)
  const none = await found('<i>nothing</i>')
  assert.deepEqual(none.links, [])
  assert.match(none.list, /Nothing is said of/)
  assert.doesNotMatch(none.list, /<i>/)
  assert.deepEqual((await found('  ')).links, [])
})

test('the steps for credentials name every right that an adapter asks for', () => {
  const text = readFileSync(path.join(root, 'docs/credentials.md'), 'utf8')
  const named = ['splunk', 'sentinel', 'defender', 'opensearch'].flatMap((kind) => {
    const source = readFileSync(path.join(root, `src/adapters/siem/${kind}/privileges.ts`), 'utf8')
    const needed = source
      .split(/^const (?:EXCESS|TOO_MUCH|HARM)/m)[0]!
      .replaceAll(/\$\{(\w+)\}/g, (_, name: string) => constant(source, name))
    return [...needed.matchAll(/'(\w+(?:_\w+)+|\w+\.\w+\.All)'|`(Microsoft[\w./]+)`/g)].map(
      (match) => match[1] ?? match[2]!,
    )
  })
  assert.ok(named.length >= 14, `the premise: ${named.join(', ')}`)
  for (const name of named) {
    if (name.includes('/analytics/')) continue // either of two lets an app ask
    assert.ok(text.includes(`\`${name}\``), `docs/credentials.md names ${name}`)
  }
})

const constant = (source: string, name: string) =>
  new RegExp(`^const ${name} = '([^']+)'`, 'm').exec(source)?.[1] ?? ''
