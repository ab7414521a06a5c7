// The routes of the documentation. Its pages bring a Markdown parser along, which most starts of the
// product can do without: they are loaded with the first reader.

import type { Embedded } from '#platform/embedded.ts'
import { publicRoute, type Route } from '#http/routes.ts'
import type { DocsPages } from './docs.tsx'

export function docsRoutes(files: Pick<Embedded, 'list' | 'read'>): readonly Route[] {
  let opened: Promise<DocsPages> | undefined
  const docs = () => (opened ??= import('./docs.tsx').then(({ openDocs }) => openDocs(files)))
  return [
    publicRoute('GET', '/docs', async (c) => (await docs()).showDoc(c)),
    publicRoute('GET', '/docs/find', async (c) => (await docs()).findDocs(c)),
    publicRoute('GET', '/docs/:page', async (c) => (await docs()).showDoc(c, c.req.param('page'))),
    publicRoute('GET', '/api', async (c) => (await docs()).showApi(c)),
    publicRoute('GET', '/api/:noun', async (c) => (await docs()).showApi(c, c.req.param('noun'))),
  ]
}
