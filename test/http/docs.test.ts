// The documentation that ships: every text stands, and every link within it leads somewhere.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { listRoutes } from '#http/door.ts'
import { parseDoc } from '#http/pages/docs-library.ts'
import { docsRoutes } from '#http/pages/docs-routes.ts'
import { makeSignInParts } from '#http/sign-in.ts'
import { WHYS, whyOf, whyOfPath } from '#http/whys.ts'
import { makeFace } from '#test/support/face.ts'
import { serveRoutes } from '#test/support/http.ts'
import { docOfProblem } from '#views/rules/problems.tsx'
import { startApp, type TestApp } from '#test/support/start-app.ts'

const root = path.resolve(import.meta.dirname, '../..')

let app: TestApp
const ends: (() => unknown)[] = []
before(async () => {
  app = await startApp({ after: (end: () => unknown) => void ends.push(end) })
})
after(async () => {
  for (const end of ends.toReversed()) await end()
})

test('every page of the documentation stands, and its links lead somewhere', async () => {
  const index = await (await app.fetch('/docs')).text()
  const pages = [...index.matchAll(/href="(\/docs\/[a-z-]+|\/api)"/g)].map((match) => match[1]!)
  assert.ok(pages.length >= 7, 'the premise')
  const texts = new Map<string, string>()
  const textOf = async (at: string, from: string) => {
    const known = texts.get(at)
    if (known !== undefined) return known
    const answer = await app.fetch(at)
    assert.equal(answer.status, 200, `${from} → ${at}`)
    texts.set(at, await answer.text())
    return texts.get(at)!
  }
  for (const page of new Set(pages)) {
    const text = await textOf(page, '/docs')
    const main = text.slice(text.indexOf('<article'))
    for (const [, href] of main.matchAll(/href="([^"]+)"/g)) {
      if (/^(https?|mailto):/.test(href!)) continue
      const [at, anchor] = href!.split('#')
      const target = at === '' ? text : await textOf(at!, page)
      if (anchor) assert.ok(target.includes(`id="${anchor}"`), `${page} → ${href}`)
    }
  }
  assert.equal((await app.fetch('/docs/nothing')).status, 404)
  assert.equal((await app.fetch('/docs/..%2fpackage')).status, 404)
})

test('every page says where the documentation tells why it exists, and that part stands', async (t) => {
  const { house, sessions } = await serveRoutes(t, [])
  const parts = { face: await makeFace(house), readiness: [] }
  const asked = listRoutes(parts, makeSignInParts(house.random, sessions)).filter(
    ({ method, path: at }) => method === 'GET' && !/^\/(api\/v1\/|scim\/|metrics$)/.test(at),
  )
  assert.ok(asked.length > 150, 'the premise')
  const routes = asked.map(({ path: at }) => at)
  const [declared, kept] = [new Set(routes), new Set(WHYS.keys())]
  assert.deepEqual([...declared.difference(kept)], [], 'routes without a why')
  assert.deepEqual([...kept.difference(declared)], [], 'whys without a route')

  const text = readFileSync(path.join(root, 'docs/pages.md'), 'utf8')
  const headings = parseDoc(text).flatMap((block) =>
    block.kind === 'heading' && block.level === 3 ? [block.id] : [],
  )
  const told = new Set([...WHYS.values()].filter((heading) => heading !== null))
  assert.deepEqual([...told.difference(new Set(headings))], [], 'whys without a heading')
  assert.deepEqual([...new Set(headings).difference(told)], [], 'headings of no page')
  for (const part of text.split(/^### /m).slice(1)) {
    const said = [...part.matchAll(/^\*\*(.+?)\.\*\*/gm)].map(([, word]) => word)
    assert.deepEqual(said, ['Why', 'Words', 'To do'], part.split('\n', 1)[0])
  }
})

test('a page links to its why, also when its form shows it again, and a file has none', async () => {
  const linked = (html: string) =>
    /class="[^"]*\bwhy\b[^"]*" href="([^"]+)"|href="([^"]+)"[^>]*class="[^"]*\bwhy\b/
      .exec(html)
      ?.slice(1)
      .find(Boolean)
  const rules = await (await app.fetchAs(app.cast.ada, '/w/acme/rules')).text()
  assert.equal(linked(rules), '/docs/pages#rules')
  assert.match(rules, /Why this page<\/span>/)
  assert.equal(linked(await (await app.fetch('/sign-in')).text()), '/docs/pages#the-sign-in-page')
  assert.equal(whyOf('/w/:slug/exclusions/:id/end'), '/docs/pages#an-exclusion')
  assert.equal(whyOf('/w/:slug/rules/export'), null)
  assert.equal(whyOfPath('/w/acme/rules/new'), '/docs/pages#the-editor')
  assert.equal(whyOfPath('/w/acme/rules/rul_1/tests'), '/docs/pages#a-rule-tests')
  assert.equal(whyOfPath('/nowhere'), null)
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

test('the reference shows every operation of the document', async () => {
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
  assert.deepEqual((await found('nigh')).links, ['/docs/a'], 'a beginning')
  const mistyped = await found('restroe')
  assert.deepEqual(mistyped.links, ['/docs/a#restore-one', '/docs/b'])
  assert.match(mistyped.list, /This is said of <strong>restore/)
  assert.deepEqual((await found('keys nightly server')).links, [
    '/docs/find?q=server',
    '/docs/find?q=keys',
  ])
})

test('every code that the product prints stands in the documentation, and no other', () => {
  const sources = globSync('src/**/*.{ts,tsx}', { cwd: root, exclude: ['src/standins/**'] })
  const texts = sources.map((name) => readFileSync(path.join(root, name), 'utf8'))
  const docs = globSync('docs/*.md', { cwd: root })
    .map((name) => readFileSync(path.join(root, name), 'utf8'))
    .join('\n')
  const said = new Set(docs.match(/(?<=`)[a-z…]+\/[a-z…-]+(?=`)/g))
  const printed = texts
    .flatMap((text) => [...text.matchAll(/(?:code: |['(] ?|^ +)'([a-z]+\/[a-z]+(?:-[a-z]+)*)'/gm)])
    .map((match) => match[1]!)
    .filter((code) => AREAS.has(code.split('/')[0]!))
  assert.ok(printed.length > 300, 'the premise')
  const untold = (code: string) => {
    const [area, name] = code.split('/')
    return !said.has(code) && !said.has(`${area}/…`) && !said.has(`…/${name}`)
  }
  const isOwn = (code: string) => untold(code) && !code.startsWith('exclusion/own-')
  assert.deepEqual([...new Set(printed.filter(isOwn))], [], 'printed and not told')

  const anchors = new Map(
    ['lint', 'problems'].map((name) => {
      const blocks = parseDoc(readFileSync(path.join(root, `docs/${name}.md`), 'utf8'))
      return [name, new Set(blocks.map((block) => block.kind === 'heading' && block.id))]
    }),
  )
  const onPages = printed.filter((code) => !code.startsWith('config/'))
  for (const href of new Set(onPages.map(docOfProblem))) {
    const [at, anchor] = href.replace('/docs/', '').split('#')
    assert.ok(anchors.get(at!)?.has(anchor!), href)
  }

  const names = new Set(
    texts.flatMap((text) => text.match(/(?<=['/`])[a-z]+(?:-[a-z]+)*(?=['`])/g) ?? []),
  )
  const problems = readFileSync(path.join(root, 'docs/problems.md'), 'utf8')
  const told = problems.match(/(?<=`)[a-z…]+\/[a-z-]+(?=`)/g) ?? []
  assert.deepEqual(
    told.filter((code) => !names.has(code.split('/')[1]!)),
    [],
    'told and not printed',
  )
  const read = sources.flatMap((name, at) =>
    name.startsWith('src/languages/')
      ? [...texts[at]!.matchAll(/cursor\.problem\(\s*'([a-z-]+)'/g)].map((match) => match[1]!)
      : [],
  )
  assert.ok(read.length > 30, 'the premise')
  assert.deepEqual(
    read.filter((name) => !said.has(`…/${name}`)),
    [],
    'read and not told',
  )
})

const AREAS: ReadonlySet<string> = new Set(
  'attack body change config cost esql eql exclusion guard import kuery kusto list lucene mapping query rule sigma spl target token upstream yaml'.split(
    ' ',
  ),
)

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

test('the roles and keys to copy hold what is needed, and those for reading write nothing', () => {
  const text = readFileSync(path.join(root, 'docs/credentials.md'), 'utf8')
  const blocks = [...text.matchAll(/^```json\n(?:[A-Z]+ \S+\n)?([\s\S]*?)^```$/gm)]
  const [azureRead, azureWrite, elasticRead, elasticWrite] = blocks.map(
    ([, block]) => JSON.parse(block!) as Record<string, unknown>,
  )
  const insights = 'Microsoft.SecurityInsights/alertRules'
  const logs = 'Microsoft.OperationalInsights/workspaces'
  const read = [`${logs}/read`, `${logs}/query/read`, `${insights}/read`]
  const actions = (role: unknown) => (role as { Actions: string[] }).Actions
  for (const name of read) assert.ok(actions(azureRead).includes(name), name)
  assert.ok(actions(azureRead).every((name) => name.endsWith('/read')))
  for (const name of [...read, `${insights}/write`, `${insights}/delete`]) {
    assert.ok(actions(azureWrite).includes(name), name)
  }
  const rights = (key: unknown) => {
    const { role_descriptors: roles } = key as { role_descriptors: Record<string, Descriptor> }
    const [{ cluster, indices, applications }] = Object.values(roles) as [Descriptor]
    const [ours, alerts] = indices.map(({ privileges }) => privileges)
    return { cluster, ours, alerts, kibana: applications[0]!.privileges }
  }
  const ours = ['read', 'view_index_metadata']
  assert.deepEqual(rights(elasticRead), {
    cluster: ['monitor'],
    ours,
    alerts: ['read'],
    kibana: ['feature_siemV5.read'],
  })
  assert.deepEqual(rights(elasticWrite), {
    cluster: ['monitor'],
    ours,
    alerts: ['read', 'write', 'maintenance'],
    kibana: ['feature_siemV5.all'],
  })
})

interface Descriptor {
  readonly cluster: readonly string[]
  readonly indices: readonly { readonly privileges: readonly string[] }[]
  readonly applications: readonly { readonly privileges: readonly string[] }[]
}

const constant = (source: string, name: string) =>
  new RegExp(`^const ${name} = '([^']+)'`, 'm').exec(source)?.[1] ?? ''
