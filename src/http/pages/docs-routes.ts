// The routes of the documentation. Its pages bring a Markdown parser along, which most starts of the
// product can do without: they are loaded with the first reader, and so is the search in their texts.

import type { Embedded } from '#platform/embedded.ts'
import { publicRoute, type Route } from '#http/routes.ts'
import type { DocsPages } from './docs.tsx'
import type { DocsSearch } from './docs-search.ts'

type Files = Pick<Embedded, 'list' | 'read'>

export function docsRoutes(files: Files): readonly Route[] {
  let opened: Promise<DocsPages> | undefined
  const docs = () => (opened ??= openPages(files))
  return [
    publicRoute('GET', '/docs', async (c) => (await docs()).showDoc(c)),
    publicRoute('GET', '/docs/find', async (c) => (await docs()).findDocs(c)),
    publicRoute('GET', '/docs/:page', async (c) => (await docs()).showDoc(c, c.req.param('page'))),
    publicRoute('GET', '/api', async (c) => (await docs()).showApi(c)),
    publicRoute('GET', '/api/:noun', async (c) => (await docs()).showApi(c, c.req.param('noun'))),
  ]
}

async function openPages(files: Files): Promise<DocsPages> {
  const [{ openDocs }, search] = await Promise.all([import('./docs.tsx'), docsSearch(files)])
  return openDocs(files, search)
}

const searches = new WeakMap<Files, Promise<DocsSearch>>()

/** One for all who look for words in these texts: the pages, and the palette. */
export function docsSearch(files: Files): Promise<DocsSearch> {
  const found = searches.get(files) ?? openSearch(files)
  searches.set(files, found)
  return found
}

async function openSearch(files: Files): Promise<DocsSearch> {
  const [{ partsOf, readDocs }, { openDocsSearch }] = await Promise.all([
    import('./docs-library.ts'),
    import('./docs-search.ts'),
  ])
  return openDocsSearch(() =>
    readDocs(files)
      .flatMap(({ docs }) => docs)
      .flatMap(partsOf),
  )
}
