// `/docs`: the texts that ship with the product; `/api`: the API as its document says it. Open to all,
// because who cannot come in needs them most, and because nothing of this instance is in them. The
// routes load this file with the first reader.

import { AppError } from '#kernel/error.ts'
import { parseMarkdown, plainText, type Block } from '#languages/markdown/parse.ts'
import type { Embedded } from '#platform/embedded.ts'
import {
  ApiNounPage,
  ApiPage,
  DocsPage,
  type DocLink,
  type ShownOperation,
} from '#views/docs/docs-page.tsx'
import { API_ABOUT, type DocumentedOperation, type OpenApiDocument } from '#http/api/document.ts'
import { API_BASE } from '#http/api/operation.ts'
import { apiDocument } from '#http/api/operations.ts'
import type { HttpContext } from '#http/env.ts'
import { paperPage } from '#http/respond.tsx'

interface Doc {
  readonly slug: string
  readonly title: string
  readonly text: string
}

/** In the order a person meets them; what is not named follows by name. */
const ORDER = [
  'signing-in',
  'roles',
  'api',
  'settings',
  'targets',
  'mappings',
  'adoption',
  'deployments',
  'drift',
  'as-of',
  'sandbox',
  'audit',
  'keys',
  'logging',
  'lint',
  'attack',
  'exclusions',
  'changes',
  'health',
  'coverage',
  'triage',
  'upstreams',
]

export interface DocsPages {
  /** The first text where none is named. */
  readonly showDoc: (c: HttpContext, page?: string) => Response
  /** All of it at a glance, or the part about one noun. */
  readonly showApi: (c: HttpContext, noun?: string) => Response
}

export function openDocs(files: Pick<Embedded, 'list' | 'read'>): DocsPages {
  const docs = readDocs(files)
  return {
    showDoc: (c, name) => showDoc(c, docs, name),
    showApi: (c, noun) => showApi(c, docs, apiDocument(), noun),
  }
}

function readDocs(files: Pick<Embedded, 'list' | 'read'>): readonly Doc[] {
  const names = files.list('docs').filter((name) => /^[a-z-]+\.md$/.test(name))
  const docs = names.map((name) =>
    readDoc(name.slice(0, -'.md'.length), files.read(`docs/${name}`)),
  )
  return docs.toSorted((a, b) => rankOf(a) - rankOf(b))
}

function rankOf({ slug }: Doc): number {
  const rank = ORDER.indexOf(slug)
  return rank < 0 ? ORDER.length : rank
}

// A text is parsed when somebody reads it; every page shows the titles of all.
function readDoc(slug: string, bytes: Buffer): Doc {
  const text = bytes.toString()
  const [first] = markdown(text.split('\n', 1)[0]!)
  const title = first?.kind === 'heading' ? plainText(first.children) : slug
  return { slug, title, text }
}

/** Texts name each other as files; what is not among them is only named. */
function resolveLink(href: string): string | undefined {
  if (/^(https?|mailto):/i.test(href)) return href
  if (href.startsWith('#') || /^\/(?![/\\])/.test(href)) return href
  const file = /^([a-z-]+)\.md(#.*)?$/.exec(href)
  return file ? `/docs/${file[1]}${file[2] ?? ''}` : undefined
}

function linksOf(docs: readonly Doc[], path: string): readonly DocLink[] {
  const links = docs.map(({ slug, title }) => ({ href: `/docs/${slug}`, title }))
  return [...links, { href: '/api', title: 'API reference' }].map((link) => ({
    ...link,
    isCurrent: link.href === path,
  }))
}

function showDoc(c: HttpContext, docs: readonly Doc[], page: string | undefined): Response {
  const doc = page === undefined ? docs[0] : docs.find(({ slug }) => slug === page)
  if (!doc) throw new AppError('not_found', 'There is no such page.')
  const links = linksOf(docs, `/docs/${doc.slug}`)
  return paperPage(c, doc.title, <DocsPage links={links} blocks={markdown(doc.text)} />)
}

/** The list of all operations, or everything about those of one noun. */
function showApi(
  c: HttpContext,
  docs: readonly Doc[],
  document: OpenApiDocument,
  noun: string | undefined,
): Response {
  const links = linksOf(docs, '/api')
  const nouns = Map.groupBy(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ path, method, one })),
    ),
    ({ path }) => nounOf(path),
  )
  if (noun === undefined) {
    const shown = {
      links,
      about: markdown(API_ABOUT),
      documentUrl: `${API_BASE}/openapi.json`,
      nouns: [...nouns].map(([name, operations]) => ({
        noun: name,
        operations: operations.map(({ path, method, one }) => ({
          id: one.operationId,
          method: method.toUpperCase(),
          path,
          summary: one.summary,
        })),
      })),
    }
    return paperPage(c, 'API', <ApiPage {...shown} />)
  }
  const operations = nouns.get(noun)
  if (!operations) throw new AppError('not_found', 'There is no such page.')
  const shown = { links, noun, operations: operations.map((one) => showOperation(document, one)) }
  return paperPage(c, `API: ${noun}`, <ApiNounPage {...shown} />)
}

/** `/rules/{id}/versions` is about rules. */
const nounOf = (path: string) =>
  path
    .replace(API_BASE, '')
    .split('/')
    .find((part) => part !== '') ?? ''

function showOperation(
  document: OpenApiDocument,
  { path, method, one }: { path: string; method: string; one: DocumentedOperation },
): ShownOperation {
  return {
    id: one.operationId,
    method: method.toUpperCase(),
    path,
    about: markdown(`${one.summary}. ${one.description ?? ''}`),
    permission: one['x-permission'],
    parameters: one.parameters
      .filter((parameter) => parameter.in !== 'header' || parameter.required)
      .map(({ name, required, schema }) => ({
        name,
        isRequired: required,
        rule: Object.entries(schema)
          .filter(([key]) => key !== '$schema')
          .map(([key, value]) => `${key} ${plain(value)}`)
          .join(', '),
      })),
    body: schemaText(document, one.requestBody),
    answer: schemaText(document, Object.values(one.responses)[0]),
  }
}

const markdown = (text: string): readonly Block[] => parseMarkdown(text, { resolve: resolveLink })

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

/** The schema of a body as JSON, references to its parts left as they are. */
function schemaText(document: OpenApiDocument, holder: object | undefined): string | null {
  const text = JSON.stringify(holder ?? {})
  const name = /"\$ref":"#\/components\/schemas\/(\w+)"/.exec(text)?.[1]
  return name === undefined ? null : JSON.stringify(document.components.schemas[name], null, 1)
}
